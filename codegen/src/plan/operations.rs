//! What is emitted of an operation, in each of its places.

use std::collections::{BTreeMap, BTreeSet};

use super::former::Former;
use super::inputs::{Input, inputs};
use super::paging::{Paging, PagingRule};
use super::presence::Presence;
use super::streams::StreamPlan;
use super::{TypePlan, styles};
use crate::ir::{Api, Operation, Style};
use crate::naming::{derived_name, module_name};

/// An operation with what several emitters need of it.
pub(crate) struct OperationPlan<'a> {
    pub(crate) operation: &'a Operation,
    /// The module that it lives in.
    pub(crate) module: String,
    /// Everything that it takes, in the order in which it is asked for.
    pub(crate) inputs: Vec<Input<'a>>,
    /// How each parameter becomes text, in the order of the description.
    pub(crate) styles: Vec<Style>,
    /// The name of its request struct, where anything about it is optional.
    pub(crate) request: Option<&'a str>,
    /// What the function and the methods are called that take the request struct as well.
    pub(crate) with: String,
    /// The models that its signature mentions.
    pub(crate) mentioned: BTreeSet<&'a str>,
    pub(crate) pages: Option<PagesPlan<'a>>,
    pub(crate) stream: Option<StreamPlan<'a>>,
    /// What users may call it still.
    pub(crate) former: Vec<Former<'a>>,
}

/// The pages of an operation.
pub(crate) struct PagesPlan<'a> {
    pub(crate) paging: Paging<'a>,
    /// What the function and the methods are called.
    pub(crate) name: String,
    /// Those that take the request struct as well.
    pub(crate) with: String,
    /// Whether an answer may leave out its list of items.
    pub(crate) items_may_be_absent: bool,
    /// What holds the place of a page: a name that no argument has.
    pub(crate) at: String,
}

impl<'a> OperationPlan<'a> {
    /// What must be given.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &Input<'a>> {
        self.inputs.iter().filter(|input| input.is_argument())
    }

    /// What may be given.
    pub(crate) fn optional(&self) -> impl Iterator<Item = &Input<'a>> {
        self.inputs.iter().filter(|input| input.is_optional())
    }
}

/// What is found of an operation where all of them are looked at.
pub(super) struct Found<'a> {
    pub(super) paging: Option<Paging<'a>>,
    pub(super) stream: Option<StreamPlan<'a>>,
    pub(super) former: Vec<Former<'a>>,
}

pub(super) fn plan<'a>(
    operation: &'a Operation,
    found: Found<'a>,
    api: &'a Api,
    types: &BTreeMap<&str, TypePlan<'a>>,
) -> OperationPlan<'a> {
    let parameters = operation.parameters.iter();
    let styles: Vec<Style> = parameters.map(|one| styles::of(one, api)).collect();
    let inputs = inputs(operation, &styles, api, types);
    let is_any_optional = inputs.iter().any(Input::is_optional);
    let Found {
        paging,
        stream,
        former,
    } = found;
    OperationPlan {
        operation,
        module: module_name(&operation.tag),
        request: is_any_optional.then_some(operation.request_type.as_str()),
        with: derived_name(&operation.name, "with"),
        mentioned: mentioned(operation, paging.as_ref(), &inputs),
        pages: paging.map(|paging| pages(operation, paging, &inputs, api, types)),
        stream,
        former,
        inputs,
        styles,
    }
}

fn mentioned<'a>(
    operation: &'a Operation,
    paging: Option<&Paging<'a>>,
    inputs: &[Input<'a>],
) -> BTreeSet<&'a str> {
    let arguments = inputs.iter().filter(|input| input.is_argument());
    let arguments = arguments.map(|input| &input.placed.field.ty);
    let answer = operation.answer.iter().map(|answer| &answer.ty);
    let items = paging.map(|paging| paging.item);
    let mut mentioned = BTreeSet::new();
    for ty in arguments.chain(answer).chain(items) {
        ty.each_name(&mut |name| {
            mentioned.insert(name);
        });
    }
    mentioned
}

fn pages<'a>(
    operation: &Operation,
    paging: Paging<'a>,
    inputs: &[Input<'_>],
    api: &Api,
    types: &BTreeMap<&str, TypePlan<'_>>,
) -> PagesPlan<'a> {
    let name = derived_name(&operation.name, "pages");
    let at = match &paging.rule {
        PagingRule::Offset { .. } => "offset",
        PagingRule::Number { .. } => "page",
        PagingRule::Link { .. } => "token",
    };
    let items_may_be_absent = match &paging.rule {
        PagingRule::Offset { .. } => false,
        PagingRule::Number { items, .. } | PagingRule::Link { items, .. } => {
            may_be_absent(items, operation, api, types)
        }
    };
    PagesPlan {
        paging,
        with: derived_name(&name, "with"),
        name,
        items_may_be_absent,
        at: free(at, inputs),
    }
}

/// Whether the answer's field of this name is an `Option`.
fn may_be_absent(
    name: &str,
    operation: &Operation,
    api: &Api,
    types: &BTreeMap<&str, TypePlan<'_>>,
) -> bool {
    let answer = operation.answer.as_ref();
    let object = answer.and_then(|answer| api.object(&answer.ty));
    let plan = object.and_then(|(ty, _)| types.get(ty.name.as_str()));
    plan.is_some_and(|plan| {
        plan.fields.iter().any(|placed| {
            let is_option = matches!(
                placed.presence,
                Presence::Optional | Presence::RequiredNullable
            );
            placed.field.name == name && is_option
        })
    })
}

/// A name that no argument has.
fn free(name: &str, inputs: &[Input<'_>]) -> String {
    let mut name = name.to_owned();
    let is_taken = |name: &str| {
        let mut inputs = inputs.iter();
        inputs.any(|input| input.is_argument() && input.name == name)
    };
    while is_taken(&name) {
        name.push('_');
    }
    name
}
