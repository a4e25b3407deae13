//! The fourth stage: what several emitters need of an operation or a type, found once, as data.
//!
//! What needs all types and operations is found here, by the [IR](crate::ir) and what a person chose: which way each type
//! travels, the tag that it lives with, pages, streams, and former names. The emitters turn it into tokens and decide nothing.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::error::Result;
use crate::ir::{Api, Object, Shape, TypeRef};
use crate::loss::Loss;

mod faces;
mod former;
mod inputs;
mod operations;
mod paging;
mod presence;
mod streams;
mod styles;
mod tags;
mod travel;
mod types;

pub(crate) use faces::{Clients, Face};
pub(crate) use inputs::{Destination, Input};
pub(crate) use operations::{OperationPlan, PagesPlan};
pub(crate) use paging::PagingRule;
pub(crate) use presence::{Fallback, Placed, Presence};
pub(crate) use streams::StreamPlan;
pub use travel::Travel;
pub(crate) use types::TypePlan;

/// What is emitted.
pub(crate) struct Plan<'a> {
    pub(crate) api: &'a Api,
    pub(crate) clients: Clients<'a>,
    /// The feature with which types that are only received have constructors.
    pub(crate) testing: Option<&'a str>,
    /// The operations by name.
    pub(crate) operations: Vec<OperationPlan<'a>>,
    /// The types by name.
    pub(crate) types: BTreeMap<&'a str, TypePlan<'a>>,
    /// Every meaning that the client does not keep.
    pub(crate) losses: Vec<Loss>,
}

/// Plans a client.
///
/// # Errors
///
/// When a rule for pages or a former name speaks of nothing, or of what can't be called so.
pub(crate) fn plan<'a>(api: &'a Api, config: &'a Config) -> Result<Plan<'a>> {
    let mut losses = api.losses.clone();
    let mut paging = paging::find(api, config, &mut losses)?;
    let travelling = types::travelling(api, config, &mut losses);
    let mut former = former::find(api, &travelling, config)?;
    let types = types::plan(travelling, &mut former.of_types, api, config);
    let operations = api.operations.iter().map(|(name, operation)| {
        let found = operations::Found {
            paging: paging.remove(name.as_str()),
            stream: streams::plan(operation, api, &mut losses),
            former: former
                .of_operations
                .remove(name.as_str())
                .unwrap_or_default(),
        };
        operations::plan(operation, found, api, &types)
    });
    let operations = operations.collect();
    losses.sort();
    losses.dedup();
    Ok(Plan {
        api,
        clients: Clients::of(config),
        testing: config.testing.feature.as_deref(),
        operations,
        types,
        losses,
    })
}

impl<'a> Plan<'a> {
    /// The types that have a module, by its name.
    pub(crate) fn types_by_module(&self) -> BTreeMap<&str, Vec<&TypePlan<'a>>> {
        let mut modules: BTreeMap<&str, Vec<&TypePlan<'a>>> = BTreeMap::new();
        for plan in self.types.values().filter(|plan| !plan.ty.embedded) {
            modules.entry(&plan.module).or_default().push(plan);
        }
        modules
    }

    /// The operations by the module that they live in.
    pub(crate) fn operations_by_module(&self) -> BTreeMap<&str, Vec<&OperationPlan<'a>>> {
        let mut modules: BTreeMap<&str, Vec<&OperationPlan<'a>>> = BTreeMap::new();
        for plan in &self.operations {
            modules.entry(&plan.module).or_default().push(plan);
        }
        modules
    }

    /// The type behind the names that only stand for it.
    pub(crate) fn resolved<'t>(&'t self, ty: &'t TypeRef) -> &'t TypeRef {
        self.api.resolved(ty)
    }

    /// The object that a type is, and its plan.
    pub(crate) fn object(&self, ty: &TypeRef) -> Option<(&TypePlan<'a>, &'a Object)> {
        let (ty, _) = self.api.object(ty)?;
        let plan = self.types.get(ty.name.as_str())?;
        match &plan.ty.shape {
            Shape::Object(object) => Some((plan, object)),
            _ => None,
        }
    }
}
