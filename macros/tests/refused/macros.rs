//! Macros that run futures beside each other, and macros whose arguments nobody knows.

use diptych_macros::dual;

macro_rules! log {
    ($level:ident, $($field:ident = $value:expr),*) => {
        $(let $field = $value;)*
    };
}

async fn one() -> u32 {
    1
}

#[dual]
async fn aboth() -> u32 {
    let (left, right) = tokio::join!(one(), one());
    tokio::select! {
        left = one() => left,
        right = one() => right,
    };
    log!(info, answer = one().await);
    let mut stream = futures_util::stream::iter([1]);
    tokio::pin!(stream);
    left + right
}

fn main() {}
