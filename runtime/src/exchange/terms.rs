//! What the exchanges of a client go by.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};

use super::base_url::BaseUrl;
use super::clock::Clock;
use super::credentials::Credentials;
use super::retry::{Attempt, Retry, RetryPolicy};
use super::session::Session;

/// Sees each attempt as it ends, and the one that follows it.
pub(crate) type Observer = dyn Fn(&Attempt<'_>, Option<&Retry>) + Send + Sync;

/// What the exchanges of a client go by.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) base_url: BaseUrl,
    pub(crate) credentials: Credentials,
    pub(crate) default_headers: HeaderMap,
    pub(crate) user_agent: HeaderValue,
    pub(crate) timeout: Option<Duration>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) max_redirects: u32,
    pub(crate) retry: Arc<dyn RetryPolicy>,
    pub(crate) session: Option<Arc<dyn Session>>,
    pub(crate) observer: Option<Arc<Observer>>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Whether that clock is the machine's, to which sockets keep.
    pub(crate) keeps_machine_time: bool,
}
