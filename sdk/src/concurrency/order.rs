//! What is asked of the server, and how it is given back.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::models::{
    ConcurrencyLeaseHolder, ConcurrencyMode, MinimalConcurrencyLimitResponse,
};
use prefect_client::requests::{
    BulkIncrementActiveSlots, BulkIncrementActiveSlotsWithLease, RenewConcurrencyLease,
};
use uuid::Uuid;

use crate::faces::sdk;

/// Slots of these limits.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) names: LimitNames,
    pub(super) claim: Claim,
}

/// The names of limits, in order, each once.
#[derive(Clone, Debug)]
pub(super) struct LimitNames(Vec<String>);

/// How the slots are held.
#[derive(Clone, Debug)]
pub(super) enum Claim {
    /// For as long as the lease is renewed.
    Lease {
        slots: u32,
        duration: Duration,
        holder: Option<ConcurrencyLeaseHolder>,
        lost_is_error: bool,
    },
    /// Not at all: they come back with time.
    Rate { slots: u32 },
    /// For a task run: one slot of each limit on a tag.
    TaskRun(Uuid),
}

/// What the server gave. Without limits, it is nothing.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub(super) limits: Vec<MinimalConcurrencyLimitResponse>,
    pub(super) lease: Option<Uuid>,
}

impl LimitNames {
    pub(super) fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: BTreeSet<String> = names.into_iter().map(Into::into).collect();
        Self(names.into_iter().collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that are not among these.
    pub(super) fn without(&self, these: impl Fn(&str) -> bool) -> Self {
        let others = self.0.iter().filter(|name| !these(name));
        Self(others.cloned().collect())
    }
}

impl fmt::Display for LimitNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}`{name}`")?;
        }
        Ok(())
    }
}

#[dual(sdk)]
impl Order {
    /// Asks once.
    pub(super) async fn aask(
        &self,
        client: &AsyncPrefectClient,
    ) -> Result<Granted, prefect_client::Error> {
        let names = &self.names.0;
        let limits = match &self.claim {
            Claim::Lease {
                slots,
                duration,
                holder,
                ..
            } => {
                let mut request = BulkIncrementActiveSlotsWithLease::new()
                    .mode(ConcurrencyMode::Concurrency)
                    .lease_duration(duration.as_secs_f64());
                request.holder.clone_from(holder);
                let slots = i64::from(*slots);
                let granted = client
                    .bulk_increment_active_slots_with_lease_with(slots, names, &request)
                    .await?;
                return Ok(Granted {
                    limits: granted.limits,
                    lease: Some(granted.lease_id),
                });
            }
            Claim::Rate { slots } => {
                let request = BulkIncrementActiveSlots::new().mode(ConcurrencyMode::RateLimit);
                let slots = i64::from(*slots);
                client
                    .bulk_increment_active_slots_with(slots, names, &request)
                    .await?
            }
            Claim::TaskRun(id) => client.increment_concurrency_limits_v1(names, *id).await?,
        };
        Ok(Granted {
            limits,
            lease: None,
        })
    }

    /// Renews the lease.
    pub(super) async fn arenew(
        &self,
        client: &AsyncPrefectClient,
        lease: Uuid,
    ) -> Result<(), prefect_client::Error> {
        let request = RenewConcurrencyLease::new().lease_duration(self.lease().as_secs_f64());
        client.renew_concurrency_lease_with(lease, &request).await
    }

    /// Gives back what was granted. The server does nothing where it has it back already.
    pub(super) async fn agive_back(
        &self,
        client: &AsyncPrefectClient,
        granted: &Granted,
    ) -> Result<(), prefect_client::Error> {
        match (&self.claim, granted.lease) {
            (Claim::Lease { .. }, Some(lease)) => {
                client.bulk_decrement_active_slots_with_lease(lease).await
            }
            (Claim::TaskRun(id), _) => {
                let names = &self.names.0;
                client
                    .decrement_concurrency_limits_v1(names, *id)
                    .await
                    .map(drop)
            }
            _ => Ok(()),
        }
    }

    /// How long the lease is.
    pub(super) fn lease(&self) -> Duration {
        match &self.claim {
            Claim::Lease { duration, .. } => *duration,
            Claim::Rate { .. } | Claim::TaskRun(_) => Duration::ZERO,
        }
    }

    /// Whether a lost lease is an error of the release.
    pub(super) fn lost_is_error(&self) -> bool {
        matches!(self.claim, Claim::Lease { lost_is_error, .. } if lost_is_error)
    }

    /// Whether there is something to give back.
    pub(super) fn holds(&self, granted: &Granted) -> bool {
        !matches!(self.claim, Claim::Rate { .. }) && !granted.limits.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_once() {
        let names = LimitNames::new(["b", "a", "b"]);
        assert_eq!(names.to_string(), "`a`, `b`");
        assert!(LimitNames::new(Vec::<String>::new()).is_empty());
    }
}
