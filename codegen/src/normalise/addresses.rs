//! Brings references into one form, a pointer: `$anchor` and `$id` are names for a place, and a pointer in a URL may be
//! percent-encoded.

use std::cell::{Cell, RefCell};

use super::references::{component_names, has_parts};
use super::{Document, generics};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value};
use crate::pointer::{Pointer, decoded};

mod names;

use names::Names;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let own = document.root["$self"].as_str().unwrap_or_default();
    let own = own.to_owned();
    let whole = Resource {
        address: own.clone(),
        place: Pointer::root(),
    };
    let mut names = Names::default();
    names.collect(&document.root, &Pointer::root(), &whole);
    names.components = component_names(&document.root);
    // What an `$id` holds is looked up as it was; few descriptions have one.
    let before = if names.resources.is_empty() {
        Value::Null
    } else {
        document.root.clone()
    };
    let seen = Seen {
        names: &names,
        root: &before,
        own,
        are_dynamic: Cell::new(false),
        guessed: RefCell::default(),
    };
    seen.rewrite(&mut document.root, &Pointer::root(), &whole);
    let guessed = seen.guessed.take();
    if seen.are_dynamic.get() {
        generics::settle(document);
    }
    for (place, target) in guessed {
        let why = "it leads to nothing; the component of that name is taken for what it means";
        document.lose(place, format!("where `{target}` leads"), why);
    }
    Ok(())
}

/// What references are relative to: the description, or a schema with an `$id`.
#[derive(Clone, Debug)]
struct Resource {
    address: String,
    place: Pointer,
}

impl Resource {
    /// The resource that begins at a value, where one does.
    fn inner(&self, map: &Map, place: &Pointer) -> Option<Self> {
        const LONGEST: usize = 2_000;
        let id = map.get("$id")?.as_str()?;
        let address = joined(&self.address, id.trim_end_matches('#'));
        // Each schema below would carry on with it.
        if address.len() > LONGEST {
            return None;
        }
        Some(Self {
            address,
            place: place.clone(),
        })
    }
}

/// An address relative to another one (RFC 3986, without its rarer cases).
pub(super) fn joined(base: &str, target: &str) -> String {
    if has_scheme(target) {
        return target.to_owned();
    }
    let path = base.find("://").map_or(0, |scheme| {
        let host = scheme + 3;
        base[host..].find('/').map_or(base.len(), |end| host + end)
    });
    let (host, path) = base.split_at(path);
    if let Some(authority) = target.strip_prefix("//") {
        let scheme = host.split_once("//").map_or("", |(scheme, _)| scheme);
        return format!("{scheme}//{authority}");
    }
    if target.starts_with('/') {
        return format!("{host}{target}");
    }
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.pop();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." if folders.len() > 1 => {
                folders.pop();
            }
            part => folders.push(part),
        }
    }
    let path = folders.join("/");
    if host.is_empty() || path.starts_with('/') {
        format!("{host}{path}")
    } else {
        format!("{host}/{path}")
    }
}

/// Whether an address is whole, and not relative to another one.
pub(super) fn has_scheme(address: &str) -> bool {
    address.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// Within one description, the place that a `$dynamicRef` names is what it leads to, unless somebody else extends it. The
/// result is whether somebody may.
fn follow_dynamic(map: &mut Map) -> bool {
    if !map.contains_key("$ref")
        && map.get("$dynamicRef").is_some_and(Value::is_string)
        && let Some(target) = map.remove("$dynamicRef")
    {
        let name = target.as_str().and_then(|target| target.split_once('#'));
        let name = name.map(|(_, name)| name.to_owned());
        map.insert("$ref".to_owned(), target);
        if let Some(name) = name.filter(|name| !name.is_empty() && !name.starts_with('/')) {
            map.insert(generics::DYNAMIC.to_owned(), name.into());
            return true;
        }
    }
    false
}

/// The names, and the document as it was.
struct Seen<'s> {
    names: &'s Names,
    root: &'s Value,
    /// What the description calls itself, in 3.2; nothing where it does not.
    own: String,
    /// Whether a reference may lead elsewhere where its schema is taken over.
    are_dynamic: Cell<bool>,
    /// The references that lead to nothing, and to a component of that name instead.
    guessed: RefCell<Vec<(Pointer, String)>>,
}

impl Seen<'_> {
    fn rewrite(&self, value: &mut Value, place: &Pointer, within: &Resource) {
        match value {
            Value::Object(map) => {
                let inner = within.inner(map, place);
                let within = inner.as_ref().unwrap_or(within);
                if follow_dynamic(map) {
                    self.are_dynamic.set(true);
                }
                for (key, child) in map {
                    match child {
                        Value::String(target) if key == "$ref" => {
                            if let Some(pointer) = self.pointer(target, within, place) {
                                *target = pointer;
                            }
                            if let Some(pointer) = self.names.pasted(target, place) {
                                *target = pointer;
                            } else if let Some(pointer) = self.names.meant(target, place) {
                                let written = std::mem::replace(target, pointer);
                                self.guessed.borrow_mut().push((place.child(key), written));
                            }
                        }
                        child if has_parts(child) => {
                            self.rewrite(child, &place.child(key), within);
                        }
                        _ => {}
                    }
                }
            }
            Value::Array(items) => {
                for (index, child) in items.iter_mut().enumerate() {
                    self.rewrite(child, &place.child(index), within);
                }
            }
            _ => {}
        }
    }

    /// The reference as a pointer, where it is written otherwise.
    fn pointer(&self, target: &str, within: &Resource, from: &Pointer) -> Option<String> {
        let (address, fragment) = target.split_once('#').unwrap_or((target, ""));
        if address.is_empty() {
            return self.within(fragment, &within.place, from);
        }
        let resources = &self.names.resources;
        let full = joined(&within.address, address);
        let resource = resources.get(&full).or_else(|| resources.get(address));
        match resource {
            Some(resource) => {
                let found = self.within(fragment, resource, from);
                found.or_else(|| below(resource, fragment))
            }
            None if !self.own.is_empty() && full == self.own => {
                let found = self.within(fragment, &Pointer::root(), from);
                found.or_else(|| below(&Pointer::root(), fragment))
            }
            None => None,
        }
    }

    /// What a fragment means in a resource. Authors mean the description by `#/components/…` in a schema with an `$id` too.
    fn within(&self, fragment: &str, resource: &Pointer, from: &Pointer) -> Option<String> {
        if !fragment.is_empty() && !fragment.starts_with('/') {
            let found = self.names.anchor(resource, fragment, from);
            return found.map(|place| format!("#{}", place.as_str()));
        }
        let path = decoded(fragment)?;
        let below = format!("{}{path}", resource.as_str());
        if *resource != Pointer::root() && self.root.pointer(&below).is_some() {
            return Some(format!("#{below}"));
        }
        (path != fragment).then(|| format!("#{path}"))
    }
}

