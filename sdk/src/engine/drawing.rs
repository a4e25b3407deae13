//! A flow that is drawn instead of run: its function is called, and what it calls is kept in the place of being run. No I/O.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use uuid::Uuid;

use super::order::Order;
use super::{RunFailed, task_state};
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
    /// Those that have no value, in the order in which they were called.
    lacking: Vec<String>,
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
            .set(task_state::entered_now(states::completed()), None);
        stand_in.ok_or_else(|| {
            drawn.lacking.push(name.to_owned());
            lacks(name).into()
        })
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
        let failed = match ended {
            Ok(value) => return Ok((std::mem::take(&mut drawn.graph), value)),
            Err(failed) => failed.to_string(),
        };
        Err(match asked_for(&drawn.lacking, &failed) {
            Some(task) => lacks(task),
            None => Error::invalid(format!(
                "the flow can't be drawn, as its function did not end well: {failed}"
            )),
        })
    }
}

/// Whose value the function needed that failed so; the first one's, where it does not say so.
fn asked_for<'a>(lacking: &'a [String], failed: &str) -> Option<&'a String> {
    let named = |task: &&String| failed.contains(&lacks(task).to_string());
    lacking.iter().find(named).or(lacking.first())
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
