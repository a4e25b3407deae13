//! `http://` and `https://`: what a server gives, to be read only.

use opendal::Operator;
use opendal::services::Http;

use super::super::address::Base;
use super::headers::headers;
use super::opened::{Opened, operator};
use super::settings::Settings;
use crate::Error;

/// Only Python's speed depends on them.
const PASSED_OVER: [&str; 4] = ["asynchronous", "block_size", "cache_type", "size_policy"];

pub(super) fn open(base: &Base, settings: &mut Settings<'_>) -> Result<Opened, Error> {
    let server = format!("{}://{}", base.scheme, base.netloc);
    let builder = Http::default().endpoint(&server);
    let mut opened = Opened::new(operator(base, Operator::new(builder))?);
    opened.headers = headers(settings, &["headers.", "client_kwargs.headers."])?;
    opened.timeout = settings.seconds("client_kwargs.timeout")?;
    settings.pass_over(&PASSED_OVER);
    Ok(opened)
}
