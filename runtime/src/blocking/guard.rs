//! Whether a blocking call is made on a thread on which an async executor is running.

use std::collections::BTreeSet;
use std::panic::Location;
use std::sync::{Mutex, PoisonError};

use crate::call::{Error, Operation};
use crate::exchange::options::OnAsyncContext;

/// The places in the source that were warned about.
static WARNED: Mutex<BTreeSet<Place>> = Mutex::new(BTreeSet::new());

type Place = (&'static str, u32, u32);

/// Does what was chosen for a blocking call on an executor's thread.
///
/// # Errors
/// The choice is [`OnAsyncContext::Deny`], and the thread is an executor's.
pub(super) fn check(
    choice: OnAsyncContext,
    operation: &'static Operation,
    twin: Option<&'static str>,
    caller: &'static Location<'static>,
) -> Result<(), Error> {
    if choice == OnAsyncContext::Allow || !is_executor_thread() {
        return Ok(());
    }
    let advice = match twin {
        Some(client) => format!("use {client}::{}, or spawn_blocking", operation.name()),
        None => "use the async client, or spawn_blocking".to_owned(),
    };
    if choice == OnAsyncContext::Deny {
        let text = format!("a blocking call on an async executor's thread, at {caller}: {advice}");
        return Err(Error::blocking_in_async(operation, text));
    }
    if is_new(caller) {
        let name = operation.name();
        tracing::warn!("{name} blocks an async executor's thread, at {caller}: {advice}");
    }
    Ok(())
}

fn is_new(caller: &'static Location<'static>) -> bool {
    let place = (caller.file(), caller.line(), caller.column());
    let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
    warned.insert(place)
}

/// Whether tokio is running a task or `block_on` on this thread, so that blocking it holds up other tasks.
///
/// That a runtime's handle can be had does not say so: it can be within `spawn_blocking`, `block_in_place` and
/// `Handle::enter` too. What says so is tokio's budget: it runs out only where tasks are polled. All that is taken of it
/// is given back. (Within `coop::unconstrained` it never runs out, and nothing is noticed.)
#[cfg(feature = "guard")]
fn is_executor_thread() -> bool {
    use std::task::{Context, Poll, Waker};

    use tokio::task::coop::poll_proceed;

    if tokio::runtime::Handle::try_current().is_err() {
        return false;
    }
    let mut context = Context::from_waker(Waker::noop());
    // What the first one remembers is the whole budget, and dropping it brings that back.
    let Poll::Ready(_whole) = poll_proceed(&mut context) else {
        return true;
    };
    (0..BUDGET).any(|_| match poll_proceed(&mut context) {
        Poll::Ready(part) => {
            part.made_progress();
            false
        }
        Poll::Pending => true,
    })
}

#[cfg(feature = "guard")]
const BUDGET: u32 = 128;

#[cfg(not(feature = "guard"))]
fn is_executor_thread() -> bool {
    false
}

#[cfg(all(test, feature = "guard"))]
mod tests {
    use std::task::{Context, Poll, Waker};

    use tokio::task::coop::poll_proceed;

    use super::*;

    #[test]
    fn tokio_s_budget_is_the_one_that_is_counted_on() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let taken = runtime.block_on(async {
            let mut context = Context::from_waker(Waker::noop());
            let mut taken = 0;
            while taken <= 8 * BUDGET
                && let Poll::Ready(part) = poll_proceed(&mut context)
            {
                part.made_progress();
                taken += 1;
            }
            taken
        });
        assert_eq!(
            taken, BUDGET,
            "tokio lets a task do another number of things now: BUDGET in guard.rs must be that number, or blocking calls \
             on its threads are not noticed"
        );
    }
}
