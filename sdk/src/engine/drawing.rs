//! A flow that is drawn instead of run: its function is called, and what it calls is kept in the place of being run. No I/O.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use uuid::Uuid;

use super::order::Order;
use super::{RunFailed, shown};
use crate::Error;
use crate::flows::FlowGraph;
use crate::states;

/// What has been called so far.
#[derive(Default)]
pub(crate) struct Drawing {
    drawn: Mutex<Drawn>,
}

#[derive(Default)]
struct Drawn {
    graph: FlowGraph,
    /// The places of the task runs in the graph.
    places: BTreeMap<Uuid, usize>,
    /// Whose value was asked for first of those that have none.
    lacking: Option<String>,
}

impl Drawing {
    fn drawn(&self) -> MutexGuard<'_, Drawn> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call of a task, which gives what stands in for its value. One that nobody needs may be missing.
    pub(super) fn task<P: Serialize, T, E>(
        &self,
        name: &str,
        order: &Order<P>,
        stand_in: Option<T>,
    ) -> Result<T, RunFailed<E>> {
        let mut drawn = self.drawn();
        let place = drawn.graph.add(name);
        drawn.places.insert(order.id, place);
        for run in order.dependencies() {
            if let Some(before) = drawn.places.get(&run.id()).copied() {
                drawn.graph.connect(before, place);
            }
        }
        order
            .shown
            .set(shown::taken(&states::completed()), Uuid::nil());
        let lacking = &mut drawn.lacking;
        stand_in.ok_or_else(|| lacks(lacking.get_or_insert_with(|| name.to_owned())).into())
    }

    /// A call of a flow.
    pub(super) fn subflow(&self, name: &str) {
        self.drawn().graph.add(name);
    }

    /// The graph, once the function has ended so.
    pub(super) fn finish<T, E>(
        &self,
        ended: Result<T, RunFailed<E>>,
    ) -> Result<(FlowGraph, T), Error>
    where
        E: std::fmt::Display,
    {
        let mut drawn = self.drawn();
        match (ended, &drawn.lacking) {
            (Ok(value), _) => Ok((std::mem::take(&mut drawn.graph), value)),
            (Err(_), Some(task)) => Err(lacks(task)),
            (Err(failed), None) => Err(Error::invalid(format!(
                "the flow can't be drawn, as its function did not end well: {failed}"
            ))),
        }
    }
}

fn lacks(task: &str) -> Error {
    Error::invalid(format!(
        "the flow needs what the task `{task}` gives, which is not run when a flow is drawn: say what stands in for it, by \
         `viz_return_value`"
    ))
}

/// What is the only value of its type stands in for itself.
pub(crate) fn only_value<T: 'static>() -> Option<T> {
    let nothing: Box<dyn Any> = Box::new(());
    nothing.downcast().ok().map(|nothing| *nothing)
}
