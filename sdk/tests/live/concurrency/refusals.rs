//! Limits that are missing, that have too few slots, that have a rate; and the older ones of task runs.

use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::client::models::ConcurrencyLimitCreate;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::concurrency::{
    ConcurrencyOptions, RateLimitOptions, aconcurrency_with, arate_limit_with, concurrency_with,
    rate_limit_with, v1,
};
use prefect_sdk::{Error, RunContext};
use uuid::Uuid;

use super::limits::{LONG, decaying, limit, taken};
use crate::server;

#[dual(crate::faces)]
async fn amiss(client: &AsyncPrefectClient, missing: &str) -> Result<(), Error> {
    let slots = aconcurrency_with(client, [missing], &ConcurrencyOptions::new()).await?;
    assert_eq!((slots.limits().len(), slots.lease_id()), (0, None));
    slots.release().await?;
    let strict =
        aconcurrency_with(client, [missing], &ConcurrencyOptions::new().strict(true)).await;
    let strict = strict.unwrap_err();
    assert!(
        strict.is_not_found() && strict.to_string().contains(missing),
        "{strict}"
    );
    arate_limit_with(client, [missing], &RateLimitOptions::new()).await?;
    let strict = arate_limit_with(client, [missing], &RateLimitOptions::new().strict(true)).await;
    assert!(strict.unwrap_err().is_not_found());
    let none = Vec::<String>::new();
    aconcurrency_with(client, none, &ConcurrencyOptions::new().strict(true))
        .await?
        .release()
        .await
}

#[test]
fn missing_limits_are_left_out_unless_strict() {
    let missing = server::unique("missing");
    miss(&server::client(), &missing).unwrap();
    server::run(amiss(&server::async_client(), &missing)).unwrap();
}

#[dual(crate::faces)]
async fn arefuse(client: &AsyncPrefectClient, name: &str) {
    let many = aconcurrency_with(client, [name], &ConcurrencyOptions::new().slots(2))
        .await
        .unwrap_err();
    assert!(many.is_refused(), "{many}");
    assert!(
        many.to_string().contains("greater than the limit"),
        "{many}"
    );
    let short = ConcurrencyOptions::new().lease_duration(Duration::from_secs(1));
    let short = aconcurrency_with(client, [name], &short).await.unwrap_err();
    assert!(
        short.is_refused() && short.to_string().contains("lease_duration"),
        "{short}"
    );
    let rate = arate_limit_with(client, [name], &RateLimitOptions::new())
        .await
        .unwrap_err();
    assert!(
        rate.is_refused() && rate.to_string().contains("decay"),
        "{rate}"
    );
    assert_eq!(taken(name), 0);
}

#[test]
fn what_the_server_refuses_is_said() {
    let name = limit(1);
    refuse(&server::client(), &name);
    server::run(arefuse(&server::async_client(), &name));
}

#[dual(crate::faces)]
async fn aslow_down(client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
    let all = RateLimitOptions::new().slots(4);
    arate_limit_with(client, [name], &all).await?;
    let late = arate_limit_with(client, [name], &all.clone().timeout(Duration::ZERO)).await;
    assert!(late.unwrap_err().is_timeout());
    // Waits until one of them is back.
    let one = RateLimitOptions::new().timeout(LONG);
    arate_limit_with(client, [name], &one).await
}

#[test]
fn a_rate_limit_lets_slots_come_back_with_time() {
    let name = decaying(4, 0.5);
    slow_down(&server::client(), &name).unwrap();
    let name = decaying(4, 0.5);
    server::run(aslow_down(&server::async_client(), &name)).unwrap();
}

#[dual(crate::faces)]
async fn ahold_tag(client: &AsyncPrefectClient, tag: &str) -> Result<(), Error> {
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    let slots = v1::aconcurrency_with(client, [tag], first, &v1::ConcurrencyOptions::new()).await?;
    assert_eq!(taken(&format!("tag:{tag}")), 1);
    let soon = v1::ConcurrencyOptions::new().timeout(Duration::ZERO);
    let late = v1::aconcurrency_with(client, [tag], second, &soon)
        .await
        .unwrap_err();
    assert!(late.is_timeout(), "{late}");
    slots.release().await?;
    assert_eq!(taken(&format!("tag:{tag}")), 0);
    v1::aconcurrency_with(client, [tag], second, &soon)
        .await?
        .release()
        .await
}

#[test]
fn task_runs_hold_slots_of_tags() {
    for slots in [1, 0] {
        let tag = server::unique("tag");
        let limit = ConcurrencyLimitCreate::new(tag.as_str(), slots);
        server::client().create_concurrency_limit(&limit).unwrap();
        if slots == 1 {
            hold_tag(&server::client(), &tag).unwrap();
            server::run(ahold_tag(&server::async_client(), &tag)).unwrap();
            continue;
        }
        let request = v1::ConcurrencyOptions::new();
        let never = v1::concurrency_with(&server::client(), [&tag], Uuid::new_v4(), &request);
        assert!(never.unwrap_err().is_refused());
    }
}

#[test]
fn the_server_takes_a_run_as_the_holder() {
    let (flow, task) = (Uuid::new_v4(), Uuid::new_v4());
    let request = ConcurrencyOptions::new().run(&RunContext::flow_run(flow).task_run(task));
    let name = limit(1);
    concurrency_with(&server::client(), [&name], &request)
        .unwrap()
        .release()
        .unwrap();
    assert_eq!(taken(&name), 0);
}
