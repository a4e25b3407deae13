//! What components are called in Rust.

use std::collections::BTreeMap;

use crate::error::Problems;
use crate::json::{Value, json};
use crate::naming::Numbers;
use crate::normalise::references::{component_name, reference_to};
use crate::notes::KEY;
use crate::pointer::Pointer;

/// The Rust names of the components.
#[derive(Default)]
pub(super) struct Components {
    pub(super) rust: BTreeMap<String, String>,
    taken: BTreeMap<String, String>,
    numbers: Numbers,
}

impl Components {
    pub(super) fn has(&self, name: &str) -> bool {
        self.rust.contains_key(name)
    }

    /// A chosen name must be free.
    pub(super) fn choose(&mut self, name: &str, rust: String, problems: &mut Problems) {
        if let Some(other) = self.taken.insert(rust.clone(), name.to_owned()) {
            let rule = format!("diptych.toml names this `{rust}`, as it does `{other}`");
            problems.add(Pointer::schema(name), rule);
        }
        self.rust.insert(name.to_owned(), rust);
    }

    pub(super) fn give(&mut self, name: &str, rust: &str) {
        let free = self
            .numbers
            .free(rust, |name| self.taken.contains_key(name));
        self.taken.insert(free.clone(), name.to_owned());
        self.rust.insert(name.to_owned(), free);
    }
}

pub(super) fn rename_references(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                let new = child.as_str().filter(|_| key == "$ref");
                let new = new.and_then(|target| names.get(component_name(target)?));
                match new {
                    Some(name) => *child = json!(reference_to(name)),
                    None if key != KEY => rename_references(child, names),
                    None => {}
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|child| rename_references(child, names)),
        _ => {}
    }
}
