//! The tag whose module each type lives in.
//!
//! The tag whose singular begins the type's name wins, the longest first: `FlowRunFilter` lives with Flow Runs, not
//! with Flows. Else it is the first tag, in alphabetical order, with an operation that uses the type.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase as _;

use crate::ir::{Api, Operation};
use crate::naming::{module_name, singular};

/// The types that each type mentions.
pub(super) type Mentions<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// The tag of each of these types, `untagged` where nothing says one.
pub(super) fn of_types<'a>(
    api: &'a Api,
    types: &Mentions<'a>,
    untagged: &'a str,
) -> BTreeMap<&'a str, &'a str> {
    let tags: BTreeSet<&str> = api
        .operations
        .values()
        .map(|operation| operation.tag.as_str())
        .collect();
    let mut prefixes: Vec<(String, &str)> = tags
        .into_iter()
        .map(|tag| (singular(&module_name(tag)).to_upper_camel_case(), tag))
        .collect();
    prefixes.sort_by_key(|(prefix, _)| Reverse(prefix.len()));
    let users = users(api, types);
    let tag = |name: &str| {
        let by_name = prefixes.iter().find(|(prefix, _)| begins(name, prefix));
        let tag = by_name.map(|(_, tag)| *tag);
        tag.or_else(|| users.get(name).copied()).unwrap_or(untagged)
    };
    types.keys().map(|name| (*name, tag(name))).collect()
}

/// Whole words only: `Log` begins `LogFilter`, not `LoggingSettings`.
fn begins(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_lowercase()))
}

/// The first tag whose operations use each type. What an earlier tag uses is not walked again.
fn users<'a>(api: &'a Api, types: &Mentions<'a>) -> BTreeMap<&'a str, &'a str> {
    let mut by_tag: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in api.operations.values() {
        by_tag.entry(&operation.tag).or_default().push(operation);
    }
    let mut users = BTreeMap::new();
    for (tag, operations) in by_tag {
        let mut open: Vec<&str> = Vec::new();
        for operation in operations {
            operation.each_sent_name(&mut |name| open.push(name));
            if let Some(answer) = &operation.answer {
                answer.ty.each_name(&mut |name| open.push(name));
            }
        }
        while let Some(name) = open.pop() {
            if !users.contains_key(name) {
                open.extend(types.get(name).into_iter().flatten());
                users.insert(name, tag);
            }
        }
    }
    users
}
