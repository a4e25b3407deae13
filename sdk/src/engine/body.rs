//! What the user wrote, and how it ends: a pair for each face.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "async")]
use std::pin::pin;
use std::sync::Arc;
#[cfg(feature = "async")]
use std::task::Poll;
use std::time::{Duration, Instant};

#[cfg(feature = "async")]
use futures_util::TryFutureExt as _;
#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;
#[cfg(feature = "async")]
use tracing::Instrument;
use tracing::Span;

use super::RunFailed;
#[cfg(feature = "async")]
use crate::cancellation::Cancellation;

/// The run that a function is called for.
pub(crate) trait CalledFor {
    /// What the function says through `tracing` is said in this.
    fn span(&self) -> Span;

    /// What stops the function, where that can be stopped: it is left then as soon as it awaits.
    #[cfg(feature = "async")]
    fn stopped_by(&self) -> Option<Cancellation>;
}

#[cfg(feature = "async")]
type AsyncFunction<R, P, T, E> =
    dyn Fn(R, P) -> BoxFuture<'static, Result<T, RunFailed<E>>> + Send + Sync;

/// A function of the user's: of a run (`R`) and of parameters.
#[cfg(feature = "async")]
pub(crate) struct AsyncBody<R, P, T, E> {
    function: Arc<AsyncFunction<R, P, T, E>>,
    stops: Stops,
}

/// What ends a function before it has ended.
#[cfg(feature = "async")]
#[derive(Clone, Copy)]
enum Stops {
    /// It is dropped where it awaits.
    WhereItAwaits,
    /// Nothing does, as it is on a thread.
    #[cfg(feature = "blocking")]
    Never,
}

/// A function of the user's: of a run (`R`) and of parameters.
#[cfg(feature = "blocking")]
pub(crate) struct Body<R, P, T, E>(Arc<dyn Fn(R, P) -> Result<T, E> + Send + Sync>);

#[cfg(feature = "async")]
impl<R, P, T, E> Clone for AsyncBody<R, P, T, E> {
    fn clone(&self) -> Self {
        Self {
            function: Arc::clone(&self.function),
            stops: self.stops,
        }
    }
}

#[cfg(feature = "blocking")]
impl<R, P, T, E> Clone for Body<R, P, T, E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(feature = "async")]
impl<R: CalledFor + Send + 'static, P: Send + 'static, T: 'static, E: 'static>
    AsyncBody<R, P, T, E>
{
    pub(crate) fn new<F, Fut>(function: F) -> Self
    where
        F: Fn(R, P) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        Self {
            function: Arc::new(move |run, parameters| {
                Box::pin(function(run, parameters).map_err(RunFailed::Raised))
            }),
            stops: Stops::WhereItAwaits,
        }
    }

    /// A function on a thread, which is not left before it has ended.
    #[cfg(feature = "blocking")]
    pub(super) fn unstopped<F, Fut>(function: F) -> Self
    where
        F: Fn(R, P) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, RunFailed<E>>> + Send + 'static,
    {
        Self {
            function: Arc::new(move |run, parameters| Box::pin(function(run, parameters))),
            stops: Stops::Never,
        }
    }

    /// Runs it once. A panic is caught; when the time is up it is dropped. What it gives after that, as nothing could stop it
    /// before, is not taken.
    pub(crate) async fn run(
        &self,
        run: R,
        parameters: P,
        timeout: Option<Duration>,
    ) -> Result<T, RunFailed<E>> {
        let begun = Instant::now();
        let span = run.span();
        let stopped_by = match self.stops {
            Stops::WhereItAwaits => run.stopped_by(),
            #[cfg(feature = "blocking")]
            Stops::Never => None,
        };
        let caught = async {
            let mut work = catch_unwind(AssertUnwindSafe(|| (self.function)(run, parameters)))?;
            std::future::poll_fn(move |context| {
                let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut *context)));
                match polled {
                    Ok(Poll::Pending) => Poll::Pending,
                    Ok(Poll::Ready(ended)) => Poll::Ready(Ok(ended)),
                    Err(panic) => Poll::Ready(Err(panic)),
                }
            })
            .await
        };
        let caught = unless_stopped(caught.instrument(span), stopped_by);
        let caught = match (timeout_of(timeout), self.stops) {
            (None, _) => caught.await,
            (Some(timeout), Stops::WhereItAwaits) => {
                match tokio::time::timeout(timeout, caught).await {
                    Ok(caught) if begun.elapsed() <= timeout => caught,
                    _ => return Err(RunFailed::TimedOut(timeout)),
                }
            }
            #[cfg(feature = "blocking")]
            (Some(timeout), Stops::Never) => match caught.await {
                _ if begun.elapsed() > timeout => return Err(RunFailed::TimedOut(timeout)),
                caught => caught,
            },
        };
        caught.map_or(Err(RunFailed::Cancelled), ended)
    }
}

