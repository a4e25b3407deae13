//! The fourth stage: what several emitters need of an operation or a type, found once, as data.
//!
//! Everything here follows from the [IR](crate::ir) alone. The emitters turn it into tokens and decide nothing.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::ir::{Api, Object, Shape, Type, TypeRef};
use crate::naming::module_name;

mod faces;
mod inputs;
mod operations;
mod presence;

pub(crate) use faces::{Clients, Face};
pub(crate) use inputs::{Destination, Input};
pub(crate) use operations::{OperationPlan, PagesPlan, StreamPlan};
pub(crate) use presence::{Fallback, Placed, Presence};

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
}

/// A type, with how the fields stand where it is an object.
pub(crate) struct TypePlan<'a> {
    pub(crate) ty: &'a Type,
    /// The module that it lives in.
    pub(crate) module: String,
    pub(crate) fields: Vec<Placed<'a>>,
}

/// Plans a client.
pub(crate) fn plan<'a>(api: &'a Api, config: &'a Config) -> Plan<'a> {
    let types = api.types.iter();
    let types: BTreeMap<&str, TypePlan<'_>> = types
        .map(|(name, ty)| (name.as_str(), type_plan(ty, api)))
        .collect();
    let operations = api.operations.values();
    Plan {
        api,
        clients: Clients::of(config),
        testing: config.testing.feature.as_deref(),
        operations: operations
            .map(|operation| operations::plan(operation, api, &types))
            .collect(),
        types,
    }
}

fn type_plan<'a>(ty: &'a Type, api: &'a Api) -> TypePlan<'a> {
    let fields = match &ty.shape {
        Shape::Object(object) => object.fields.as_slice(),
        _ => &[],
    };
    TypePlan {
        ty,
        module: module_name(&ty.tag),
        fields: fields
            .iter()
            .map(|field| Placed::new(field, ty.travel, api))
            .collect(),
    }
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
