//! The names that types and operations had before: users find what is called so deprecated.

use std::collections::BTreeMap;

use super::types::Travelling;
use crate::config::Config;
use crate::error::{Problems, Result};
use crate::ir::Api;
use crate::naming::{derived_name, type_name, value_name};
use crate::pointer::Pointer;

/// The former names of each type and of each operation, by the name of today.
#[derive(Default)]
pub(super) struct FormerNames<'a> {
    pub(super) of_types: BTreeMap<&'a str, Vec<&'a str>>,
    pub(super) of_operations: BTreeMap<&'a str, Vec<Former<'a>>>,
}

/// A name that an operation had.
pub(crate) struct Former<'a> {
    /// The methods' name.
    pub(crate) name: &'a str,
    /// The name of the struct of what is optional about it.
    pub(crate) request_type: String,
}

pub(super) fn find<'a>(
    api: &Api,
    types: &BTreeMap<&str, Travelling<'_>>,
    config: &'a Config,
) -> Result<FormerNames<'a>> {
    let mut problems = Problems::default();
    let mut names = FormerNames::default();
    for (former, name) in &config.names.former {
        let Err(rule) = names.add(former, name, api, types) else {
            continue;
        };
        if config.is_for(&api.version) {
            let rule = format!("diptych.toml has the former name `{former}`, but {rule}");
            problems.add(Pointer::root(), rule);
        }
    }
    problems.into_result()?;
    Ok(names)
}

impl<'a> FormerNames<'a> {
    /// The error is what speaks against it.
    fn add(
        &mut self,
        former: &'a str,
        name: &'a str,
        api: &Api,
        types: &BTreeMap<&str, Travelling<'_>>,
    ) -> std::result::Result<(), String> {
        let is_method = methods(former)
            .iter()
            .any(|name| api.operations.contains_key(name));
        if is_method || types.contains_key(former) {
            return Err("something is called so".to_owned());
        }
        if api.operations.contains_key(name) {
            let request_type = type_name(former);
            let mut others = api.operations.values();
            let is_request = others.any(|other| other.request_type == request_type);
            if value_name(former) != former || is_request {
                return Err("no method can be called so".to_owned());
            }
            let known = self.of_operations.entry(name).or_default();
            known.push(Former {
                name: former,
                request_type,
            });
            return Ok(());
        }
        if types.get(name).is_none_or(|one| one.ty.embedded) {
            return Err(format!("no type and no method is called `{name}`"));
        }
        if type_name(former) != former {
            return Err("no type can be called so".to_owned());
        }
        self.of_types.entry(name).or_default().push(former);
        Ok(())
    }
}

/// What the methods of an operation may be called that has this name.
fn methods(name: &str) -> [String; 6] {
    let (pages, stream) = (derived_name(name, "pages"), derived_name(name, "stream"));
    let with = |name: &str| derived_name(name, "with");
    [
        name.to_owned(),
        with(name),
        with(&pages),
        with(&stream),
        pages,
        stream,
    ]
}