/// What the work gives, unless it is to stop before.
#[cfg(feature = "async")]
async fn unless_stopped<T>(
    work: impl Future<Output = T>,
    stopped_by: Option<Cancellation>,
) -> Option<T> {
    let Some(cancellation) = stopped_by else {
        return Some(work.await);
    };
    let (mut work, mut stop) = (pin!(work), pin!(cancellation.ato_stop()));
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => stop.as_mut().poll(context).map(|()| None),
    })
    .await
}

#[cfg(feature = "blocking")]
impl<R: CalledFor, P, T, E> Body<R, P, T, E> {
    pub(crate) fn new<F>(function: F) -> Self
    where
        F: Fn(R, P) -> Result<T, E> + Send + Sync + 'static,
    {
        Self(Arc::new(function))
    }

    /// Runs it once. A panic is caught. Nothing stops it when the time is up, but what it gives is not taken then.
    pub(crate) fn run(
        &self,
        run: R,
        parameters: P,
        timeout: Option<Duration>,
    ) -> Result<T, RunFailed<E>> {
        let begun = Instant::now();
        let span = run.span();
        let caught = span.in_scope(|| catch_unwind(AssertUnwindSafe(|| (self.0)(run, parameters))));
        match timeout_of(timeout) {
            Some(timeout) if begun.elapsed() > timeout => Err(RunFailed::TimedOut(timeout)),
            _ => ended(caught.map(|given| given.map_err(RunFailed::Raised))),
        }
    }
}

/// For how long a function may run; for ever where that is no time at all, as in Python.
pub(crate) fn timeout_of(set: Option<Duration>) -> Option<Duration> {
    set.filter(|timeout| !timeout.is_zero())
}

fn ended<T, E>(
    caught: Result<Result<T, RunFailed<E>>, Box<dyn Any + Send>>,
) -> Result<T, RunFailed<E>> {
    match caught {
        Ok(given) => given,
        Err(panic) => Err(RunFailed::Panicked(said(&*panic))),
    }
}

/// What the engine's work gives; a panic of what it calls, such as of what writes parameters as JSON, ends no more than that.
#[cfg(feature = "async")]
pub(crate) async fn apanic_caught<T, E>(
    work: impl Future<Output = Result<T, RunFailed<E>>>,
) -> Result<T, RunFailed<E>> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut *context)));
        polled.unwrap_or_else(|panic| Poll::Ready(Err(RunFailed::Panicked(said(&*panic)))))
    })
    .await
}

/// What the engine's work gives; a panic of what it calls, such as of what writes parameters as JSON, ends no more than that.
#[cfg(feature = "blocking")]
pub(crate) fn panic_caught<T, E>(
    work: impl FnOnce() -> Result<T, RunFailed<E>>,
) -> Result<T, RunFailed<E>> {
    let caught = catch_unwind(AssertUnwindSafe(work));
    caught.unwrap_or_else(|panic| Err(RunFailed::Panicked(said(&*panic))))
}

