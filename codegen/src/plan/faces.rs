//! The two faces of a client.

use crate::config::Config;

/// One of the two faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    /// Calls block the thread.
    Blocking,
    /// Calls are futures.
    Async,
}

impl Face {
    pub(crate) const BOTH: [Self; 2] = [Self::Blocking, Self::Async];

    /// The module that the face lives in.
    pub(crate) fn module(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Async => "asynchronous",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Blocking => Self::Async,
            Self::Async => Self::Blocking,
        }
    }
}

/// What the clients are called.
#[derive(Clone, Copy)]
pub(crate) struct Clients<'a> {
    blocking: &'a str,
    asynchronous: &'a str,
}

impl<'a> Clients<'a> {
    pub(super) fn of(config: &'a Config) -> Self {
        Self {
            blocking: &config.client.blocking,
            asynchronous: &config.client.asynchronous,
        }
    }

    pub(crate) fn name(self, face: Face) -> &'a str {
        match face {
            Face::Blocking => self.blocking,
            Face::Async => self.asynchronous,
        }
    }
}
