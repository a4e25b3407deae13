//! Calls without a twin. Without a check, the twin would compile, and would neither lock nor sleep.

use diptych_macros::dual;
use tokio::sync::Mutex;
use tokio::time::sleep;

#[dual]
async fn aload(lock: &Mutex<u32>) {
    let _held = lock.lock().await;
    sleep(std::time::Duration::ZERO).await;
}

fn main() {}
