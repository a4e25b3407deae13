//! A function that runs within a transaction.

use diptych_macros::dual;
#[cfg(feature = "async")]
use tracing::Instrument as _;

use super::Leaves;
use super::options::TransactionOptions;
use super::transaction::Of;
#[dual(engine)]
use super::{AsyncTransaction, AsyncTransactionFacts};
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
/// with all that is part of it; or rolled back, where the function gives an error, panics or is dropped. Either is carried through:
/// where the caller goes away meanwhile, a task goes on with it, and the flow run does not end before.
///
/// One that can't be committed is rolled back, which is logged: it says nothing against the function.
///
/// What the function calls in one that has ended already goes the same way when that is left: where it was committed by its `commit`, or
/// from the start by a record below its key, that is committed too; where it was rolled back, undone. In Python it is neither, so
/// that nobody keeps its result.
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
    let mut open = AsyncOpen::here(transaction.clone())?;
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
        commit_mode: AsyncTransaction::mode_within(&within, options.commit_mode),
        isolation_level: AsyncTransaction::level_within(&within, options.isolation_level),
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

/// A transaction that is open. When this is dropped before it is left, it is left badly.
#[dual(engine)]
pub(crate) struct AsyncOpen {
    transaction: AsyncTransaction,
    is_left: bool,
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
            is_left: false,
            transaction,
        })
    }

    pub(crate) fn transaction(&self) -> &AsyncTransaction {
        &self.transaction
    }
}

#[cfg(feature = "async")]
impl AsyncOpen {
    /// It is left once, and wholly, though the caller may go away meanwhile.
    pub(crate) async fn aleave(&mut self, how: Leaves) {
        if std::mem::replace(&mut self.is_left, true) {
            return;
        }
        let mut carried = Self {
            transaction: self.transaction.clone(),
            is_left: false,
            home: self.home.clone(),
            part: self.part.take(),
        };
        let work = async move {
            carried.aleave_here(how).await;
            drop(carried);
        };
        self.home.carry_through(work.in_current_span()).await;
    }

    async fn aleave_here(&mut self, how: Leaves) {
        self.transaction.aleave(how).await;
        self.is_left = true;
    }
}

#[cfg(feature = "blocking")]
impl Open {
    /// It is left once.
    pub(crate) fn leave(&mut self, how: Leaves) {
        if !self.is_left {
            self.transaction.leave(how);
            self.is_left = true;
        }
    }
}

#[cfg(feature = "async")]
impl Drop for AsyncOpen {
    fn drop(&mut self) {
        if !self.is_left {
            let (transaction, part) = (self.transaction.clone(), self.part.take());
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
        if !self.is_left {
            self.home.begin(|| self.transaction.leave(Leaves::Badly));
        }
        drop(self.part.take());
    }
}
