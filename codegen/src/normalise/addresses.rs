//! Brings references into one form, a pointer: `$anchor` and `$id` are names for a place, and a pointer in a URL may be
//! percent-encoded.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Document;
use crate::config::Config;
use crate::error::Result;
use crate::pointer::{Pointer, decoded};

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut names = BTreeMap::new();
    collect(&document.root, &Pointer::root(), &mut names);
    rewrite(&mut document.root, &names);
    Ok(())
}

/// What a place is called beside its pointer; the first of two that share a name has it.
fn collect(value: &Value, place: &Pointer, names: &mut BTreeMap<String, Pointer>) {
    match value {
        Value::Object(map) => {
            for (key, before) in [("$anchor", "#"), ("$dynamicAnchor", "#"), ("$id", "")] {
                if let Some(Value::String(name)) = map.get(key) {
                    let name = format!("{before}{name}");
                    names.entry(name).or_insert_with(|| place.clone());
                }
            }
            for (key, child) in map {
                collect(child, &place.child(key), names);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                collect(child, &place.child(index), names);
            }
        }
        _ => {}
    }
}

fn rewrite(value: &mut Value, names: &BTreeMap<String, Pointer>) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                match child {
                    Value::String(target) if key == "$ref" || key == "$dynamicRef" => {
                        if let Some(pointer) = pointer(target, names) {
                            *target = pointer;
                        }
                    }
                    child => rewrite(child, names),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|child| rewrite(child, names)),
        _ => {}
    }
}

/// The reference as a pointer, where it is written otherwise.
fn pointer(target: &str, names: &BTreeMap<String, Pointer>) -> Option<String> {
    if let Some(place) = names.get(target) {
        return Some(format!("#{}", place.as_str()));
    }
    let (file, fragment) = target.split_once('#')?;
    // A pointer or an anchor below what an `$id` names.
    if !file.is_empty() {
        let place = names.get(file)?;
        if fragment.is_empty() {
            return Some(format!("#{}", place.as_str()));
        }
        return match fragment.strip_prefix('/') {
            Some(rest) => Some(format!("#{}/{}", place.as_str(), decoded(rest)?)),
            None => pointer(&format!("#{fragment}"), names),
        };
    }
    let decoded = decoded(fragment)?;
    (decoded != fragment).then(|| format!("#{decoded}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::pointer;
    use crate::pointer::Pointer;

    #[test]
    fn names_of_places_become_pointers() {
        let pet = Pointer::schema("Pet");
        let names = BTreeMap::from([
            ("#pet".to_owned(), pet.clone()),
            ("https://example.com/pet".to_owned(), pet),
        ]);
        let of = |target| pointer(target, &names);
        let pet = Some("#/components/schemas/Pet".to_owned());
        assert_eq!(of("#pet"), pet);
        assert_eq!(of("https://example.com/pet"), pet);
        assert_eq!(of("https://example.com/pet#"), pet);
        assert_eq!(of("https://example.com/pet#pet"), pet);
        assert_eq!(
            of("https://example.com/pet#/properties/a%20b").as_deref(),
            Some("#/components/schemas/Pet/properties/a b")
        );
        assert_eq!(of("#/components/schemas/Pet"), None);
        assert_eq!(of("#/a%20b~1c").as_deref(), Some("#/a b~1c"));
        assert_eq!(of("other.yaml#/Pet"), None);
        assert_eq!(of("#/%4"), None);
        assert_eq!(of("#/%+1"), None);
    }
}
