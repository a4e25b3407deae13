//! Leases that nobody renews, and limits of which the server lacks one.

use std::time::Duration;

use diptych_macros::dual;
use prefect_client::operations;
use prefect_client::testing::MockServer;
use prefect_sdk::Error;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::concurrency::{
    AsyncSlots, ConcurrencyOptions, RateLimitOptions, Slots, aconcurrency_with, arate_limit_with,
    concurrency_with, rate_limit_with,
};
use serde_json::json;
use uuid::Uuid;

/// A server that grants slots of the limit `there`, whatever else is asked for.
pub(crate) fn server() -> MockServer {
    let limits = json!([{"id": Uuid::from_u128(1), "name": "there", "limit": 1}]);
    let server = MockServer::new();
    server
        .on(&operations::BULK_INCREMENT_ACTIVE_SLOTS_WITH_LEASE)
        .answers_json(json!({"lease_id": Uuid::nil(), "limits": limits}));
    server
        .on(&operations::BULK_INCREMENT_ACTIVE_SLOTS)
        .answers_json(limits);
    server.on(&operations::RENEW_CONCURRENCY_LEASE).answers(&());
    server
        .on(&operations::BULK_DECREMENT_ACTIVE_SLOTS_WITH_LEASE)
        .answers(&());
    server.on(&operations::CREATE_EVENTS).answers(&());
    server
}

fn asked(server: &MockServer, operation: &str) -> usize {
    let requests = server.requests();
    let names = requests.iter().map(|request| request.operation().name());
    names.filter(|name| *name == operation).count()
}

/// Short, but longer than anything here takes that is not to outlast it.
const LEASE: Duration = Duration::from_secs(2);

async fn hold(server: &MockServer, request: &ConcurrencyOptions) -> AsyncSlots {
    let slots = aconcurrency_with(&server.async_client(), ["there"], request).await;
    slots.expect("slots")
}

#[test]
fn a_guard_whose_runtime_is_gone_knows_when_its_lease_is_over() {
    crate::must_end(|| {
        let runtime = crate::runtime();
        let slots = runtime.block_on(hold(
            &server(),
            &ConcurrencyOptions::new().lease_duration(LEASE),
        ));
        drop(runtime);
        crate::run(slots.lost());
        assert!(slots.is_lost());
        assert!(crate::run(slots.release()).unwrap_err().is_lost());
    });
}

#[test]
fn a_guard_is_told_of_its_end_without_any_runtime() {
    crate::must_end(|| {
        let runtime = crate::runtime();
        let slots = runtime.block_on(hold(
            &server(),
            &ConcurrencyOptions::new().lease_duration(LEASE),
        ));
        drop(runtime);
        pollster::block_on(slots.lost());
        assert!(slots.is_lost());
    });
}

#[test]
fn an_event_loop_that_stands_still_loses_its_lease() {
    crate::must_end(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let strict = ConcurrencyOptions::new().lease_duration(LEASE).strict(true);
        let server = server();
        runtime.block_on(async {
            let slots = hold(&server, &strict).await;
            assert!(!slots.is_lost());
            std::thread::sleep(2 * LEASE);
            assert!(slots.is_lost());
            slots.lost().await;
            // The server of this test would renew it, but what others may have had is not had again.
            assert!(slots.release().await.unwrap_err().is_lost());
        });
        assert_eq!(asked(&server, "bulk_decrement_active_slots_with_lease"), 1);
    });
}

#[test]
fn a_thread_whose_renewal_hangs_does_not_hide_the_end() {
    crate::must_end(|| {
        let server = server();
        server
            .on(&operations::RENEW_CONCURRENCY_LEASE)
            .answers_with(|_| std::thread::sleep(2 * LEASE));
        let request = ConcurrencyOptions::new().lease_duration(LEASE).strict(true);
        let slots: Slots = concurrency_with(&server.client(), ["there"], &request).expect("slots");
        while !slots.is_lost() {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(slots.release().unwrap_err().is_lost());
    });
}

#[dual(crate::faces)]
async fn amisspell(client: &AsyncPrefectClient) -> Result<(), Error> {
    let names = ["there", "thare"];
    let slots = aconcurrency_with(client, names, &ConcurrencyOptions::new()).await?;
    assert_eq!(slots.limits().len(), 1);
    slots.release().await?;
    let error = aconcurrency_with(client, names, &ConcurrencyOptions::new().strict(true)).await;
    let error = error.unwrap_err();
    let text = error.to_string();
    assert!(error.is_not_found(), "{text}");
    assert!(
        text.contains("`thare`") && !text.contains("`there`"),
        "{text}"
    );
    arate_limit_with(client, names, &RateLimitOptions::new()).await?;
    let error = arate_limit_with(client, names, &RateLimitOptions::new().strict(true)).await;
    assert!(error.unwrap_err().is_not_found());
    Ok(())
}

#[test]
fn one_limit_of_two_is_not_enough_where_it_is_strict() {
    for face in 0..2 {
        let server = server();
        match face {
            0 => misspell(&server.client()).unwrap(),
            _ => crate::run(amisspell(&server.async_client())).unwrap(),
        }
        // What was had of the other limit was given back before the error.
        let given_back = asked(&server, "bulk_decrement_active_slots_with_lease");
        assert_eq!(given_back, 2);
    }
}
