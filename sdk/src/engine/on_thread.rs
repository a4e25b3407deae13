//! Work that blocks, beside what is awaited.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use tokio::sync::oneshot;

use crate::Error;

/// Does the work on a thread of its own, while the executor's goes on. A panic of it goes on here.
pub(crate) async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let (tell, told) = oneshot::channel();
    let thread = thread::Builder::new().name("prefect-guest".to_owned());
    let started = thread.spawn(move || {
        // Where nobody hears it, what it gives ends here.
        drop(tell.send(catch_unwind(AssertUnwindSafe(work))));
    });
    if let Err(error) = started {
        let text = "no thread can be started for a blocking function";
        return Err(Error::lost(text).because(error));
    }
    match told.await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => Err(Error::lost("the thread of a blocking function has ended")),
    }
}
