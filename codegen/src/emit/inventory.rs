//! The inventory: every operation, every type, every place that can be anything, and every loss.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rust_type::{held, owned, words};
use super::signature::Signature;
use super::{clients, paged_methods, security, servers};
use crate::ir::{Outcome, Parameter, SecurityKind, Shape, Style};
use crate::json::Value;
use crate::loss::Loss;
use crate::plan::{Face, OperationPlan, PagesPlan, PagingRule, Placed, Plan, Travel, TypePlan};
use crate::pointer::Pointer;

mod markdown;
mod values;

pub use markdown::inventory_markdown;
pub use values::ValueEntry;
use values::values;

/// What a description became.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Inventory {
    /// The description's title.
    pub title: String,
    /// The API's version.
    pub version: String,
    /// Every operation.
    pub operations: Vec<OperationEntry>,
    /// Every struct of what is optional about an operation.
    pub requests: Vec<RequestEntry>,
    /// Every struct of what an answer has in its headers.
    pub headers: Vec<RequestEntry>,
    /// Every named type.
    pub types: Vec<TypeEntry>,
    /// Every place whose value can be anything.
    pub values: Vec<ValueEntry>,
    /// Every meaning that is not kept.
    pub losses: Vec<Loss>,
    /// The constructors of both clients that say who it is.
    pub constructors: Vec<String>,
    /// The addresses of the API, by their names in Rust.
    pub servers: BTreeMap<String, String>,
    /// Operations that the live tests can't see answered, with the reason.
    pub unanswered: BTreeMap<String, String>,
}

/// An operation in the inventory.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct OperationEntry {
    /// The method of both clients.
    pub name: String,
    /// The HTTP method.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The tag.
    pub tag: String,
    /// The blocking signature.
    pub blocking: String,
    /// The async signature.
    pub asynchronous: String,
    /// The blocking signature of the method that takes what is optional too, where anything is.
    pub blocking_with: Option<String>,
    /// The async signature of that method.
    pub asynchronous_with: Option<String>,
    /// Where it stands in the description.
    pub pointer: Pointer,
    /// Headers that the client sends itself.
    pub client_headers: Vec<String>,
    /// Whether a person says that it does no more when it is sent twice, which its method does not promise.
    pub repeatable: bool,
    /// The method that reads its pages, where it has some.
    pub pages: Option<PagesEntry>,
    /// The media type of what it sends, where that has one.
    pub sends: Option<String>,
    /// The media types that it asks for, where they are not what every call asks for.
    pub accepts: Option<String>,
    /// Where each parameter travels, and how it becomes text, by its name: `limit` has `query, usual`.
    pub places: BTreeMap<String, String>,
    /// The names that it had, which users find deprecated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<String>,
    /// The credentials of each way to say who asks: nothing where the description says nothing, and one empty list where
    /// nobody has to.
    pub asks: Option<Vec<Vec<String>>>,
}

/// How the pages of an operation are read, in the inventory.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PagesEntry {
    /// The rule of `diptych.toml`.
    pub rule: &'static str,
    /// The signature, which is the same in both clients.
    pub signature: String,
    /// The signature of the method that takes what is optional too, where anything is.
    pub signature_with: Option<String>,
}

/// What is optional about an operation, in the inventory.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RequestEntry {
    /// Its Rust name.
    pub name: String,
    /// The tag.
    pub tag: String,
    /// A line for each field.
    pub members: Vec<String>,
}

/// A type in the inventory.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TypeEntry {
    /// Its Rust name. The body of one operation has no type that users can name: see [`RequestEntry`].
    pub name: String,
    /// What it is: object, enumeration, union, alias or body.
    pub kind: &'static str,
    /// The tag.
    pub tag: String,
    /// Which way it travels.
    pub travel: Travel,
    /// A line for each thing that users can name: fields, variants.
    pub members: Vec<String>,
    /// The names that it had, which users find deprecated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<String>,
    /// Where it stands in the description.
    pub pointer: Pointer,
}

/// Makes the inventory; `source` is the description as it was given.
pub(crate) fn inventory(
    plan: &Plan<'_>,
    unanswered: &BTreeMap<String, String>,
    source: &Value,
) -> Inventory {
    let api = plan.api;
    let operations = plan.operations.iter();
    Inventory {
        title: api.title.clone(),
        version: api.version.clone(),
        requests: operations.clone().filter_map(request).collect(),
        headers: api.operations.values().filter_map(answer_headers).collect(),
        operations: operations.map(operation).collect(),
        types: plan.types.values().map(type_entry).collect(),
        values: values(plan, source),
        losses: plan.losses.clone(),
        constructors: security::signatures(api),
        servers: servers::names(api)
            .into_iter()
            .map(|(name, server)| (name, server.url.clone()))
            .collect(),
        unanswered: unanswered.clone(),
    }
}

