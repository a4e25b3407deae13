//! Calls that only an async runtime offers.

use std::time::Duration;

use diptych_macros::dual;
use tokio::time::timeout;

async fn one() -> u32 {
    1
}

#[dual]
async fn arun() {
    tokio::spawn(one());
    let _ = timeout(Duration::ZERO, one()).await;
    futures_util::future::join_all([one()]).await;
}

fn main() {}
