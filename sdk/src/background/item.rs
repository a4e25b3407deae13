//! What senders send.

use std::fmt::{self, Debug};
use std::sync::Arc;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use uuid::Uuid;

use super::Sought;
use crate::faces::sdk;

/// What senders send, many at a time.
pub(crate) trait Item: Sized + Send + 'static {
    /// What people call many of them.
    const PLURAL: &'static str;
    /// What people call the sender's options.
    const OPTIONS: &'static str;
    /// Which of them says how many are held.
    const MAX_ITEMS: &'static str;
    /// Where they are sent to, below the API.
    const PATH: &'static str;

    /// What is remembered of one that the server has taken, to ask whether it is stored.
    type Trace: Clone + Debug + Send + Sync + 'static;

    /// The name of the operation that sends them.
    fn operation() -> &'static str;

    /// Which one it is, for people. It must not hold what the user says in it.
    fn describe(&self) -> Described;

    fn trace(&self) -> Self::Trace;

    /// What people call what the server makes of some of them.
    const THINGS: &'static str = "";

    /// What the server makes of it, if that is something else than what it is.
    fn tells(&self) -> Option<Tells> {
        None
    }
}

/// What an item tells of: that something is in a state now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tells {
    pub(crate) of: Uuid,
    pub(crate) state: String,
}

/// Which item it is, for people.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    pub(crate) id: Option<Uuid>,
    pub(crate) name: String,
}

/// How items are sent.
#[dual(sdk)]
pub(crate) trait AsyncShip: Item {
    async fn ship(client: &AsyncPrefectClient, items: &[Self])
    -> Result<(), prefect_client::Error>;

    /// How many of these the server has stored.
    async fn stored(
        client: &AsyncPrefectClient,
        traces: &[Self::Trace],
    ) -> Result<usize, prefect_client::Error>;

    /// How many of these are in that state.
    async fn in_state(
        client: &AsyncPrefectClient,
        sought: &Sought,
    ) -> Result<usize, prefect_client::Error>;

    /// The state of each that is there.
    async fn states(
        client: &AsyncPrefectClient,
        ids: &[Uuid],
    ) -> Result<Vec<(Uuid, String)>, prefect_client::Error>;
}

/// What is called with an item that the server did not take, and with what it said.
pub(crate) struct OnRejected<T>(Option<Arc<Callback<T>>>);

type Callback<T> = dyn Fn(&T, &str) + Send + Sync;

impl<T> OnRejected<T> {
    pub(crate) fn new(callback: impl Fn(&T, &str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(callback)))
    }

    pub(crate) fn call(&self, item: &T, reason: &str) {
        if let Some(callback) = &self.0 {
            callback(item, reason);
        }
    }
}

impl<T> Default for OnRejected<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Clone for OnRejected<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for OnRejected<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.0.is_some() { "set" } else { "not set" };
        f.write_str(text)
    }
}
