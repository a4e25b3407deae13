//! Delivers what is in an outbox.

use std::time::Instant;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::{CallOptions, NoRetry};

use super::outbox::Errand;
#[dual(sdk)]
use super::{AsyncMailbox, AsyncShip};
use super::{Item, OnRejected, Verdict};
use crate::faces::sdk;

/// The client that items are sent with. It tries once, as the outbox decides what follows, and whoever waits is to be told
/// why an attempt did not get through as soon as that is known.
#[dual(sdk)]
pub(crate) fn asending(client: &AsyncPrefectClient) -> AsyncPrefectClient {
    client.with(CallOptions::new().retry(NoRetry))
}

/// Until the outbox's other side is gone and everything is settled, or the server refuses the client.
#[dual(sdk)]
pub(crate) async fn adeliver<T: AsyncShip>(
    client: &AsyncPrefectClient,
    mailbox: &AsyncMailbox<T>,
    on_rejected: &OnRejected<T>,
) {
    let _end = AsyncEnd(mailbox);
    loop {
        let (seen, is_closed) = (mailbox.seen(), mailbox.is_closed());
        let step = mailbox.outbox().next(Instant::now(), is_closed);
        let batch = match step {
            Errand::Post(batch) => batch,
            Errand::Look(traces) => {
                let found = T::stored(client, &traces).await;
                mailbox.outbox().looked(found, Instant::now());
                awent_on(mailbox);
                continue;
            }
            Errand::Count(sought) => {
                let found = T::in_state(client, &sought).await;
                mailbox.outbox().counted(found, Instant::now());
                awent_on(mailbox);
                continue;
            }
            Errand::Find(ids) => {
                let found = T::states(client, &ids).await;
                mailbox.outbox().found(found, Instant::now());
                awent_on(mailbox);
                continue;
            }
            Errand::Idle(left) => {
                mailbox.wait(seen, left).await;
                continue;
            }
            Errand::End => return,
        };
        let answer = T::ship(client, batch.items()).await;
        let verdict = Verdict::of(answer, T::operation());
        let rejected = mailbox.outbox().settled(batch, verdict, Instant::now());
        for (item, reason) in rejected {
            tracing::error!("{} was not taken: {reason}", item.describe().name);
            on_rejected.call(&item, &reason);
        }
        awent_on(mailbox);
    }
}

#[dual(sdk)]
fn awent_on<T: Item>(mailbox: &AsyncMailbox<T>) {
    if mailbox.is_closed() {
        mailbox.outbox().give_up();
    }
    mailbox.progressed();
}

/// Whyever delivering ends, also by a panic or with the runtime, nobody waits for it any longer, and it is said what is
/// lost.
#[dual(sdk)]
struct AsyncEnd<'a, T: Item>(&'a AsyncMailbox<T>);

#[dual(sdk)]
impl<T: Item> Drop for AsyncEnd<'_, T> {
    fn drop(&mut self) {
        let lost = self.0.outbox().ended();
        self.0.progressed();
        if let Some(lost) = lost {
            tracing::error!("{lost}");
        }
    }
}
