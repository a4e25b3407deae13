//! A transaction of an async run, as blocking functions see it that are called in it.

use std::sync::Arc;

use tracing::Span;

use super::transaction::Of;
use super::{AsyncTransaction, AsyncTransactionFacts, Leaves, Transaction, TransactionFacts};
use crate::Error;
use crate::background::{AsyncHome, begin};
use crate::engine::{AsyncWithin, Host, Within, on_thread};

impl Host for AsyncTransaction {
    type Guest = Transaction;

    /// What is called in it is part of the guest, which goes the way of its host.
    fn guest(&self, home: &AsyncHome) -> Result<Transaction, Error> {
        let facts = self.facts();
        let guest = TransactionFacts {
            within: Within {
                scope: facts.within.scope.guests(home)?,
                parent: facts.within.parent,
                persists: facts.within.persists,
                turn: None,
                transaction: None,
            },
            key: facts.key.clone(),
            store: facts.store.as_ref().map(|store| store.on_threads(home)),
            commit_mode: facts.commit_mode,
            isolation_level: facts.isolation_level,
            // The host writes it.
            write_on_commit: false,
            of: facts.of.clone(),
        };
        let guest = Transaction::with_values(guest, Arc::clone(self.values()));
        guest.inner().state = self.state();
        Ok(guest)
    }
}

impl AsyncTransaction {
    /// What was called in a guest is part of this from here on.
    pub(crate) async fn aleft_by(&self, guest: Transaction) {
        self.athrough(|host| async move { host.atake_over(guest).await })
            .await;
    }

    async fn atake_over(&self, guest: Transaction) {
        guest.inner().is_left = true;
        if !guest.is_rolled_back() && !guest.is_shared() {
            return;
        }
        let facts = self.facts();
        let part = AsyncTransaction::new(AsyncTransactionFacts {
            within: AsyncWithin {
                transaction: Some(self.clone()),
                ..facts.within.clone()
            },
            key: None,
            store: None,
            commit_mode: facts.commit_mode,
            isolation_level: facts.isolation_level,
            write_on_commit: false,
            of: Of::Function(Span::none()),
        });
        if guest.is_rolled_back() {
            part.roll_back().await;
        }
        let undone = guest.clone();
        part.on_commit(move |_| ended(guest.clone(), Transaction::commit));
        part.on_rollback(move |_| ended(undone.clone(), Transaction::roll_back));
        self.ahand_over(&part).await;
    }
}

/// Ends it on a thread. What goes wrong is said there.
async fn ended(guest: Transaction, how: fn(&Transaction) -> bool) -> Result<(), Error> {
    on_thread(move || how(&guest)).await.map(drop)
}

impl Transaction {
    /// Whoever called what it is of is gone: what was called in it is undone.
    pub(crate) fn forgotten(self) {
        self.inner().is_left = true;
        if !self.is_shared() {
            return;
        }
        if let Err(error) = begin(move || self.leave(Leaves::Badly)) {
            tracing::error!("what a blocking function has done can't be undone: {error}");
        }
    }
}
