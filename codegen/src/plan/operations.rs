//! What is emitted of an operation, in each of its places.

use std::collections::{BTreeMap, BTreeSet};

use super::TypePlan;
use super::inputs::{Input, inputs};
use super::presence::Presence;
use crate::ir::{AnswerKind, Api, Operation, Paging, PagingRule, TypeRef};
use crate::naming::{derived_name, module_name};

/// An operation with what several emitters need of it.
pub(crate) struct OperationPlan<'a> {
    pub(crate) operation: &'a Operation,
    /// The module that it lives in.
    pub(crate) module: String,
    /// Everything that it takes, in the order in which it is asked for.
    pub(crate) inputs: Vec<Input<'a>>,
    /// The name of its request struct, where anything about it is optional.
    pub(crate) request: Option<&'a str>,
    /// What the function and the methods are called that take the request struct as well.
    pub(crate) with: String,
    /// The models that its signature mentions.
    pub(crate) mentioned: BTreeSet<&'a str>,
    pub(crate) pages: Option<PagesPlan<'a>>,
    pub(crate) stream: Option<StreamPlan<'a>>,
}

/// The pages of an operation.
pub(crate) struct PagesPlan<'a> {
    pub(crate) paging: &'a Paging,
    /// What the function and the methods are called.
    pub(crate) name: String,
    /// Those that take the request struct as well.
    pub(crate) with: String,
    /// Whether an answer may leave out its list of items.
    pub(crate) items_may_be_absent: bool,
    /// What holds the place of a page: a name that no argument has.
    pub(crate) at: String,
}

/// An answer that comes piece by piece.
pub(crate) struct StreamPlan<'a> {
    pub(crate) name: String,
    pub(crate) with: String,
    pub(crate) item: &'a TypeRef,
    pub(crate) kind: AnswerKind,
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

pub(super) fn plan<'a>(
    operation: &'a Operation,
    api: &'a Api,
    types: &BTreeMap<&str, TypePlan<'a>>,
) -> OperationPlan<'a> {
    let inputs = inputs(operation, api, types);
    let is_any_optional = inputs.iter().any(Input::is_optional);
    OperationPlan {
        operation,
        module: module_name(&operation.tag),
        request: is_any_optional.then_some(operation.request_type.as_str()),
        with: derived_name(&operation.name, "with"),
        mentioned: mentioned(operation, &inputs),
        pages: pages(operation, &inputs, api, types),
        stream: stream(operation),
        inputs,
    }
}

fn mentioned<'a>(operation: &'a Operation, inputs: &[Input<'a>]) -> BTreeSet<&'a str> {
    let arguments = inputs.iter().filter(|input| input.is_argument());
    let arguments = arguments.map(|input| &input.placed.field.ty);
    let answer = operation.answer.iter().map(|answer| &answer.ty);
    let items = operation.paging.iter().map(|paging| &paging.item);
    let mut mentioned = BTreeSet::new();
    for ty in arguments.chain(answer).chain(items) {
        ty.each_name(&mut |name| {
            mentioned.insert(name);
        });
    }
    mentioned
}

fn pages<'a>(
    operation: &'a Operation,
    inputs: &[Input<'a>],
    api: &'a Api,
    types: &BTreeMap<&str, TypePlan<'a>>,
) -> Option<PagesPlan<'a>> {
    let paging = operation.paging.as_ref()?;
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
    Some(PagesPlan {
        paging,
        with: derived_name(&name, "with"),
        name,
        items_may_be_absent,
        at: free(at, inputs),
    })
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

fn stream(operation: &Operation) -> Option<StreamPlan<'_>> {
    let answer = operation.answer.as_ref().filter(|_| operation.streams)?;
    let TypeRef::List(item) = &answer.ty else {
        return None;
    };
    if matches!(answer.kind, AnswerKind::Json | AnswerKind::Text) {
        return None;
    }
    let name = derived_name(&operation.name, "stream");
    Some(StreamPlan {
        with: derived_name(&name, "with"),
        name,
        item,
        kind: answer.kind,
    })
}
