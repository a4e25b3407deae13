//! A transaction: what is part of it, and what is to be committed.

use std::fmt::{self, Debug, Display};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diptych_macros::dual;
use prefect_client::json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Span;
use uuid::Uuid;

#[dual(engine)]
use super::carried::AsyncEndings;
use super::values::Values;
use super::{CommitMode, IsolationLevel, TransactionState};
use crate::Error;
#[cfg(feature = "async")]
use crate::cancellation::Cancellation;
#[dual(engine)]
use crate::engine::{AsyncCalledBy, AsyncCaller, AsyncEnclosingRun, AsyncHooks, AsyncWithin};
use crate::engine::{CalledFor, On, TaskRecord, engine};
use crate::logs;
#[dual(engine)]
use crate::results::AsyncResultStore;
use crate::results::{CreateRecordOptions, ResultRecord};

/// A transaction that is open, or was. Clones are the same one. Tasks and flows that are called in it are part of it.
#[dual(engine)]
#[derive(Clone)]
pub struct AsyncTransaction {
    node: Arc<AsyncNode>,
}

#[dual(engine)]
struct AsyncNode {
    facts: AsyncTransactionFacts,
    values: Arc<Values>,
    inner: Mutex<AsyncInner>,
    endings: Arc<AsyncEndings>,
}

/// What is known of a transaction from the start.
#[dual(engine)]
pub(crate) struct AsyncTransactionFacts {
    /// What it is in; the transaction of that encloses it.
    pub(crate) within: AsyncWithin,
    pub(crate) key: Option<String>,
    /// Where its record is kept, and its key is locked.
    pub(crate) store: Option<AsyncResultStore>,
    pub(crate) commit_mode: CommitMode,
    pub(crate) isolation_level: IsolationLevel,
    pub(crate) write_on_commit: bool,
    pub(crate) of: Of,
}

/// What it is of: what its hooks say through `tracing` is said there.
#[derive(Clone)]
pub(crate) enum Of {
    Function(Span),
    TaskRun(Uuid),
}

#[dual(engine)]
impl AsyncTransactionFacts {
    pub(super) fn is_of_task(&self) -> bool {
        matches!(self.of, Of::TaskRun(_))
    }
}

#[dual(engine)]
pub(super) struct AsyncInner {
    pub(super) state: TransactionState,
    /// Whether somebody ends it.
    pub(super) is_ending: bool,
    /// Whether its function has ended.
    pub(super) is_left: bool,
    pub(super) is_locked: bool,
    pub(super) children: Vec<AsyncTransaction>,
    pub(super) staged: Option<ResultRecord>,
    hooks: AsyncHooks<AsyncTransaction>,
    /// The task run that it is of, once that has completed.
    pub(super) task: Option<TaskRecord>,
}

#[dual(engine)]
impl AsyncTransaction {
    pub(crate) fn new(facts: AsyncTransactionFacts) -> Self {
        let around = facts.within.transaction.as_ref();
        let values = Values::within(around.map(Self::values));
        Self::with_values(facts, values)
    }

    pub(super) fn with_values(facts: AsyncTransactionFacts, values: Arc<Values>) -> Self {
        let inner = AsyncInner {
            state: TransactionState::Active,
            is_ending: false,
            is_left: false,
            is_locked: false,
            children: Vec::new(),
            staged: None,
            hooks: AsyncHooks::default(),
            task: None,
        };
        let inner = Mutex::new(inner);
        let node = AsyncNode {
            facts,
            values,
            inner,
            endings: Arc::default(),
        };
        let node = Arc::new(node);
        Self { node }
    }

    /// That of a task run.
    pub(crate) fn of_task(
        within: &AsyncWithin,
        store: Option<&AsyncResultStore>,
        key: Option<&str>,
        isolation_level: Option<IsolationLevel>,
        id: Uuid,
    ) -> Self {
        Self::new(AsyncTransactionFacts {
            key: key.map(str::to_owned),
            store: store.cloned(),
            commit_mode: Self::mode_within(within, None),
            isolation_level: Self::level_within(within, isolation_level),
            within: within.clone(),
            write_on_commit: true,
            of: Of::TaskRun(id),
        })
    }

    /// The mode that is set, or else that of the transaction around it.
    pub(super) fn mode_within(within: &AsyncWithin, set: Option<CommitMode>) -> CommitMode {
        let around = within.transaction.as_ref();
        let mode = set.or_else(|| around.map(|around| around.facts().commit_mode));
        mode.unwrap_or(CommitMode::Lazy)
    }

    /// The level that is set, or else that of the transaction around it.
    pub(super) fn level_within(
        within: &AsyncWithin,
        set: Option<IsolationLevel>,
    ) -> IsolationLevel {
        let around = within.transaction.as_ref();
        let level = set.or_else(|| around.map(|around| around.facts().isolation_level));
        level.unwrap_or(IsolationLevel::ReadCommitted)
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, AsyncInner> {
        self.node
            .inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn endings(&self) -> &Arc<AsyncEndings> {
        &self.node.endings
    }

    pub(super) fn values(&self) -> &Arc<Values> {
        &self.node.values
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.node, &other.node)
    }

    pub(super) fn facts(&self) -> &AsyncTransactionFacts {
        &self.node.facts
    }

    /// Where its record is kept, if it has a key.
    pub(crate) fn store(&self) -> Option<&AsyncResultStore> {
        self.facts().store.as_ref()
    }

    /// The one that it is part of.
    pub(super) fn parent(&self) -> Option<&Self> {
        self.facts().within.transaction.as_ref()
    }

    /// Its key, if it has one.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.facts().key.as_deref()
    }

