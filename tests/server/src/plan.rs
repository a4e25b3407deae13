//! Which request meets what.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::{Answer, Fault, Request};

/// A function of the request.
pub(crate) type Function = dyn Fn(&Request) -> Fault + Send + Sync;

pub(crate) enum Plan {
    /// The next fault, and the last one from then on. It is taken when a request's first byte is there.
    Script(VecDeque<Fault>),
    Function(Arc<Function>),
}

/// What is known at the first byte of a request.
pub(crate) enum Next {
    Fault(Fault),
    /// It takes the whole request.
    Ask(Arc<Function>),
}

impl Plan {
    /// A request for which nothing was planned is told so.
    pub(crate) fn next(&mut self) -> Next {
        match self {
            Self::Function(function) => Next::Ask(Arc::clone(function)),
            Self::Script(script) => {
                let fault = if script.len() > 1 {
                    script.pop_front()
                } else {
                    script.front().cloned()
                };
                let unplanned = || Answer::new(500, "text/plain", "no answer was planned");
                Next::Fault(fault.unwrap_or_else(|| unplanned().into()))
            }
        }
    }
}
