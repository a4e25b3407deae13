//! A twin that takes something else: the error stands at the argument.

use diptych_macros::dual;

async fn asleep(seconds: u32) {
    let _ = seconds;
}

fn sleep(seconds: &str) {
    let _ = seconds;
}

#[dual(map(asleep => sleep, aload => load))]
async fn acall() -> u32 {
    let seconds = 2;
    asleep(seconds).await;
    aload().await
}

async fn aload() -> u32 {
    1
}

fn main() {}
