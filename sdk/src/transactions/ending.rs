//! How transactions end: with all that is part of them, one after the other.

use chrono::Utc;
use diptych_macros::dual;

#[dual(engine)]
use super::AsyncTransaction;
use super::{CommitMode, IsolationLevel, TransactionState};
use crate::Error;
#[cfg(feature = "async")]
use crate::engine::apanic_caught;
#[dual(engine)]
use crate::engine::asend;
#[cfg(feature = "blocking")]
use crate::engine::panic_caught;
use crate::engine::{CalledFor as _, On, RunFailed, engine, rolled_back};
#[dual(engine)]
use crate::results::AsyncResultStore;
use crate::results::quoted;

/// How a transaction's function ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaves {
    Well,
    Badly,
}

impl Leaves {
    pub(crate) fn after<T, E>(ended: &Result<T, E>) -> Self {
        match ended {
            Ok(_) => Self::Well,
            Err(_) => Self::Badly,
        }
    }
}

#[dual(engine)]
impl AsyncTransaction {
    /// Commits it now, with all that is part of it, and gives whether that went well: where it did not, it is rolled back, and
    /// what went wrong is logged. One that has ended is left alone.
    ///
    /// What is begun here is carried through, also where the caller goes away meanwhile.
    pub async fn commit(&self) -> bool {
        self.athrough(|all| async move { all.acommit_all().await })
            .await
    }

    /// What is part of it first, in the order in which that was left.
    async fn acommit_all(&self) -> bool {
        let mut left = vec![AsyncStep::Into(self.clone())];
        let mut went_well = false;
        while let Some(step) = left.pop() {
            match step {
                AsyncStep::Into(node) => {
                    let Some(children) = node.to_end() else {
                        node.arelease().await;
                        continue;
                    };
                    left.push(AsyncStep::Of(node));
                    left.extend(children.into_iter().rev().map(AsyncStep::Into));
                }
                AsyncStep::Of(node) => {
                    let Some(parts) = node.acommit_own().await else {
                        continue;
                    };
                    went_well |= node.is(self);
                    // What was left meanwhile goes the same way; the others have ended.
                    left.extend(parts.into_iter().rev().map(AsyncStep::Into));
                }
            }
        }
        went_well
    }

    /// Rolls it back now, and then all that is part of it, the last part first. Gives whether its own hooks went well: after one that
    /// did not, no part is rolled back. What goes wrong is logged. One that has ended is left alone.
    ///
    /// What is begun here is carried through, also where the caller goes away meanwhile.
    pub async fn roll_back(&self) -> bool {
        self.athrough(|all| async move { all.aroll_all_back().await })
            .await
    }

    async fn aroll_all_back(&self) -> bool {
        if self.to_end().is_none() {
            self.arelease().await;
            return false;
        }
        self.aundo().await
    }

    /// Its function has ended. Who is part of another one leaves the rest to that.
    pub(crate) async fn aleave(&self, how: Leaves) {
        // What the function has begun, and not waited for.
        self.endings().over().await;
        let mode = self.facts().commit_mode;
        self.inner().is_left = true;
        if how == Leaves::Badly {
            self.aroll_all_back().await;
        } else if mode == CommitMode::Eager {
            self.acommit_all().await;
        }
        match (self.parent(), how, mode) {
            (Some(parent), ..) => parent.ahand_over(self).await,
            (None, Leaves::Badly, _) => {}
            (None, _, CommitMode::Off) => {
                self.aroll_all_back().await;
            }
            (None, ..) => {
                self.acommit_all().await;
            }
        }
        self.aend_late().await;
    }

    /// What was called in it after it had ended goes the same way.
    async fn aend_late(&self) {
        match self.state() {
            TransactionState::Committed => {
                let children = std::mem::take(&mut self.inner().children);
                for child in &children {
                    child.acommit_all().await;
                }
            }
            TransactionState::RolledBack => self.aundo_children().await,
            TransactionState::Active | TransactionState::Staged => {}
        }
    }

    /// One that is part of it has been left. Where it has ended itself, that one goes the same way.
    pub(super) async fn ahand_over(&self, child: &Self) {
        let gone = {
            let mut inner = self.inner();
            let gone = inner.is_left.then_some(inner.state);
            let has_ended = [TransactionState::Committed, TransactionState::RolledBack];
            let gone = gone.filter(|state| has_ended.contains(state));
            if gone.is_none() {
                inner.children.push(child.clone());
            }
            gone
        };
        match gone {
            Some(TransactionState::Committed) => {
                child.acommit_all().await;
            }
            Some(_) => {
                child.aroll_all_back().await;
            }
            None => {}
        }
        if child.is_rolled_back() {
            self.aroll_all_back().await;
        }
    }

    /// What was called in an attempt that failed, before another one.
    pub(crate) async fn aundo_attempt(&self) {
        self.athrough(|all| async move { all.aundo_children().await })
            .await;
    }

