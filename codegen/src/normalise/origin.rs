//! Remembers where each schema stands in the description as it was given, so that every later message can say so.

use std::collections::BTreeMap;

use super::Document;
use crate::config::Config;
use crate::error::Result;
use crate::notes::note;
use crate::pointer::Pointer;
use crate::walk::{as_described, each_schema};

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let names = document.given_names.iter();
    let mut given: BTreeMap<String, Pointer> = names
        .map(|(plain, name)| (plain.clone(), Pointer::schema(name)))
        .collect();
    let made = std::mem::take(&mut document.given_places);
    let made = made.into_iter();
    // What was made was made of what has its plain name by then.
    let made: Vec<_> = made
        .map(|(name, place)| (name, as_given(&place, &given)))
        .collect();
    given.extend(made);
    each_schema(&mut document.root, &mut |place, schema| {
        let mut source = as_described(&place.pointer());
        if !given.is_empty() {
            source = as_given(&source, &given);
        }
        note(schema, |note| note.source = source);
    });
    Ok(())
}

/// The place by the name that the description has for its component.
pub(super) fn as_given(place: &Pointer, given: &BTreeMap<String, Pointer>) -> Pointer {
    let keys: Vec<String> = place.keys().collect();
    let [components, schemas, name, below @ ..] = keys.as_slice() else {
        return place.clone();
    };
    match given.get(name) {
        Some(component) if components == "components" && schemas == "schemas" => below
            .iter()
            .fold(component.clone(), |place, key| place.child(key)),
        _ => place.clone(),
    }
}
