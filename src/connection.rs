//! What only Prefect has about a connection: its headers, and the environment variables that name the server.

use std::env::VarError;
use std::time::Duration;

use diptych_runtime::http::{HeaderMap, HeaderValue};
use diptych_runtime::{Authorization, Config, Error, Secret};

use crate::{PREFECT_VERSION, PrefectSession, retry_policy};

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
    let headers = HeaderMap::from_iter([(
        diptych_runtime::http::HeaderName::from_static("x-prefect-api-version"),
        HeaderValue::from_static(API_VERSION),
    )]);
    let config = Config::new(api_url)?;
    let session = PrefectSession::new(&config.base_url());
    config
        .default_headers(headers)
        .retry_policy(retry_policy())
        .session(session)
        .async_twin("AsyncPrefectClient")
        .attempt_timeout(ATTEMPT_TIMEOUT)
        .timeout(ATTEMPT_TIMEOUT * 3)
        .user_agent(&format!("prefect/{PREFECT_VERSION} (API {API_VERSION})"))
}

/// Prefect's own default for `PREFECT_API_REQUEST_TIMEOUT`.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// A configuration from `PREFECT_API_URL`, and `PREFECT_API_AUTH_STRING` or else `PREFECT_API_KEY`.
///
/// Profiles and files are not read.
///
/// # Errors
///
/// When `PREFECT_API_URL` is missing or is not an absolute `http` or `https` URL, or a credential can't be sent.
pub fn config_from_env() -> Result<Config, Error> {
    let url = variable("PREFECT_API_URL")?;
    let url = url.ok_or_else(|| Error::config("PREFECT_API_URL is not set"))?;
    let config = config(&url)?;
    // Prefect sends the auth string rather than the key where both are set.
    if let Some(auth_string) = variable("PREFECT_API_AUTH_STRING")? {
        return config.authorization(&Authorization::Basic(Secret::from(auth_string)));
    }
    match variable("PREFECT_API_KEY")? {
        Some(key) => config.authorization(&Authorization::Bearer(Secret::from(key))),
        None => Ok(config),
    }
}

/// An empty variable is as good as none.
fn variable(name: &str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::config(format!("{name} is not text in UTF-8"))),
    }
}

#[cfg(feature = "blocking")]
impl crate::PrefectClient {
    /// A client of the API at `api_url`, such as `http://127.0.0.1:4200/api`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// As [`config`].
    pub fn new(api_url: &str) -> Result<Self, Error> {
        Self::from_config(config(api_url)?)
    }

    /// A client from the environment. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// As [`config_from_env`].
    pub fn from_env() -> Result<Self, Error> {
        Self::from_config(config_from_env()?)
    }
}

#[cfg(feature = "async")]
impl crate::AsyncPrefectClient {
    /// A client of the API at `api_url`, such as `http://127.0.0.1:4200/api`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// As [`config`].
    pub fn new(api_url: &str) -> Result<Self, Error> {
        Self::from_config(config(api_url)?)
    }

    /// A client from the environment. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// As [`config_from_env`].
    pub fn from_env() -> Result<Self, Error> {
        Self::from_config(config_from_env()?)
    }
}
