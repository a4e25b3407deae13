//! The tag whose module each type lives in.
//!
//! The tag whose singular begins the type's name wins, the longest first: `FlowRunFilter` lives with Flow Runs, not
//! with Flows. Else it is the first tag, in alphabetical order, with an operation that uses the type.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase as _;

use crate::config::Config;
use crate::ir::{Api, RequestBody, TypeRef};
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
    for (name, ty) in &mut api.types {
        let by_name = prefixes
            .iter()
            .find(|(prefix, _)| begins(name, prefix))
            .map(|(_, tag)| tag.clone());
        let tag = by_name.or_else(|| users.get(name).and_then(|tags| tags.first().cloned()));
        ty.tag = tag.unwrap_or_else(|| config.client.untagged.clone());
    }
}

/// Whole words only: `Log` begins `LogFilter`, not `LoggingSettings`.
fn begins(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_lowercase()))
}

fn users(api: &Api) -> BTreeMap<String, BTreeSet<String>> {
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in api.operations.values() {
        let mut open: Vec<String> = Vec::new();
        let mut add = |ty: &TypeRef| ty.names(&mut |name| open.push(name.to_owned()));
        operation
            .parameters
            .iter()
            .for_each(|parameter| add(&parameter.field.ty));
        match &operation.body {
            RequestBody::Json(field) => add(&field.ty),
            RequestBody::Embedded(name) => add(&TypeRef::Named(name.clone())),
            RequestBody::None => {}
        }
        operation.answer.iter().for_each(|answer| add(&answer.ty));
        while let Some(name) = open.pop() {
            if users
                .entry(name.clone())
                .or_default()
                .insert(operation.tag.clone())
                && let Some(ty) = api.types.get(&name)
            {
                ty.shape
                    .parts()
                    .iter()
                    .for_each(|part| part.names(&mut |name| open.push(name.to_owned())));
            }
        }
    }
    users
}
