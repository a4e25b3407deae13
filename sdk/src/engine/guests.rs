//! Blocking functions that run in an async run, each on a thread of its own: its guests. What they call in it is run by the engine
//! of the blocking face, on their threads; what is told of their own runs is told by that of the async one.

use std::sync::Arc;

use prefect_client::PrefectClient;

use super::CalledFor;
use super::body::{AsyncBody, Body};
use super::hooks::{AsyncHook, AsyncHooks, Hooks};
use super::on_thread;
use super::scope::{AsyncScope, Scope, Shared, Work};
use crate::Error;
use crate::background::AsyncHome;
use crate::events::{EventSender, SendEventsOptions};
use crate::transactions::Transaction;

/// What an async function is called for, as a blocking one that is called in its place sees it.
pub(crate) trait Host: CalledFor + Clone + Send + Sync + 'static {
    type Guest: CalledFor + Clone + Send + 'static;

    /// The same, for a function on a thread, which this is called on.
    fn guest(&self, home: &AsyncHome) -> Result<Self::Guest, Error>;

    /// The function has ended.
    fn left(&self, guest: Self::Guest) -> impl Future<Output = ()> + Send {
        drop(guest);
        std::future::ready(())
    }

    /// The function has ended, and nobody waits for that any more.
    fn forgotten(guest: Self::Guest) {
        drop(guest);
    }
}

impl AsyncScope {
    /// The same for all guests in it.
    pub(crate) fn guests(&self, home: &AsyncHome) -> Result<Arc<Scope>, Error> {
        let mut shared = self.work.guests.shared();
        if let Some(shared) = &*shared {
            return Ok(Arc::clone(&shared.scope));
        }
        let guest = self.transaction.as_ref();
        let guest = guest.map(|host| host.guest(home)).transpose()?;
        let scope = Arc::new(self.on_threads(home, guest.clone())?);
        *shared = Some(Shared {
            scope: Arc::clone(&scope),
            transactions: self.transaction.clone().zip(guest),
        });
        Ok(scope)
    }

    fn on_threads(
        &self,
        home: &AsyncHome,
        transaction: Option<Transaction>,
    ) -> Result<Scope, Error> {
        let client = PrefectClient::from_config(self.client.config().clone())?;
        Ok(Scope {
            sender: EventSender::start(&client, &SendEventsOptions::of_runs())?,
            client,
            context: self.context.clone(),
            id: self.id,
            name: self.name.clone(),
            flow_name: self.flow_name.clone(),
            run_count: self.run_count,
            tags: self.tags.clone(),
            parameters: self.parameters.clone(),
            related: self.related.clone(),
            results: self.results.as_ref().map(|store| store.on_threads(home)),
            persists: self.persists,
            unlimited: Arc::clone(&self.unlimited),
            subflows: Arc::clone(&self.subflows),
            cancellation: self.cancellation.clone(),
            suspension: self.suspension.clone(),
            logs: self.logs,
            span: self.span.clone(),
            work: Work::new(self.work.pool.limit(), &self.cancellation)?,
            drawing: self.drawing.clone(),
            transaction,
        })
    }
}

impl<R: Host, P: Send + 'static, T: Send + 'static, E: Send + 'static> AsyncBody<R, P, T, E> {
    /// A blocking function, which is called on a thread of its own.
    pub(crate) fn on_threads(body: &Body<R::Guest, P, T, E>) -> Self {
        let body = body.clone();
        Self::unstopped(move |run: R, parameters| {
            let body = body.clone();
            async move {
                let (home, host) = (AsyncHome::here()?, run.clone());
                let (ended, mut called) = on_thread(move || {
                    let guest = host.guest(&home)?;
                    let called = Called::<R>(Some(guest.clone()));
                    let ended = body.run(guest, parameters, None);
                    Ok::<_, Error>((ended, called))
                })
                .await??;
                if let Some(guest) = called.0.take() {
                    run.left(guest).await;
                }
                ended
            }
        })
    }
}

/// What a function was called for: where nobody waits for its end, that is not left as it is.
struct Called<R: Host>(Option<R::Guest>);

impl<R: Host> Drop for Called<R> {
    fn drop(&mut self) {
        if let Some(guest) = self.0.take() {
            R::forgotten(guest);
        }
    }
}

impl<G: CalledFor + Clone + Send + 'static> Hooks<G> {
    /// The same hooks for an async run, each of which is called on a thread.
    pub(crate) fn on_threads<R: Host<Guest = G>>(&self) -> AsyncHooks<R> {
        let hooks = self.0.iter().map(|hook| AsyncHook {
            on: hook.on,
            name: Arc::clone(&hook.name),
            body: AsyncBody::on_threads(&hook.body),
        });
        AsyncHooks(hooks.collect())
    }
}
