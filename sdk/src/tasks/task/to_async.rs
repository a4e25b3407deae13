//! A blocking task in async flows.

use super::{AsyncTask, Task};
use crate::engine::AsyncBody;

impl<P: Send + 'static, T: Send + 'static, E: Send + 'static> Task<P, T, E> {
    /// The same task for async flows, where it is called, awaited and submitted as others are. Each run of it calls the function
    /// on a thread of its own, never on one of the runtime's, and so are its hooks called.
    ///
    /// ```
    /// use prefect_sdk::{flows::AsyncFlowRun, tasks::{Task, TaskRun}};
    ///
    /// # async fn flow(run: AsyncFlowRun) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// let parse = Task::new("parse", |_: TaskRun, text: String| text.parse::<u64>()).to_async();
    /// let number = parse.call(&run, "42".to_owned()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// Nothing stops a thread: when the run's time is up, or it is cancelled, it ends with its function. A future of it that is
    /// dropped leaves the function alone, whose value is not taken then.
    #[must_use]
    pub fn to_async(&self) -> AsyncTask<P, T, E> {
        AsyncTask {
            name: self.name.clone(),
            key: self.key.clone(),
            options: self.options.clone(),
            condition: self.condition.clone(),
            hooks: self.hooks.on_threads(),
            transaction_hooks: self.transaction_hooks.on_threads(),
            caching: self.caching.clone(),
            stand_in: self.stand_in.clone(),
            body: AsyncBody::on_threads(&self.body),
        }
    }
}
