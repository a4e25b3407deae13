//! What single calls can be told, and what they tell, in both faces.
#![cfg(all(feature = "blocking", feature = "async"))]

mod durations;
mod early;
mod failures;
mod options;
mod raw;
mod stale;
#[path = "../support/mod.rs"]
mod support;

use diptych_runtime::{Call, CallOptions, Config, Error, asynchronous, blocking};

/// The outcome of a call in the blocking face, then in the async one.
fn both<T>(config: &Config, options: &CallOptions, call: fn() -> Call<T>) -> [Result<T, Error>; 2] {
    let client = blocking::Client::new(config.clone()).unwrap();
    let first = client.with(options.clone()).execute(call());
    let client = asynchronous::Client::new(config.clone()).unwrap();
    let second = support::block_on(client.with(options.clone()).execute(call()));
    [first, second]
}

/// The error of a call in both faces.
fn errors<T>(config: &Config, call: fn() -> Call<T>) -> [Error; 2] {
    both(config, &CallOptions::new(), call).map(|outcome| outcome.err().unwrap())
}
