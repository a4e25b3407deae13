//! The slots that a task run holds, one of each limit of its tags. Whoever asks for them waits by itself, as its run may end meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::models::{ConcurrencyLeaseHolder, ConcurrencyLeaseHolderType};
use uuid::Uuid;

#[dual(sdk)]
use super::AsyncSlots;
use super::acquire::Refused;
#[dual(sdk, map(aask_once => ask_once))]
use super::acquire::aask_once;
use super::asking::Asking;
use super::order::{Claim, LimitNames, Order};
use crate::faces::sdk;

/// How long the server keeps the slots of a task run that it doesn't hear from; as long as Python says.
const LEASE: Duration = Duration::from_mins(1);

/// A slot of each limit of some tags. Those that the server doesn't have are none.
pub(crate) struct SlotsOfTags {
    order: Arc<Order>,
    asking: Asking,
}

impl SlotsOfTags {
    pub(crate) fn new(tags: &[String], task_run_id: Uuid) -> Self {
        let holder = ConcurrencyLeaseHolderType::from("task_run");
        let order = Order {
            names: LimitNames::new(tags.iter().map(|tag| format!("tag:{tag}"))),
            claim: Claim::Lease {
                slots: 1,
                duration: LEASE,
                holder: Some(ConcurrencyLeaseHolder::new(holder, task_run_id)),
                lost_is_error: false,
            },
        };
        Self {
            order: Arc::new(order),
            asking: Asking::new(None, None, Instant::now()),
        }
    }

    /// Asks for them, without waiting for them.
    #[dual(sdk, map(aask_once => ask_once))]
    pub(crate) async fn aask(
        &mut self,
        client: &AsyncPrefectClient,
    ) -> Result<AsyncSlots, Refused> {
        aask_once(client, &self.order, &mut self.asking).await
    }
}