fn operation(plan: &OperationPlan<'_>) -> OperationEntry {
    let operation = plan.operation;
    let signature = Signature::of(plan);
    let blocking = words(&clients::plain(Face::Blocking, plan, &signature));
    let blocking_with = clients::with_request(Face::Blocking, &signature);
    let blocking_with = blocking_with.map(|one| words(&one));
    // The faces differ in that word alone.
    let asynchronous = |blocking: &String| format!("async {blocking}");
    OperationEntry {
        name: operation.name.clone(),
        method: operation.method.clone(),
        path: operation.path.clone(),
        tag: operation.tag.clone(),
        asynchronous: asynchronous(&blocking),
        blocking,
        asynchronous_with: blocking_with.as_ref().map(asynchronous),
        blocking_with,
        pointer: operation.source.clone(),
        client_headers: operation.client_headers.clone(),
        repeatable: operation.repeatable,
        pages: plan.pages.as_ref().map(|pages| entry(pages, &signature)),
        sends: operation
            .content
            .as_ref()
            .map(|content| content.media_type.clone()),
        accepts: operation.accept.clone(),
        places: operation
            .parameters
            .iter()
            .zip(&plan.styles)
            .map(place)
            .collect(),
        former: plan
            .former
            .iter()
            .map(|former| former.name.to_owned())
            .collect(),
        asks: operation.asks.as_deref().map(asks),
    }
}

fn place((parameter, style): (&Parameter, &Style)) -> (String, String) {
    let words = format!("{:?}, {style:?}", parameter.place).to_lowercase();
    let reserved = if parameter.allow_reserved {
        ", reserved characters as they are"
    } else {
        ""
    };
    (parameter.field.wire.clone(), words + reserved)
}

fn asks(alternatives: &[Vec<SecurityKind>]) -> Vec<Vec<String>> {
    let words = |kind: &SecurityKind| match kind {
        SecurityKind::Basic => "a user and a password".to_owned(),
        SecurityKind::Bearer | SecurityKind::Token => "a token".to_owned(),
        SecurityKind::Key { place, name } => format!("the key `{name}` ({place:?})").to_lowercase(),
    };
    let all = |all: &Vec<SecurityKind>| all.iter().map(words).collect();
    alternatives.iter().map(all).collect()
}

fn entry(pages: &PagesPlan<'_>, signature: &Signature) -> PagesEntry {
    let rule = match &pages.paging.rule {
        PagingRule::Offset { .. } => "offset",
        PagingRule::Number { .. } => "number",
        PagingRule::Link { .. } => "link",
    };
    let with = paged_methods::with_request(pages, signature);
    PagesEntry {
        rule,
        signature: words(&paged_methods::plain(pages, signature)),
        signature_with: with.map(|one| words(&one)),
    }
}

fn request(plan: &OperationPlan<'_>) -> Option<RequestEntry> {
    let members = plan.optional().map(|input| {
        let placed = &input.placed;
        format!("{}: {}", placed.field.name, words(&held(placed)))
    });
    Some(RequestEntry {
        name: plan.request?.to_owned(),
        tag: plan.operation.tag.clone(),
        members: members.collect(),
    })
}

fn answer_headers(operation: &crate::ir::Operation) -> Option<RequestEntry> {
    let members = operation.answer_headers.iter().map(|field| {
        let ty = words(&super::headers::ty(field));
        format!("{}: {ty}", field.name)
    });
    let members: Vec<String> = members.collect();
    (!members.is_empty()).then(|| RequestEntry {
        name: operation.request_type.clone(),
        tag: operation.tag.clone(),
        members,
    })
}

fn type_entry(plan: &TypePlan<'_>) -> TypeEntry {
    let ty = plan.ty;
    let (kind, members) = match &ty.shape {
        Shape::Object(object) => {
            let fields = plan.fields.iter().map(member);
            let additional = object
                .additional
                .iter()
                .map(|ty| format!("additional: BTreeMap<String, {}>", words(&owned(ty))));
            ("object", fields.chain(additional).collect())
        }
        Shape::Enumeration(values) => {
            let each = values
                .iter()
                .map(|value| format!("{} = {:?}", value.variant, value.wire));
            (
                "enumeration",
                each.chain(["Unknown(String)".to_owned()]).collect(),
            )
        }
        Shape::Union(union) => {
            let each = union.branches.iter().map(|branch| {
                let tag = if branch.tags.is_empty() {
                    String::new()
                } else {
                    format!(" = {:?}", branch.tags.join(" | "))
                };
                format!("{}({}){tag}", branch.variant, words(&owned(&branch.ty)))
            });
            ("union", each.chain(["Unknown(Value)".to_owned()]).collect())
        }
        Shape::Outcomes(outcomes) => ("outcomes", outcomes.iter().map(outcome).collect()),
        Shape::Alias(target) => ("alias", vec![format!("= {}", words(&owned(target)))]),
    };
    TypeEntry {
        name: ty.name.clone(),
        kind: if ty.embedded { "body" } else { kind },
        tag: plan.tag.to_owned(),
        travel: plan.travel,
        members,
        former: plan.former.iter().map(|&name| name.to_owned()).collect(),
        pointer: ty.source.clone(),
    }
}

fn outcome(outcome: &Outcome) -> String {
    let status = outcome
        .status
        .map_or_else(|| "2XX".to_owned(), |status| status.to_string());
    match &outcome.body {
        Some((_, ty)) => format!("{}({}) = {status}", outcome.variant, words(&owned(ty))),
        None => format!("{} = {status}", outcome.variant),
    }
}

fn member(placed: &Placed<'_>) -> String {
    let field = placed.field;
    if let Some(constant) = &field.constant {
        return format!("{} = {constant}", field.wire);
    }
    let ty = words(&held(placed));
    if let Some(tag) = &field.tag {
        return format!("{}: {ty} = {}", field.name, Value::from(tag.as_str()));
    }
    let required = if placed.required { " (required)" } else { "" };
    format!("{}: {ty}{required}", field.name)
}
