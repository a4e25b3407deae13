//! Why work that was handed to a runtime gave nothing.

use std::io;

use tokio::task::JoinError;

use crate::Error;

/// The runtime is gone, or the work panicked. What a panic says is in no error, as anything may be in it: it goes where the
/// program lets panics go.
pub(super) fn ended(what: &str, error: &JoinError) -> Error {
    if error.is_panic() {
        let why = "a panic of this crate, or of one that it stands on, ended it";
        return Error::of_storage(what, io::Error::other(why));
    }
    Error::disconnected(format!("{what}: the runtime was shut down"))
}
