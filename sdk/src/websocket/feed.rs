//! What can be subscribed to.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

/// What can be subscribed to: events and logs.
pub trait Feed: sealed::Sealed + Clone + Send + Sync + 'static {
    /// What comes.
    type Item: Send;

    /// Where it comes from, below the API.
    const PATH: &str;

    /// The message that says what to send.
    fn filter(&mut self, now: DateTime<Utc>) -> Value;

    /// Reads a message of the server.
    ///
    /// # Errors
    ///
    /// It is not one that is known.
    fn read(&mut self, text: &str) -> Result<Self::Item, serde_json::Error>;

    /// What tells two items apart.
    fn id(item: &Self::Item) -> Uuid;
}

pub(crate) mod sealed {
    use diptych_macros::dual;
    #[dual(sdk)]
    use prefect_client::AsyncPrefectClient;

    use crate::faces::sdk;

    pub trait Sealed {
        /// Asks for what was there before, to learn what the server says of the filter: on a websocket it may just end
        /// the connection.
        #[dual(sdk)]
        fn acheck(
            &self,
            client: &AsyncPrefectClient,
        ) -> impl Future<Output = Result<(), prefect_client::Error>> + Send;
    }
}

/// What is optional about subscribing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SubscribeOptions {
    /// How often in a row it is tried again to connect; 10 unless set, as Prefect does.
    pub reconnection_attempts: u32,
    /// Whether it goes on where the server is done; it ends there unless set.
    pub reconnect_on_clean_close: bool,
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        Self {
            reconnection_attempts: 10,
            reconnect_on_clean_close: false,
        }
    }
}

impl SubscribeOptions {
    /// As Prefect subscribes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`reconnection_attempts`](field@Self::reconnection_attempts).
    #[must_use]
    pub fn reconnection_attempts(mut self, attempts: u32) -> Self {
        self.reconnection_attempts = attempts;
        self
    }

    /// Goes on where the server is done.
    #[must_use]
    pub fn reconnect_on_clean_close(mut self) -> Self {
        self.reconnect_on_clean_close = true;
        self
    }
}
