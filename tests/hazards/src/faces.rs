//! The two faces as most tests want them: one request for one call.

use std::time::Duration;

use prefect_client::{AsyncPrefectClient, Config, NoRetry, PrefectClient, PrefectSession};
use tokio::runtime::{Builder, Runtime};

/// What takes longer than this hangs.
pub const HANG: Duration = Duration::from_secs(30);

/// A configuration that sends what is asked for and nothing else: no retry, no version, no token.
///
/// # Panics
///
/// When the URL is none.
#[must_use]
pub fn config(url: &str) -> Config {
    let session = PrefectSession::new(url)
        .without_version_check()
        .without_csrf();
    prefect_client::config(url)
        .expect("the URL is one")
        .session(session)
        .retry_policy(NoRetry)
        .timeout(HANG)
        .attempt_timeout(None)
}

/// The blocking face.
///
/// # Panics
///
/// When it can't be built.
#[must_use]
pub fn blocking(config: Config) -> PrefectClient {
    PrefectClient::from_config(config).expect("the configuration can be used")
}

/// The async face.
///
/// # Panics
///
/// When it can't be built.
#[must_use]
pub fn asynchronous(config: Config) -> AsyncPrefectClient {
    AsyncPrefectClient::from_config(config).expect("the configuration can be used")
}

/// A runtime of one thread.
///
/// # Panics
///
/// When the system has no more of what it takes.
#[must_use]
pub fn current_thread() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("the system has what a runtime takes")
}

/// A runtime of two worker threads.
///
/// # Panics
///
/// When the system has no more of what it takes.
#[must_use]
pub fn multi_thread() -> Runtime {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("the system has what a runtime takes")
}
