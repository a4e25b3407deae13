//! Whoever waits for a change.

#[path = "../../../sdk/src/background/blocking.rs"]
mod blocking;

pub(crate) use blocking::Signal;
