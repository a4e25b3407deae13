//! Delivers what is in an outbox, over as many connections as it takes.

use std::time::{Duration, Instant};

use diptych_macros::dual;

use super::outbox::{Failed, Outbox, Step};
#[dual(sdk)]
use crate::background::AsyncMailbox;
#[dual(sdk)]
use crate::faces::asleep;
use crate::faces::sdk;
#[dual(sdk)]
use crate::websocket::{AsyncSocket, aconnect};
use crate::websocket::{Broken, Endpoint, Incoming};

/// How often in a row a sender that was dropped tries to reach the server; Prefect's own number.
const LAST_ATTEMPTS: u32 = 10;

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Until the outbox's other side is gone and everything is confirmed, or the server refuses the client.
#[dual(sdk)]
pub(super) async fn adeliver(endpoint: &Endpoint, mailbox: &AsyncMailbox<Outbox>) {
    let mut failures = 0;
    loop {
        let broken = match aconnect(endpoint).await {
            Ok(socket) => match aserve(socket, mailbox).await {
                Ok(()) => return,
                Err(broken) => broken,
            },
            Err(broken) => broken,
        };
        if mailbox.queue().disconnected() {
            failures = 0;
        }
        failures += 1;
        if let Some(failed) = end(&broken, failures, mailbox.is_closed(), endpoint) {
            mailbox.queue().fail(failed);
            mailbox.progressed();
            return;
        }
        tracing::debug!(failures, ?broken, "no connection for events, trying again");
        asleep(pause(failures)).await;
        if !aawait_work(mailbox).await {
            return;
        }
    }
}

/// Sends over one connection; `Ok` where everything is done.
#[dual(sdk)]
async fn aserve(mut socket: AsyncSocket, mailbox: &AsyncMailbox<Outbox>) -> Result<(), Broken> {
    mailbox.queue().connected(Instant::now());
    loop {
        let seen = mailbox.seen();
        let step = mailbox.queue().next(Instant::now());
        match step {
            Step::Send(event) => socket.send(event).await?,
            Step::Ping(number) => socket.ping(number).await?,
            Step::Look => {
                // Nothing is expected but the server's own pings, and its goodbye.
                socket.receive(Duration::ZERO).await?;
                mailbox.queue().looked(Instant::now());
            }
            Step::Await(left) => match socket.receive(left).await? {
                Incoming::Nothing => {
                    return Err(Broken::Lost("a ping was not answered".to_owned()));
                }
                Incoming::Text(_) => {}
                Incoming::Pong(number) => {
                    mailbox.queue().pong(number, Instant::now());
                    mailbox.progressed();
                }
            },
            Step::Idle(left) if !mailbox.is_closed() => mailbox.wait(seen, left).await,
            Step::Idle(_) if mailbox.queue().is_empty() => {
                socket.close().await;
                return Ok(());
            }
            Step::Idle(_) => {
                mailbox.queue().hurry_all();
            }
        }
    }
}

/// Waits until there is something to send: a connection that nobody needs is not opened again. `false` where there
/// never will be.
#[dual(sdk)]
async fn aawait_work(mailbox: &AsyncMailbox<Outbox>) -> bool {
    loop {
        let seen = mailbox.seen();
        if !mailbox.queue().is_empty() {
            return true;
        }
        if mailbox.is_closed() {
            return false;
        }
        mailbox.wait(seen, Duration::from_secs(3600)).await;
    }
}

/// The first attempts follow at once, as for a connection that a load balancer closed.
fn pause(failures: u32) -> Duration {
    Duration::from_secs(failures.saturating_sub(2).into()).min(LONGEST_PAUSE)
}

/// Why no attempt follows, where none does.
fn end(broken: &Broken, failures: u32, is_closed: bool, endpoint: &Endpoint) -> Option<Failed> {
    let text = broken.clone().into_error(&endpoint.address()).to_string();
    if matches!(broken, Broken::Refused(_)) {
        tracing::error!("events are no longer sent: {text}");
        return Some(Failed::Refused(text));
    }
    if is_closed && failures >= LAST_ATTEMPTS {
        tracing::error!("the last events were not delivered: {text}");
        return Some(Failed::GivenUp(text));
    }
    if failures == LAST_ATTEMPTS {
        tracing::warn!("events can't be delivered at present: {text}");
    }
    None
}
