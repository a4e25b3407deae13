//! Who drives the futures of a storage: a pair for each face.

#[cfg(feature = "async")]
pub(super) async fn adrive<T>(work: impl Future<Output = T>) -> T {
    work.await
}

/// Drives a future on the caller's thread. What it sends is sent there, so that it waits at most for another thread which
/// asks for the same credentials.
#[cfg(feature = "blocking")]
pub(super) fn drive<T>(work: impl Future<Output = T>) -> T {
    use std::sync::Arc;
    use std::task::{Context, Poll, Wake, Waker};
    use std::thread::{self, Thread};

    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut work = std::pin::pin!(work);
    loop {
        match work.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            Poll::Pending => thread::park(),
        }
    }
}
