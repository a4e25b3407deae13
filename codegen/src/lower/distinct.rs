//! Field and argument names that differ from each other: `fooBar` beside `foo_bar` becomes `foo_bar_`, and `id` in the query
//! beside `id` in the path becomes `id_query`.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::ParameterPlace;
use crate::naming::{Numbers, derived_name, value_name};

/// The names as they are where none of them is taken, which they all are then.
pub(super) fn set_apart(
    names: impl IntoIterator<Item = String>,
    taken: &mut BTreeSet<String>,
) -> Vec<String> {
    let mut numbers = Numbers::default();
    let names = names.into_iter().map(|name| {
        let free = numbers.set_apart(&name, |name| taken.contains(name));
        taken.insert(free.clone());
        free
    });
    names.collect()
}

/// The names of parameters, by their places and what they are called there.
///
/// What has the name of a parameter of an earlier place (path, query, header, cookie) is called by its own place too, unless
/// that is a name already.
pub(super) fn of_parameters(
    parameters: &[(ParameterPlace, &str)],
    taken: &mut BTreeSet<String>,
) -> Vec<String> {
    let plain = parameters
        .iter()
        .map(|(place, wire)| (*place, value_name(wire)));
    let plain: Vec<(ParameterPlace, String)> = plain.collect();
    let mut earliest: BTreeMap<&str, ParameterPlace> = BTreeMap::new();
    for (place, name) in &plain {
        let known = earliest.entry(name).or_insert(*place);
        *known = (*known).min(*place);
    }
    let names = plain.iter().map(|(place, name)| {
        let said = derived_name(name, place_name(*place));
        let is_first = earliest.get(name.as_str()) == Some(place);
        if is_first || earliest.contains_key(said.as_str()) {
            name.clone()
        } else {
            said
        }
    });
    set_apart(names, taken)
}

fn place_name(place: ParameterPlace) -> &'static str {
    match place {
        ParameterPlace::Path => "path",
        ParameterPlace::Query => "query",
        ParameterPlace::Header => "header",
        ParameterPlace::Cookie => "cookie",
    }
}
