//! What is to be done in one run of a task: with which arguments, and after which other runs. No I/O.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::parameters::{ONLY, to_parameters};
use super::shown::StateShown;
use super::submitted::Dependency;
use crate::Error;
use crate::tasks::{Argument, CallTaskOptions};

/// One run of a task that is to be.
pub(crate) struct Order<P> {
    pub(crate) id: Uuid,
    argument: Argument<P>,
    wait_for: Vec<Dependency>,
    pub(crate) shown: StateShown,
}

/// What is known once all have ended that it depends on.
pub(super) enum Settled<P> {
    /// What its function is given, and what is told of that.
    Ready(P, Map<String, Value>),
    /// That run did not complete, so that this one can't run.
    NotReady(Uuid),
    /// It can't be run so.
    Unfit(Error),
}

/// What a task run depends on: the task runs that each parameter comes from, by its name.
pub(crate) type Inputs = BTreeMap<String, Vec<Uuid>>;

impl<P: Serialize> Order<P> {
    pub(crate) fn new(
        id: Uuid,
        argument: Argument<P>,
        options: &CallTaskOptions,
        shown: StateShown,
    ) -> Self {
        Self {
            id,
            argument,
            wait_for: options.wait_for.clone(),
            shown,
        }
    }

    /// All that must have ended before.
    pub(super) fn dependencies(&self) -> Vec<Dependency> {
        let of_argument = self.argument.dependencies().iter();
        of_argument.chain(&self.wait_for).cloned().collect()
    }

    /// What comes of it, once all have ended that it depends on.
    pub(super) fn settle(self, parent: Option<Uuid>) -> (Settled<P>, Inputs) {
        let dependencies = self.dependencies();
        let mut inputs = self.argument.names().clone();
        let unnamed = self.argument.unnamed();
        let failed = dependencies
            .iter()
            .find(|run| run.has_completed() != Some(true));
        // Also one that does not run may know what it was to be given.
        let given = ready(self.argument);
        let told: Vec<String> = match &given {
            Settled::Ready(_, told) => told.keys().cloned().collect(),
            _ if unnamed.is_empty() || !inputs.is_empty() => Vec::new(),
            _ => vec![ONLY.to_owned()],
        };
        let settled = match failed {
            Some(failed) => Settled::NotReady(failed.id()),
            None => given,
        };
        // What has no name of its own is about each parameter that nobody named, or else about all.
        let are_all_named = told.iter().all(|name| inputs.contains_key(name));
        for name in told {
            if are_all_named || !inputs.contains_key(&name) {
                let known = inputs.entry(name).or_default();
                known.extend(&unnamed);
            }
        }
        if let Some(parent) = parent {
            inputs.insert("__parents__".to_owned(), vec![parent]);
        }
        if !self.wait_for.is_empty() {
            let runs = self.wait_for.iter().map(Dependency::id);
            inputs.insert("wait_for".to_owned(), runs.collect());
        }
        inputs.values_mut().for_each(each_once);
        (settled, inputs)
    }
}

fn ready<P: Serialize>(argument: Argument<P>) -> Settled<P> {
    let Some(given) = argument.take() else {
        let text = "what the task run was to be given was taken by somebody else";
        return Settled::Unfit(Error::lost(text));
    };
    match to_parameters(&given) {
        Ok(told) => Settled::Ready(given, told),
        Err(error) => Settled::Unfit(error),
    }
}

/// Those of a run that comes in more than once are one.
fn each_once(runs: &mut Vec<Uuid>) {
    let mut known = BTreeSet::new();
    runs.retain(|run| known.insert(*run));
}
