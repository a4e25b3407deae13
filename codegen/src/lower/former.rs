//! The names that types and operations had before: users find what is called so deprecated.

use crate::config::Config;
use crate::error::{Problems, Result};
use crate::ir::{Api, Former};
use crate::naming::{derived_name, type_name, value_name};
use crate::pointer::Pointer;

pub(super) fn settle(api: &mut Api, config: &Config) -> Result<()> {
    let mut problems = Problems::default();
    for (former, name) in &config.names.former {
        let Some(rule) = keep(api, former, name) else {
            continue;
        };
        if config.is_for(&api.version) {
            let rule = format!("diptych.toml has the former name `{former}`, but {rule}");
            problems.add(Pointer::root(), rule);
        }
    }
    problems.into_result()
}

/// What speaks against it.
fn keep(api: &mut Api, former: &str, name: &str) -> Option<String> {
    let derived = |suffix: &str| derived_name(former, suffix);
    let (pages, stream) = (derived("pages"), derived("stream"));
    let with = |name: &str| derived_name(name, "with");
    let (of_pages, of_stream) = (with(&pages), with(&stream));
    let names = [
        former,
        &with(former),
        &pages,
        &of_pages,
        &stream,
        &of_stream,
    ];
    let is_method = names.iter().any(|name| api.operations.contains_key(*name));
    let taken = is_method || api.types.contains_key(former);
    if taken {
        return Some("something is called so".to_owned());
    }
    let request_types = api.operations.values().map(|one| &one.request_type);
    let request_type = type_name(former);
    let is_request = request_types.into_iter().any(|name| *name == request_type);
    if let Some(operation) = api.operations.get_mut(name) {
        if value_name(former) != former || is_request {
            return Some("no method can be called so".to_owned());
        }
        operation.former.push(Former {
            name: former.to_owned(),
            request_type,
        });
        return None;
    }
    match api.types.get_mut(name).filter(|ty| !ty.embedded) {
        Some(_) if type_name(former) != former => Some("no type can be called so".to_owned()),
        Some(ty) => {
            ty.former.push(former.to_owned());
            None
        }
        None => Some(format!("no type and no method is called `{name}`")),
    }
}