/// The pointer that a fragment is, below a resource; an anchor is none.
fn below(resource: &Pointer, fragment: &str) -> Option<String> {
    let path = decoded(fragment)?;
    let is_path = path.is_empty() || path.starts_with('/');
    is_path.then(|| format!("#{}{path}", resource.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::{Names, Resource, Seen, joined};
    use crate::pointer::Pointer;

    #[test]
    fn names_of_places_become_pointers() {
        let root = json!({ "components": { "schemas": {
            "Pet": { "$id": "https://example.com/pets/pet", "$anchor": "pet", "properties": { "a b": {}, "c": { "$id": "toy" } } }
        } } });
        let mut names = Names::default();
        let whole = Resource {
            address: String::new(),
            place: Pointer::root(),
        };
        names.collect(&root, &Pointer::root(), &whole);
        let seen = Seen {
            names: &names,
            root: &root,
            own: String::new(),
            are_dynamic: std::cell::Cell::new(false),
            guessed: std::cell::RefCell::default(),
        };
        let pet = Resource {
            address: "https://example.com/pets/pet".to_owned(),
            place: Pointer::schema("Pet"),
        };
        let place = "#/components/schemas/Pet";
        let of = |target| seen.pointer(target, &whole, &Pointer::root());
        assert_eq!(of("#pet").as_deref(), Some(place));
        assert_eq!(of("https://example.com/pets/pet").as_deref(), Some(place));
        assert_eq!(of("https://example.com/pets/pet#").as_deref(), Some(place));
        assert_eq!(
            of("https://example.com/pets/pet#pet").as_deref(),
            Some(place)
        );
        assert_eq!(of("https://example.com/pets/pet#nobody"), None);
        assert_eq!(of("#nobody"), None);
        let below = "#/components/schemas/Pet/properties/a b";
        let far = "https://example.com/pets/pet#/properties/a%20b";
        assert_eq!(of(far).as_deref(), Some(below));
        assert_eq!(of("#/components/schemas/Pet"), None);
        assert_eq!(of("#/a%20b~1c").as_deref(), Some("#/a b~1c"));
        assert_eq!(of("other.yaml#/Pet"), None);
        assert_eq!(of("#/%4"), None);
        assert_eq!(of("#/%+1"), None);
        let inside = |target| seen.pointer(target, &pet, &Pointer::root());
        assert_eq!(inside("#").as_deref(), Some(place));
        assert_eq!(inside("#/properties/a%20b").as_deref(), Some(below));
        assert_eq!(inside("#/components/schemas/Pet"), None);
        let toy = "#/components/schemas/Pet/properties/c";
        assert_eq!(inside("toy").as_deref(), Some(toy));
        assert_eq!(inside("/pets/toy").as_deref(), Some(toy));
    }

    #[test]
    fn a_pasted_schema_means_its_own_definitions() {
        let root = json!({
            "$defs": { "Shared": {} },
            "components": { "schemas": { "A": { "$defs": { "B": {}, "Shared": {} }, "properties": { "b": { "$defs": { "C": {} } } } } } }
        });
        let mut names = Names::default();
        let whole = Resource {
            address: String::new(),
            place: Pointer::root(),
        };
        names.collect(&root, &Pointer::root(), &whole);
        let place = Pointer::schema("A").child("properties").child("b");
        let of = |target| names.pasted(target, &place);
        let b = "#/components/schemas/A/$defs/B/properties/c";
        assert_eq!(of("#/$defs/B/properties/c").as_deref(), Some(b));
        let c = "#/components/schemas/A/properties/b/$defs/C";
        assert_eq!(of("#/$defs/C").as_deref(), Some(c));
        assert_eq!(of("#/$defs/Nobody"), None);
        assert_eq!(of("#/components/schemas/A"), None);
        assert_eq!(names.pasted("#/$defs/Shared", &Pointer::root()), None);
    }

    #[test]
    fn addresses_are_relative_to_others() {
        let base = "https://example.com/a/b";
        assert_eq!(joined(base, "c"), "https://example.com/a/c");
        assert_eq!(joined(base, "./c"), "https://example.com/a/c");
        assert_eq!(joined(base, "../c"), "https://example.com/c");
        assert_eq!(joined(base, "../../../c"), "https://example.com/c");
        assert_eq!(joined(base, "/c"), "https://example.com/c");
        assert_eq!(joined(base, "urn:c"), "urn:c");
        assert_eq!(joined(base, "//other/c"), "https://other/c");
        assert_eq!(joined("https://example.com", "c"), "https://example.com/c");
        assert_eq!(joined("", "c.yaml"), "c.yaml");
    }
}
