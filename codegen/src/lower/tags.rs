//! The tag whose module each type lives in.
//!
//! The tag whose singular begins the type's name wins, the longest first: `FlowRunFilter` lives with Flow Runs, not
//! with Flows. Else it is the first tag, in alphabetical order, with an operation that uses the type.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase as _;

use crate::config::Config;
use crate::ir::{Api, Operation, RequestBody, TypeRef};
use crate::naming::{module_name, singular};

pub(super) fn settle(api: &mut Api, config: &Config) {
    let tags: BTreeSet<String> = api
        .operations
        .values()
        .map(|operation| operation.tag.clone())
        .collect();
    let mut prefixes: Vec<(String, String)> = tags
        .iter()
        .map(|tag| {
            (
                singular(&module_name(tag)).to_upper_camel_case(),
                tag.clone(),
            )
        })
        .collect();
    prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
    let users = users(api);
    let tags: BTreeMap<String, String> = api
        .types
        .keys()
        .map(|name| {
            let by_name = prefixes.iter().find(|(prefix, _)| begins(name, prefix));
            let tag = by_name.map(|(_, tag)| tag.as_str());
            let tag = tag.or_else(|| users.get(name).copied());
            let tag = tag.unwrap_or(&config.client.untagged);
            (name.clone(), tag.to_owned())
        })
        .collect();
    for (ty, tag) in api.types.values_mut().zip(tags.into_values()) {
        ty.tag = tag;
    }
}

/// Whole words only: `Log` begins `LogFilter`, not `LoggingSettings`.
fn begins(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_lowercase()))
}

/// The first tag whose operations use each type. What an earlier tag uses is not walked again.
fn users(api: &Api) -> BTreeMap<String, &str> {
    let mut by_tag: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in api.operations.values() {
        by_tag.entry(&operation.tag).or_default().push(operation);
    }
    let mut users: BTreeMap<String, &str> = BTreeMap::new();
    for (tag, operations) in by_tag {
        let mut open: Vec<String> = Vec::new();
        for operation in operations {
            names(operation, &mut open);
        }
        while let Some(name) = open.pop() {
            if users.contains_key(&name) {
                continue;
            }
            if let Some(ty) = api.types.get(&name) {
                for part in ty.shape.parts() {
                    part.names(&mut |name| open.push(name.to_owned()));
                }
            }
            users.insert(name, tag);
        }
    }
    users
}

/// The types that an operation names.
fn names(operation: &Operation, open: &mut Vec<String>) {
    let mut add = |ty: &TypeRef| ty.names(&mut |name| open.push(name.to_owned()));
    for parameter in &operation.parameters {
        add(&parameter.field.ty);
    }
    match &operation.body {
        RequestBody::Whole(field) => add(&field.ty),
        RequestBody::Embedded(name) => add(&TypeRef::Named(name.clone())),
        RequestBody::None => {}
    }
    if let Some(answer) = &operation.answer {
        add(&answer.ty);
    }
}
