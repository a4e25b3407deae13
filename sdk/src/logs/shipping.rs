//! Sends what is in a batcher.

use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;

use super::batcher::{Batcher, Step};
#[dual(sdk)]
use crate::background::AsyncMailbox;
#[dual(sdk)]
use crate::faces::asleep;
use crate::faces::sdk;

/// How often in a row a sender that was dropped tries to reach the server.
const LAST_ATTEMPTS: u32 = 10;

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Until the batcher's other side is gone and everything is sent.
#[dual(sdk)]
pub(super) async fn aship(client: &AsyncPrefectClient, mailbox: &AsyncMailbox<Batcher>) {
    let mut failures = 0;
    loop {
        let seen = mailbox.seen();
        let is_closed = mailbox.is_closed();
        if is_closed {
            mailbox.queue().hurry_all();
        }
        let step = mailbox.queue().next(Instant::now());
        match step {
            Step::Idle(_) if is_closed && mailbox.queue().is_empty() => return,
            Step::Idle(left) => mailbox.wait(seen, left).await,
            Step::Post(logs) => match client.create_logs(&logs).await {
                Ok(_) => {
                    failures = 0;
                    mailbox.queue().posted(logs.len());
                    mailbox.progressed();
                }
                Err(error) if is_passing(&error) => {
                    failures += 1;
                    if is_closed && failures >= LAST_ATTEMPTS {
                        tracing::error!("the last logs were not delivered: {error}");
                        return;
                    }
                    tracing::debug!(failures, "logs are not delivered, trying again: {error}");
                    asleep(Duration::from_secs(failures.into()).min(LONGEST_PAUSE)).await;
                }
                Err(error) => {
                    let text = format!("{} logs were not taken: {error}", logs.len());
                    tracing::error!("{text}");
                    mailbox.queue().refused(logs.len(), text);
                    mailbox.progressed();
                }
            },
        }
    }
}

/// Whether the same logs may be taken later. What is no answer of the server is a connection's fault, unless it is ours.
fn is_passing(error: &prefect_client::Error) -> bool {
    match error.status() {
        Some(status) => status.is_server_error() || error.is_retryable(),
        None => {
            !(error.is_request()
                || error.is_config()
                || error.is_decode()
                || error.is_incompatible()
                || error.is_blocking_in_async())
        }
    }
}
