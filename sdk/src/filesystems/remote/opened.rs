//! What each scheme makes of its settings.

use std::time::Duration;

use http::HeaderMap;
use opendal::Operator;

use super::super::address::Base;
use super::failure::failed;
use crate::Error;

/// What the settings of a scheme come to.
pub(super) struct Opened {
    pub(super) operator: Operator,
    pub(super) timeout: Option<Duration>,
    /// Sent with each request.
    pub(super) headers: HeaderMap,
}

impl Opened {
    pub(super) fn new(operator: Operator) -> Self {
        Self {
            operator,
            timeout: None,
            headers: HeaderMap::new(),
        }
    }
}

/// An operator of what was built, which says nothing of the settings where that fails.
#[cfg(any(
    feature = "s3",
    feature = "azure",
    feature = "gcs",
    feature = "webdav",
    feature = "memory",
    feature = "http"
))]
pub(super) fn operator(base: &Base, built: opendal::Result<Operator>) -> Result<Operator, Error> {
    built.map_err(|error| failed(&format!("opening `{}`", base.text), &[], &error))
}
