//! Leases: renewed while they are held, lost, and granted to callers that are gone.

use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::concurrency::{ConcurrencyOptions, aconcurrency_with, concurrency_with};

use super::double::{Double, Renewals};
use super::limits::{LONG, limit, taken, wait_taken};
use crate::server;

/// Short for a lease, and so long that a slow machine renews it in time.
const SHORT: Duration = Duration::from_secs(4);
const RELEASE: &str = "decrement-with-lease";

#[dual(crate::faces)]
async fn ahold_while_renewed(client: &AsyncPrefectClient, double: &Double) -> Result<(), Error> {
    let slots = aconcurrency_with(
        client,
        ["double"],
        &ConcurrencyOptions::new().lease_duration(SHORT),
    )
    .await?;
    double.wait_asked("renew", 2);
    assert!(!slots.is_lost());
    assert_eq!(double.asked(RELEASE), 0);
    slots.release().await?;
    assert_eq!(double.asked(RELEASE), 1);
    Ok(())
}

#[test]
fn a_lease_is_renewed_while_it_is_held() {
    let double = Double::start(Renewals::Done, Duration::ZERO);
    hold_while_renewed(&PrefectClient::new(&double.api_url).unwrap(), &double).unwrap();
    let double = Double::start(Renewals::Done, Duration::ZERO);
    let client = AsyncPrefectClient::new(&double.api_url).unwrap();
    server::run(ahold_while_renewed(&client, &double)).unwrap();
}

#[dual(crate::faces)]
async fn alose(client: &AsyncPrefectClient, request: &ConcurrencyOptions) -> Result<(), Error> {
    let slots = aconcurrency_with(client, ["double"], request).await?;
    #[dual(async)]
    slots.lost().await;
    #[dual(blocking)]
    while !slots.is_lost() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(slots.is_lost());
    slots.release().await
}

#[test]
fn a_lost_lease_is_told_and_with_strict_an_error() {
    let double = Double::start(Renewals::Gone, Duration::ZERO);
    let client = PrefectClient::new(&double.api_url).unwrap();
    let other = AsyncPrefectClient::new(&double.api_url).unwrap();
    let strict = ConcurrencyOptions::new().strict(true);
    lose(&client, &ConcurrencyOptions::new()).unwrap();
    server::run(alose(&other, &ConcurrencyOptions::new())).unwrap();
    lose(&client, &strict.clone().lost_is_error(false)).unwrap();
    assert!(lose(&client, &strict).unwrap_err().is_lost());
    assert!(server::run(alose(&other, &strict)).unwrap_err().is_lost());
    assert_eq!((double.asked("renew"), double.asked(RELEASE)), (5, 5));
}

#[test]
fn what_is_granted_to_a_caller_that_is_gone_is_given_back() {
    let double = Double::start(Renewals::Done, Duration::from_millis(300));
    server::run(async {
        let client = AsyncPrefectClient::new(&double.api_url).unwrap();
        let request = ConcurrencyOptions::new();
        let mut taking = Box::pin(aconcurrency_with(&client, ["double"], &request));
        while double.asked("increment-with-lease") == 0 {
            let step = tokio::time::timeout(Duration::from_millis(10), &mut taking).await;
            assert!(step.is_err(), "the double grants later");
        }
        drop(taking);
        tokio::task::block_in_place(|| double.wait_asked(RELEASE, 1));
    });
}

#[test]
fn a_panic_gives_slots_back() {
    let name = limit(1);
    let held = name.clone();
    let thread = std::thread::spawn(move || {
        let _slots =
            concurrency_with(&server::client(), [held], &ConcurrencyOptions::new()).unwrap();
        panic!("on purpose");
    });
    assert!(thread.join().is_err());
    assert_eq!(taken(&name), 0);
    let held = name.clone();
    server::run(async {
        let task = tokio::spawn(async move {
            let _slots =
                aconcurrency_with(&server::async_client(), [held], &ConcurrencyOptions::new())
                    .await
                    .unwrap();
            panic!("on purpose");
        });
        assert!(task.await.is_err());
        tokio::task::block_in_place(|| wait_taken(&name, 0, LONG));
    });
}
