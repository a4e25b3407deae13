//! Remembers where each schema stands in the description as it was given, so that every later message can say so.

use std::collections::BTreeMap;

use super::Document;
use crate::config::Config;
use crate::error::Result;
use crate::notes::note;
use crate::pointer::Pointer;
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let given = &document.given_names;
    each_schema(&mut document.root, &mut |place, schema| {
        note(schema, |note| {
            note.source = place.pointer();
            if !given.is_empty() {
                note.source = as_given(&note.source, given);
            }
        });
    });
    Ok(())
}

/// The place by the name that the description has for its component.
fn as_given(place: &Pointer, given: &BTreeMap<String, String>) -> Pointer {
    let keys: Vec<String> = place.keys().collect();
    let [components, schemas, name, below @ ..] = keys.as_slice() else {
        return place.clone();
    };
    match given.get(name) {
        Some(name) if components == "components" && schemas == "schemas" => {
            let component = Pointer::schema(name);
            below.iter().fold(component, |place, key| place.child(key))
        }
        _ => place.clone(),
    }
}
