//! What only Prefect has about a connection: its headers, retries and session.

use std::time::Duration;

use diptych_runtime::http::{HeaderMap, HeaderName, HeaderValue};
use diptych_runtime::{Config, Error};

use crate::generated::DESCRIPTION_VERSION as PREFECT_VERSION;
use crate::retry::retry_policy;
use crate::session::PrefectSession;

/// The version of the REST API that the client speaks.
pub const API_VERSION: &str = "0.8.4";

/// A configuration for the Prefect API at `api_url`, such as `http://127.0.0.1:4200/api`.
///
/// It says the API version and, as a user agent, what Prefect's own client says: the server reads it to decide which
/// features the client knows. It has Prefect's [retries](retry_policy), settles with the server what Prefect's client
/// does ([`PrefectSession`]), and gives an attempt one minute and a call three.
///
/// # Errors
///
/// When the URL is not an absolute `http` or `https` URL.
pub fn config(api_url: &str) -> Result<Config, Error> {
    let config = Config::new(api_url)?;
    let session = PrefectSession::new(&config.base_url());
    config
        .default_headers(default_headers())
        .retry_policy(retry_policy())
        .session(session)
        .async_twin("AsyncPrefectClient")
        .attempt_timeout(ATTEMPT_TIMEOUT)
        .timeout(ATTEMPT_TIMEOUT * 3)
        .user_agent(&format!("prefect/{PREFECT_VERSION} (API {API_VERSION})"))
}

/// Prefect's own default for `PREFECT_API_REQUEST_TIMEOUT`.
const ATTEMPT_TIMEOUT: Duration = Duration::from_mins(1);

/// What every request says.
pub(crate) fn default_headers() -> HeaderMap {
    HeaderMap::from_iter([(
        HeaderName::from_static("x-prefect-api-version"),
        HeaderValue::from_static(API_VERSION),
    )])
}
