//! The server that `cargo xtask test` started.

use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use uuid::Uuid;

pub(crate) fn api_url() -> String {
    std::env::var("PREFECT_TEST_API_URL").expect(
        "PREFECT_TEST_API_URL is not set: run `cargo xtask test`, or start `cargo xtask server`",
    )
}

pub(crate) fn client() -> PrefectClient {
    PrefectClient::new(&api_url()).expect("a blocking client")
}

pub(crate) fn async_client() -> AsyncPrefectClient {
    AsyncPrefectClient::new(&api_url()).expect("an async client")
}

/// Runs the async face.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(future)
}

/// A name that no other test, and no other run of this one, has: lower case, digits and dashes.
pub(crate) fn unique(name: &str) -> String {
    format!("{name}-{}", Uuid::new_v4().simple())
}

/// Does what may be done twice until the server is not too busy to answer.
pub(crate) fn patiently<T>(act: impl Fn() -> Result<T, prefect_sdk::client::Error>) -> T {
    let limit = std::time::Instant::now() + std::time::Duration::from_mins(3);
    loop {
        match act() {
            Ok(done) => return done,
            Err(error) => assert!(std::time::Instant::now() < limit, "{error}"),
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}
