//! A blocking flow in async programs.

use super::{AsyncFlow, Flow};
use crate::engine::AsyncBody;

impl<P: Send + 'static, T: Send + 'static, E: Send + 'static> Flow<P, T, E> {
    /// The same flow for async programs: it is called with an async client, or as a subflow of an async flow. Each run of it calls
    /// the function on a thread of its own, never on one of the runtime's, and so are its hooks called.
    ///
    /// ```
    /// use prefect_sdk::{flows::{AsyncFlowRun, Flow, FlowRun}};
    ///
    /// # async fn flow(run: AsyncFlowRun) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// let greet = Flow::new("greet", |_: FlowRun, name: String| Ok::<_, String>(format!("Hello, {name}!")));
    /// println!("{}", greet.to_async().call(&run, &"you".to_owned()).await?);
    /// # Ok(()) }
    /// ```
    ///
    /// Nothing stops a thread: when the run's time is up, or it is cancelled, it ends with its function. A future of it that is
    /// dropped leaves the function alone, whose value is not taken then.
    #[must_use]
    pub fn to_async(&self) -> AsyncFlow<P, T, E> {
        AsyncFlow {
            name: self.name.clone(),
            key: self.key.clone(),
            options: self.options.clone(),
            schema: self.schema,
            reads: self.reads,
            hooks: self.hooks.on_threads(),
            body: AsyncBody::on_threads(&self.body),
        }
    }
}
