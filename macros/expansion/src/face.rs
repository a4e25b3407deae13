//! The two faces.

/// One of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    Async,
    Blocking,
}