/// What a panic says.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("it said nothing that can be shown")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No run at all.
    impl CalledFor for () {
        fn span(&self) -> Span {
            Span::none()
        }

        #[cfg(feature = "async")]
        fn stopped_by(&self) -> Option<Cancellation> {
            None
        }
    }

    /// A run that can be cancelled.
    #[cfg(feature = "async")]
    impl CalledFor for Cancellation {
        fn span(&self) -> Span {
            Span::none()
        }

        fn stopped_by(&self) -> Option<Cancellation> {
            Some(self.clone())
        }
    }

    #[cfg(feature = "async")]
    #[tokio::test]
    async fn what_is_cancelled_is_left_where_it_awaits_but_not_within_a_shield() {
        let endless = AsyncBody::new(|run: Cancellation, is_shielded: bool| async move {
            let shield = is_shielded.then(|| run.shield());
            run.request();
            tokio::task::yield_now().await;
            if shield.is_some() {
                return Ok::<u32, String>(1);
            }
            std::future::pending().await
        });
        let left = endless.run(Cancellation::new(), false, None).await;
        assert!(matches!(left, Err(RunFailed::Cancelled)));
        let done = endless.run(Cancellation::new(), true, None).await;
        assert_eq!(done.unwrap(), 1);
    }

    #[cfg(feature = "blocking")]
    #[test]
    fn a_panic_is_a_failure_with_its_words() {
        let body = Body::new(|(), number: u32| {
            assert!(number > 0, "{number} is too small");
            std::panic::panic_any(number);
            #[expect(unreachable_code, reason = "it says what the function would give")]
            Ok::<(), String>(())
        });
        let small = body.run((), 0, None).unwrap_err();
        assert!(matches!(small, RunFailed::Panicked(text) if text == "0 is too small"));
        let other = body.run((), 1, None).unwrap_err();
        assert!(matches!(other, RunFailed::Panicked(text) if text.starts_with("it said")));
    }

    #[cfg(feature = "blocking")]
    #[test]
    fn what_is_late_is_not_taken() {
        let body = Body::new(|(), ()| {
            std::thread::sleep(Duration::from_millis(5));
            Ok::<u32, String>(1)
        });
        let late = body.run((), (), Some(Duration::from_millis(1)));
        assert!(matches!(late, Err(RunFailed::TimedOut(_))));
        for enough in [Duration::from_hours(1), Duration::ZERO] {
            assert_eq!(body.run((), (), Some(enough)).unwrap(), 1);
        }
    }

    #[cfg(feature = "async")]
    #[tokio::test]
    async fn an_async_body_is_dropped_when_its_time_is_up_and_its_panic_is_caught() {
        let endless = AsyncBody::new(|(), ()| std::future::pending::<Result<(), String>>());
        let late = endless.run((), (), Some(Duration::from_millis(1))).await;
        assert!(matches!(late, Err(RunFailed::TimedOut(_))));
        // Nothing stops it, but it is late.
        let unyielding = AsyncBody::new(|(), ()| async {
            std::thread::sleep(Duration::from_millis(5));
            Ok::<(), String>(())
        });
        let late = unyielding.run((), (), Some(Duration::from_millis(1))).await;
        assert!(matches!(late, Err(RunFailed::TimedOut(_))));
        let yields = AsyncBody::new(|(), ()| async {
            tokio::task::yield_now().await;
            Ok::<u32, String>(1)
        });
        let endless = yields.run((), (), Some(Duration::ZERO)).await;
        assert_eq!(endless.unwrap(), 1);
        let panicking = AsyncBody::new(|(), ()| async {
            tokio::task::yield_now().await;
            assert_eq!(1, 2, "no");
            Ok::<(), String>(())
        });
        let failed = panicking.run((), (), None).await.unwrap_err();
        assert!(matches!(failed, RunFailed::Panicked(text) if text.contains("no")));
    }
}
