//! The third stage: the canonical document, through progenitor, into the [IR](crate::ir).

use std::collections::BTreeMap;

use crate::config::Config;
use crate::error::{Problems, Result};
use crate::ir::Api;
use crate::normalise::Canonical;
use crate::pointer::Pointer;

mod cycles;
mod distinct;
mod documentation;
mod endless;
mod front_end;
mod items;
mod members;
mod merged;
mod operations;
mod paging;
mod parameters;
mod rust_types;
mod same_branches;
mod tags;
mod travel;
mod types;

/// Lowers a canonical document.
///
/// # Errors
///
/// When a schema has no type or an operation no method in what progenitor makes of the document.
pub fn lower(canonical: &Canonical, config: &Config) -> Result<Api> {
    let front_end = front_end::run(canonical)?;
    let mut problems = Problems::default();
    let lowered = types::lower(canonical, &front_end, &mut problems);
    let operations = operations::lower(canonical, &front_end, &mut problems);
    problems.into_result()?;
    let info = |key: &str| {
        canonical.document["info"][key]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let mut api = Api {
        title: info("title"),
        version: info("version"),
        types: lowered,
        operations,
        losses: canonical.losses.clone(),
    };
    api.losses.extend(front_end.losses);
    check_counts(canonical, &api, &front_end.skipped)?;
    endless::cut(&mut api);
    same_branches::merge(&mut api);
    endless::cut(&mut api);
    cycles::cut(&mut api);
    parameters::settle(&mut api);
    distinct::settle(&mut api);
    paging::settle(&mut api, config)?;
    travel::settle(&mut api);
    tags::settle(&mut api, config);
    api.losses.sort();
    api.losses.dedup();
    Ok(api)
}

/// Every schema that went in has come out as a type, every operation as an operation, except what was reported.
fn check_counts(
    canonical: &Canonical,
    api: &Api,
    skipped: &BTreeMap<Pointer, String>,
) -> Result<()> {
    let mut problems = Problems::default();
    let schemas = canonical.document["components"]["schemas"].as_object();
    for name in schemas.into_iter().flat_map(|schemas| schemas.keys()) {
        let carries_tuple = canonical
            .notes
            .values()
            .any(|note| note.tuple.as_ref() == Some(name));
        if !api.types.contains_key(name) && !carries_tuple {
            problems.add(
                Pointer::schema(name),
                "no Rust type came out for this schema",
            );
        }
    }
    for (name, note) in &canonical.operations {
        if !api.operations.contains_key(name) && !skipped.contains_key(&note.source) {
            problems.add(note.source.clone(), "no method came out for this operation");
        }
    }
    problems.into_result()
}
