//! Logs of runs: shipped to Prefect, and heard from it.

mod feed;

use diptych_macros::dual;

pub use feed::LogFeed;
#[dual(sdk)]
pub use feed::{AsyncLogSubscriber, asubscribe};

use crate::faces::sdk;
#[dual(sdk)]
pub use crate::websocket::AsyncSubscriber;
pub use crate::websocket::{Feed, Subscribe};
