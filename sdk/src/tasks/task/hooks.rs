//! What is called when something becomes of a task's run.

use std::fmt::{Debug, Display};

use diptych_macros::dual;

#[dual(engine)]
use super::AsyncTask;
#[dual(engine)]
use crate::engine::AsyncTaskRunEntered;
use crate::engine::{On, engine};
#[dual(engine)]
use crate::transactions::AsyncTransaction;

/// What is called when a run enters a state, one after the other. It gives a `Result`; an error or a panic of it says nothing
/// against the run, and is logged.
#[dual(engine)]
impl<P, T, E> AsyncTask<P, T, E> {
    /// Adds what is called when a run begins, and when it begins again.
    #[must_use]
    #[track_caller]
    pub fn on_running<F, Fut, H>(mut self, hook: F) -> Self
    where
        F: Fn(AsyncTaskRunEntered) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.hooks.add(On::Running, hook);
        self
    }

    /// Adds what is called when a run has completed, after its `on_commit` hooks where it is part of no transaction but its own.
    #[must_use]
    #[track_caller]
    pub fn on_completion<F, Fut, H>(mut self, hook: F) -> Self
    where
        F: Fn(AsyncTaskRunEntered) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.hooks.add(On::Completion, hook);
        self
    }

    /// Adds what is called when a run has failed, and is not tried again.
    #[must_use]
    #[track_caller]
    pub fn on_failure<F, Fut, H>(mut self, hook: F) -> Self
    where
        F: Fn(AsyncTaskRunEntered) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.hooks.add(On::Failure, hook);
        self
    }
}

/// What is called when a run that has completed takes effect, or is undone: with the [transaction](crate::transactions) that it is
/// part of, or else when it ends.
///
/// ```async
/// # use prefect_sdk::{tasks::AsyncTask, transactions::AsyncTransaction};
/// # fn undone(write: AsyncTask<String, (), String>) -> AsyncTask<String, (), String> {
/// write.on_rollback(|_: AsyncTransaction| async { std::fs::remove_file("all.txt") })
/// # }
/// ```
///
/// ```blocking
/// # use prefect_sdk::{tasks::Task, transactions::Transaction};
/// # fn undone(write: Task<String, (), String>) -> Task<String, (), String> {
/// write.on_rollback(|_: Transaction| std::fs::remove_file("all.txt"))
/// # }
/// ```
#[dual(engine)]
impl<P, T, E> AsyncTask<P, T, E> {
    /// Adds what is called when a run is committed, before its result is kept. Where one gives an error, the run is rolled back.
    #[must_use]
    #[track_caller]
    pub fn on_commit<F, Fut, H>(mut self, hook: F) -> Self
    where
        F: Fn(AsyncTransaction) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.transaction_hooks.add(On::Commit, hook);
        self
    }

    /// Adds what is called when a run that had completed is rolled back, the last one first. After one that gives an error no other
    /// is called.
    #[must_use]
    #[track_caller]
    pub fn on_rollback<F, Fut, H>(mut self, hook: F) -> Self
    where
        F: Fn(AsyncTransaction) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.transaction_hooks.add(On::Rollback, hook);
        self
    }
}