    /// All that is part of it, and not it.
    async fn aundo_children(&self) {
        let children = std::mem::take(&mut self.inner().children);
        for child in children.iter().rev() {
            child.aroll_all_back().await;
        }
    }

    /// What is part of it, if nobody ends it or has.
    fn to_end(&self) -> Option<Vec<Self>> {
        let mut inner = self.inner();
        let is_open = matches!(
            inner.state,
            TransactionState::Active | TransactionState::Staged
        );
        if !is_open || inner.is_ending {
            return None;
        }
        inner.is_ending = true;
        Some(inner.children.clone())
    }

    fn ended(&self, state: TransactionState) -> Vec<Self> {
        let mut inner = self.inner();
        inner.state = state;
        std::mem::take(&mut inner.children)
    }

    /// After all that is part of it, which it gives where that went well.
    async fn acommit_own(&self) -> Option<Vec<Self>> {
        #[dual(async)]
        let committed = apanic_caught(self.atry_to_commit()).await;
        #[dual(blocking)]
        let committed = panic_caught(|| self.try_to_commit());
        let parts = if let Err(failed) = committed {
            self.span().in_scope(|| {
                let key = self.shown_key();
                tracing::error!(
                    target: "prefect",
                    "An error was encountered while committing transaction {key}: {failed}"
                );
            });
            self.aundo().await;
            None
        } else {
            Some(self.ended(TransactionState::Committed))
        };
        self.arelease().await;
        parts
    }

    async fn atry_to_commit(&self) -> Result<(), RunFailed<String>> {
        let called = self.hooks().acall_all(On::Commit, self).await;
        called.map_err(RunFailed::Raised)?;
        let facts = self.facts();
        let Some(store) = facts.store.as_ref().filter(|_| facts.write_on_commit) else {
            return Ok(());
        };
        let staged = self.inner().staged.clone();
        let record = match staged {
            Some(record) => record,
            // A task run keeps its result itself, where it is part of nothing.
            None if facts.key.is_none() || facts.is_of_task() => return Ok(()),
            None => self.arecord(&()).await?,
        };
        Ok(store.persist(&record).await?)
    }

    /// Calls what is to be called, of this one and then of all that is part of it, the last part first.
    async fn aundo(&self) -> bool {
        let mut left = vec![self.clone()];
        let mut went_well = true;
        while let Some(node) = left.pop() {
            if !node.is(self) && node.to_end().is_none() {
                node.arelease().await;
                continue;
            }
            match node.atry_to_undo().await {
                Ok(()) => left.extend(node.ended(TransactionState::RolledBack)),
                Err(text) => {
                    went_well &= !node.is(self);
                    node.span().in_scope(|| {
                        let key = node.shown_key();
                        tracing::error!(
                            target: "prefect",
                            "An error was encountered while rolling back transaction {key}: {text}"
                        );
                    });
                }
            }
            node.arelease().await;
        }
        went_well
    }

    /// Its key as Python's logs show it.
    fn shown_key(&self) -> String {
        let key = self.facts().key.as_deref();
        key.map_or_else(|| "None".to_owned(), quoted)
    }

    async fn atry_to_undo(&self) -> Result<(), String> {
        self.hooks().acall_all(On::Rollback, self).await?;
        let task = self.inner().task.take();
        let Some(mut task) = task else {
            return Ok(());
        };
        let scope = &self.facts().within.scope;
        let event = task.enter(rolled_back(), &scope.related, Utc::now());
        let sent = match event {
            Ok(event) => asend(&scope.sender, &mut Some(event)).await,
            Err(error) => Err(error),
        };
        sent.map_err(|error| error.to_string())
    }

    /// Takes the lock of its key, if nobody else is to see it meanwhile.
    pub(crate) async fn alock(&self) -> Result<(), Error> {
        let facts = self.facts();
        let (Some(store), Some(key)) = (&facts.store, &facts.key) else {
            return Ok(());
        };
        if facts.isolation_level == IsolationLevel::Serializable {
            store.acquire_lock(key, None).await?;
            self.inner().is_locked = true;
        }
        Ok(())
    }

    async fn arelease(&self) {
        let was_locked = std::mem::take(&mut self.inner().is_locked);
        let facts = self.facts();
        let (Some(store), Some(key), true) = (&facts.store, &facts.key, was_locked) else {
            return;
        };
        #[dual(async)]
        let released = apanic_caught(areleased(store, key)).await;
        #[dual(blocking)]
        let released = panic_caught(|| released(store, key));
        if let Err(error) = released {
            tracing::warn!("the lock of a transaction can't be released: {error}");
        }
    }
}

/// Gives the lock of a key back.
#[dual(engine, map(areleased => released))]
async fn areleased(store: &AsyncResultStore, key: &str) -> Result<(), RunFailed<String>> {
    Ok(store.release_lock(key).await?)
}

/// What is left to do of a commit.
#[dual(engine)]
enum AsyncStep {
    /// What is part of it comes first.
    Into(AsyncTransaction),
    Of(AsyncTransaction),
}