    /// How far it is.
    #[must_use]
    pub fn state(&self) -> TransactionState {
        self.inner().state
    }

    /// Whether it is committed; if so from the start, what is kept below its key was there before.
    #[must_use]
    pub fn is_committed(&self) -> bool {
        self.state() == TransactionState::Committed
    }

    /// Whether it is undone.
    #[must_use]
    pub fn is_rolled_back(&self) -> bool {
        self.state() == TransactionState::RolledBack
    }

    /// Remembers a value by a name, for hooks and for transactions in this one.
    ///
    /// # Errors
    ///
    /// The value has no JSON ([`Error::is_invalid`]).
    pub fn set<T: Serialize + ?Sized>(&self, name: &str, value: &T) -> Result<(), Error> {
        let value = json::to_value(value);
        let text = || format!("the value `{name}` has no JSON");
        let value = value.map_err(|error| Error::invalid(text()).because(error))?;
        self.values().set(name, value);
        Ok(())
    }

    /// The value of that name, or that of the transaction which this one is part of.
    ///
    /// # Errors
    ///
    /// There is none ([`Error::is_not_found`]), or it is not of that type ([`Error::is_unfit`]).
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        let value = self.values().get(name).ok_or_else(|| {
            let text = format!("the transaction has no value `{name}`");
            Error::not_found(text)
        })?;
        serde_json::from_value(value).map_err(|error| {
            let text = format!("the value `{name}` is not of the type that is asked for");
            Error::unfit(text).because(error)
        })
    }

    /// Adds what is called when it is committed, with it, before its record is kept: the first one first. Where one gives an error, no
    /// other is called, and it is rolled back.
    #[track_caller]
    pub fn on_commit<F, Fut, H>(&self, hook: F)
    where
        F: Fn(AsyncTransaction) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.inner().hooks.add(On::Commit, hook);
    }

    /// Adds what is called when it is rolled back, with it; the last one first. After one that gives an error no other is called.
    #[track_caller]
    pub fn on_rollback<F, Fut, H>(&self, hook: F)
    where
        F: Fn(AsyncTransaction) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.inner().hooks.add(On::Rollback, hook);
    }

    pub(super) fn hooks(&self) -> AsyncHooks<AsyncTransaction> {
        self.inner().hooks.clone()
    }

    /// Sets what is kept below its key when it is committed; nothing but that it was, unless set.
    ///
    /// # Errors
    ///
    /// It has no key, or the value has no JSON or can't be written ([`Error::is_invalid`]).
    pub async fn stage<T: Serialize + Sync + ?Sized>(&self, value: &T) -> Result<(), Error> {
        let record = self.arecord(value).await?;
        self.put(Some(record));
        Ok(())
    }

    pub(super) async fn arecord<T: Serialize + Sync + ?Sized>(
        &self,
        value: &T,
    ) -> Result<ResultRecord, Error> {
        let facts = self.facts();
        let (Some(store), Some(key)) = (&facts.store, &facts.key) else {
            let text = "the transaction has no key below which something could be kept";
            return Err(Error::invalid(text));
        };
        let options = CreateRecordOptions::new().key(key);
        store.create_record_with(value, &options).await
    }

    fn put(&self, record: Option<ResultRecord>) {
        let mut inner = self.inner();
        // As with Python's, who has something to commit is not undone any more by what went wrong in it.
        if inner.state != TransactionState::Committed {
            inner.staged = record;
            inner.state = TransactionState::Staged;
            inner.is_ending = false;
        }
    }

    /// What is kept below its key.
    ///
    /// # Errors
    ///
    /// It has no key, or there is nothing ([`Error::is_not_found`]), or that is not of that type, or of a Python class that can't be
    /// read here ([`Error::is_unfit`]); or it can't be read.
    pub async fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let facts = self.facts();
        let (Some(store), Some(key)) = (&facts.store, &facts.key) else {
            return Err(Error::not_found("the transaction has no key"));
        };
        store.read(key).await?.value()
    }

    /// The task run that it is of has completed: this is to be kept, and these are called.
    pub(crate) fn stage_task(
        &self,
        record: Option<ResultRecord>,
        task: TaskRecord,
        hooks: &AsyncHooks<AsyncTransaction>,
    ) {
        let mut inner = self.inner();
        if inner.state != TransactionState::Committed {
            inner.hooks = hooks.clone();
            inner.task = Some(task);
        }
        drop(inner);
        self.put(record);
    }

    /// What is kept below its key was there before.
    pub(crate) fn had(&self) {
        self.inner().state = TransactionState::Committed;
    }

    /// Whether others end with it, or it with another, so that nothing is kept before.
    pub(crate) fn is_shared(&self) -> bool {
        self.parent().is_some() || !self.inner().children.is_empty()
    }
}

#[dual(engine)]
impl AsyncEnclosingRun for AsyncTransaction {
    fn within(&self) -> AsyncWithin {
        AsyncWithin {
            transaction: Some(self.clone()),
            ..self.facts().within.clone()
        }
    }
}

#[dual(engine)]
impl AsyncCaller for AsyncTransaction {
    fn called_by(&self) -> AsyncCalledBy {
        AsyncCalledBy::Run(self.within())
    }
}

#[dual(engine)]
impl CalledFor for AsyncTransaction {
    fn span(&self) -> Span {
        let facts = self.facts();
        match &facts.of {
            Of::Function(span) => span.clone(),
            Of::TaskRun(id) => logs::span_of_task_run(facts.within.scope.logs, *id, None),
        }
    }

    #[cfg(feature = "async")]
    fn stopped_by(&self) -> Option<Cancellation> {
        None
    }
}

#[dual(engine)]
impl Debug for AsyncTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("key", &self.facts().key)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
