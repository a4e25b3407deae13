//! `http://` and `https://`: what a server gives, to be read only.

use http::{HeaderMap, HeaderName, HeaderValue};
use opendal::Operator;
use opendal::services::Http;

use super::super::address::Base;
use super::schemes::{Opened, operator};
use super::settings::Settings;
use crate::Error;

/// Only Python's speed depends on them.
const PASSED_OVER: [&str; 4] = ["asynchronous", "block_size", "cache_type", "size_policy"];

pub(super) fn open(base: &Base, settings: &mut Settings<'_>) -> Result<Opened, Error> {
    let server = format!("{}://{}", base.scheme, base.netloc);
    let builder = Http::default().endpoint(&server);
    let mut opened = Opened::new(operator(base, Operator::new(builder))?);
    for group in ["headers.", "client_kwargs.headers."] {
        for (name, value) in settings.group(group)? {
            opened.headers.extend(header(&name, &value)?);
        }
    }
    opened.timeout = settings.seconds("client_kwargs.timeout")?;
    settings.pass_over(&PASSED_OVER);
    Ok(opened)
}

/// The value is not shown: it may be a secret.
fn header(name: &str, value: &str) -> Result<HeaderMap, Error> {
    let parsed = HeaderName::try_from(name)
        .ok()
        .zip(HeaderValue::try_from(value).ok());
    let (name, mut value) =
        parsed.ok_or_else(|| Error::invalid(format!("the setting `{name}` is not a header")))?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(name, value)]))
}
