//! What is to be done in one run of a task: with which arguments, and after which other runs. No I/O.

use std::collections::BTreeMap;

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
    pub(super) fn settle(self, parent: Option<Uuid>) -> Result<(Settled<P>, Inputs), Error> {
        let dependencies = self.dependencies();
        let mut inputs = self.argument.names().clone();
        let unnamed = if inputs.is_empty() {
            ids(self.argument.dependencies())
        } else {
            Vec::new()
        };
        let failed = dependencies
            .iter()
            .find(|run| run.has_completed() != Some(true));
        let given = self.argument.take();
        let told = given.as_ref().map(to_parameters).transpose()?;
        // What has no name of its own is about each parameter.
        match &told {
            Some(told) => {
                for name in told.keys() {
                    inputs.entry(name.clone()).or_default().extend(&unnamed);
                }
            }
            None if !unnamed.is_empty() => {
                inputs.insert(ONLY.to_owned(), unnamed);
            }
            None => {}
        }
        let settled = match (failed, given.zip(told)) {
            (Some(failed), _) => Settled::NotReady(failed.id()),
            (None, Some((parameters, told))) => Settled::Ready(parameters, told),
            (None, None) => {
                let text = "what the task run was to be given was taken by somebody else";
                return Err(Error::lost(text));
            }
        };
        if let Some(parent) = parent {
            inputs.insert("__parents__".to_owned(), vec![parent]);
        }
        if !self.wait_for.is_empty() {
            inputs.insert("wait_for".to_owned(), ids(&self.wait_for));
        }
        Ok((settled, inputs))
    }
}

fn ids(runs: &[Dependency]) -> Vec<Uuid> {
    runs.iter().map(Dependency::id).collect()
}
