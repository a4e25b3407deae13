//! Taking slots, giving them back, and what is refused.

use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::concurrency::{ConcurrencyOptions, aconcurrency_with, concurrency_with};

use super::limits::{LONG, limit, taken, wait_taken};
use crate::server;

#[dual(crate::faces)]
async fn atake_and_give_back(client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
    let first = aconcurrency_with(client, [name], &ConcurrencyOptions::new()).await?;
    assert_eq!(first.limits()[0].name, name);
    assert!(first.lease_id().is_some() && !first.is_lost());
    let more = aconcurrency_with(client, [name, name], &ConcurrencyOptions::new().slots(2)).await?;
    assert_eq!(taken(name), 3);
    let late = ConcurrencyOptions::new().timeout(Duration::ZERO);
    let late = aconcurrency_with(client, [name], &late).await.unwrap_err();
    assert!(late.is_timeout(), "{late}");
    let once = aconcurrency_with(client, [name], &ConcurrencyOptions::new().max_retries(0)).await;
    let once = once.unwrap_err();
    assert!(once.is_refused(), "{once}");
    assert_eq!(
        once.api()
            .and_then(prefect_sdk::client::Error::status)
            .map(|status| status.as_u16()),
        Some(423)
    );
    first.release().await?;
    assert_eq!(taken(name), 2);
    drop(more);
    Ok(())
}

#[test]
fn slots_are_taken_waited_for_and_given_back() {
    let name = limit(3);
    take_and_give_back(&server::client(), &name).unwrap();
    // The blocking face has given them back before it goes on.
    assert_eq!(taken(&name), 0);
    let name = limit(3);
    server::run(async {
        atake_and_give_back(&server::async_client(), &name)
            .await
            .unwrap();
        let name = name.clone();
        tokio::task::spawn_blocking(move || wait_taken(&name, 0, LONG))
            .await
            .unwrap();
    });
}
