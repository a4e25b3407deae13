//! A function that runs within a transaction.

use diptych_macros::dual;

use super::Leaves;
use super::options::TransactionOptions;
use super::transaction::Of;
#[dual(engine)]
use super::{AsyncTransaction, AsyncTransactionFacts};
use super::{CommitMode, IsolationLevel};
use crate::Error;
#[dual(engine)]
use crate::background::AsyncHome;
use crate::engine::engine;
#[dual(engine)]
use crate::engine::{AsyncEnclosingRun, AsyncPart, AsyncWithin};

/// Opens a transaction within a run, or within another transaction, and calls the function with it: [`atransaction_with`].
///
/// # Errors
///
/// As those of [`atransaction_with`].
#[dual(engine)]
pub async fn atransaction<F, Fut, T, E>(run: &impl AsyncEnclosingRun, function: F) -> Result<T, E>
where
    F: FnOnce(AsyncTransaction) -> Fut + Send,
    Fut: Future<Output = Result<T, E>> + Send,
    T: Send,
    E: From<Error> + Send,
{
    atransaction_with(run, &TransactionOptions::new(), function).await
}

/// Opens a transaction within a run, or within another transaction, and calls the function with it. After that it is committed,
/// with all that is part of it; or rolled back, where the function gives an error, panics or is dropped.
///
/// One that can't be committed is rolled back, which is logged: it says nothing against the function.
///
/// # Errors
///
/// The function gives an error. Or it is not called: there is a key, and nothing says where results are kept
/// ([`Error::is_invalid`]); or the key stays locked ([`Error::is_timeout`], [`Error::is_lost`]), or it can't be looked what is kept
/// below it.
#[dual(engine)]
pub async fn atransaction_with<F, Fut, T, E>(
    run: &impl AsyncEnclosingRun,
    options: &TransactionOptions,
    function: F,
) -> Result<T, E>
where
    F: FnOnce(AsyncTransaction) -> Fut + Send,
    Fut: Future<Output = Result<T, E>> + Send,
    T: Send,
    E: From<Error> + Send,
{
    let transaction = AsyncTransaction::new(afacts(run.within(), options)?);
    let open = AsyncOpen::here(transaction.clone())?;
    abegun(&transaction, options).await?;
    let ended = function(transaction).await;
    open.aleave(Leaves::after(&ended)).await;
    ended
}

#[dual(engine)]
fn afacts(
    within: AsyncWithin,
    options: &TransactionOptions,
) -> Result<AsyncTransactionFacts, Error> {
    let parent = within.transaction.as_ref().map(AsyncTransaction::facts);
    let commit_mode = options.commit_mode;
    let commit_mode = commit_mode.or_else(|| parent.map(|parent| parent.commit_mode));
    let isolation_level = options.isolation_level;
    let isolation_level = isolation_level.or_else(|| parent.map(|parent| parent.isolation_level));
    let store = match (&options.key, &within.scope.results) {
        (None, _) => None,
        (Some(_), None) => {
            let text = "the transaction has a key, and nothing says where results are kept: see `RunFlowOptions::results`";
            return Err(Error::invalid(text));
        }
        (Some(_), Some(store)) => {
            let store = store.for_one_holder();
            Some(match &options.locks {
                Some(locks) => store.locks(std::sync::Arc::clone(locks)),
                None => store,
            })
        }
    };
    Ok(AsyncTransactionFacts {
        key: options.key.clone(),
        store,
        commit_mode: commit_mode.unwrap_or(CommitMode::Lazy),
        isolation_level: isolation_level.unwrap_or(IsolationLevel::ReadCommitted),
        write_on_commit: options.write_on_commit,
        of: Of::Function(tracing::Span::current()),
        within,
    })
}

#[dual(engine)]
async fn abegun(transaction: &AsyncTransaction, options: &TransactionOptions) -> Result<(), Error> {
    transaction.alock().await?;
    let facts = transaction.facts();
    if let (Some(store), Some(key), false) = (&facts.store, &facts.key, options.overwrite)
        && store.exists(key).await?
    {
        transaction.had();
    }
    Ok(())
}

/// A transaction that is open. When this is dropped, it is left, and badly.
#[dual(engine)]
pub(crate) struct AsyncOpen {
    transaction: Option<AsyncTransaction>,
    home: AsyncHome,
    /// The flow run does not end before.
    part: Option<AsyncPart>,
}

#[dual(engine)]
impl AsyncOpen {
    pub(crate) fn here(transaction: AsyncTransaction) -> Result<Self, Error> {
        Ok(Self {
            home: AsyncHome::here()?,
            part: Some(transaction.facts().within.scope.work.parts.begin()),
            transaction: Some(transaction),
        })
    }

    pub(crate) fn get(&self) -> Option<&AsyncTransaction> {
        self.transaction.as_ref()
    }

    pub(crate) async fn aleave(mut self, how: Leaves) {
        if let Some(transaction) = &self.transaction {
            transaction.aleave(how).await;
        }
        self.transaction = None;
    }
}

#[cfg(feature = "async")]
impl Drop for AsyncOpen {
    fn drop(&mut self) {
        let part = self.part.take();
        if let Some(transaction) = self.transaction.take() {
            self.home.begin(async move {
                transaction.aleave(Leaves::Badly).await;
                drop(part);
            });
        }
    }
}

#[cfg(feature = "blocking")]
impl Drop for Open {
    fn drop(&mut self) {
        let transaction = self.transaction.take();
        self.home.begin(|| {
            if let Some(transaction) = transaction {
                transaction.leave(Leaves::Badly);
            }
        });
        drop(self.part.take());
    }
}
