//! What tasks are given, by the names that Python's parameters have.

use serde::Serialize;

#[derive(Clone, Serialize)]
pub(super) struct X {
    pub(super) x: i64,
}

#[derive(Clone, Serialize)]
pub(super) struct Both {
    pub(super) x: i64,
    pub(super) y: i64,
}
