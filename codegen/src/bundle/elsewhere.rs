//! What references lead to in other files, each of which is read once.

use std::collections::BTreeMap;

use super::Bundle;
use crate::error::{Error, Result};
use crate::json::Value;
use crate::pointer::{Pointer, decoded};
use crate::walk::values;

/// How many files a description may have.
const FILES: usize = 20_000;

/// The references that may follow each other, one leading to no more than the next.
pub(super) const CHAIN: usize = 32;

impl Bundle<'_, '_> {
    /// The place where a reference ends, past those that are no more than references to other files.
    pub(super) fn end(
        &mut self,
        mut file: String,
        mut pointer: String,
    ) -> Result<(String, String)> {
        for _ in 0..CHAIN {
            if file.is_empty() {
                break;
            }
            pointer = self.at_anchor(&file, pointer)?;
            let found = self.look(&file, &pointer)?;
            let Some(target) = found.and_then(bare_reference).map(str::to_owned) else {
                break;
            };
            let Some(next) = self.leads(&file, &target) else {
                break;
            };
            (file, pointer) = next;
        }
        Ok((file, pointer))
    }

    /// The pointer to the schema that has the anchor, where the fragment is one.
    fn at_anchor(&mut self, file: &str, fragment: String) -> Result<String> {
        if fragment.is_empty() || fragment.starts_with('/') {
            return Ok(fragment);
        }
        if !self.anchors.contains_key(file) {
            let mut found = BTreeMap::new();
            if let Some(whole) = self.look(file, "")? {
                anchors(whole, &Pointer::root(), &mut found);
            }
            self.anchors.insert(file.to_owned(), found);
        }
        let found = self.anchors[file].get(&fragment).cloned();
        Ok(found.unwrap_or(fragment))
    }

    /// Where a reference leads, if that is another file than the one of the description. `file` is that which has it.
    pub(super) fn leads(&self, file: &str, target: &str) -> Option<(String, String)> {
        match other_file(file, target) {
            Some((path, pointer)) if path == self.own => Some((String::new(), pointer)),
            Some(found) => Some(found),
            // In another file, `#/…` is a place of that file.
            None if !file.is_empty() && target.starts_with('#') => {
                Some((file.to_owned(), target[1..].to_owned()))
            }
            None => None,
        }
    }

    /// A copy of what stands at a place of a file.
    pub(super) fn at(&mut self, file: &str, pointer: &str) -> Result<Option<Value>> {
        let found = self.look(file, pointer)?.cloned();
        if let Some(found) = &found {
            let left = self.left.checked_sub(values(found));
            self.left = left.ok_or_else(|| {
                too_much("what other files say comes to more than five million values".to_owned())
            })?;
        }
        Ok(found)
    }

    /// What stands at a place of a file.
    pub(super) fn look(&mut self, file: &str, pointer: &str) -> Result<Option<&Value>> {
        if !self.files.contains_key(file) {
            // An address that leads to no file may be the `$id` of a schema.
            if self.found >= FILES {
                return Err(too_much(format!(
                    "the description has more than {FILES} files"
                )));
            }
            let text = (self.load)(file);
            let read = match text.map(|text| crate::parse::read_text(&text)) {
                Some(Err(error)) => {
                    let problem = &error.problems()[0];
                    return Err(too_much(format!("{file}: {}", problem.rule)));
                }
                Some(Ok(value)) => {
                    self.found += 1;
                    Some(value)
                }
                None => None,
            };
            self.files.insert(file.to_owned(), read);
        }
        let whole = self.files[file].as_ref();
        Ok(whole.and_then(|whole| whole.pointer(pointer)))
    }
}

/// The target of what is no more than a reference.
pub(super) fn bare_reference(schema: &Value) -> Option<&str> {
    let schema = schema.as_object().filter(|schema| schema.len() == 1)?;
    schema.get("$ref")?.as_str()
}

/// Where schemas have anchors.
fn anchors(value: &Value, place: &Pointer, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for key in ["$anchor", "$dynamicAnchor"] {
                if let Some(anchor) = map.get(key).and_then(Value::as_str) {
                    let pointer = || place.as_str().to_owned();
                    found.entry(anchor.to_owned()).or_insert_with(pointer);
                }
            }
            for (key, child) in map {
                anchors(child, &place.child(key), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                anchors(item, &place.child(index), found);
            }
        }
        _ => {}
    }
}

fn too_much(rule: String) -> Error {
    Error::at(Pointer::root(), rule)
}

/// The file, and the pointer in it, that a reference names; nothing where it names a place of the same file, or what is no
/// file.
pub(super) fn other_file(from: &str, target: &str) -> Option<(String, String)> {
    let (path, pointer) = target.split_once('#').unwrap_or((target, ""));
    let (path, pointer) = (decoded(path)?, decoded(pointer)?);
    // A drive, a URL, a share of the network, or anything else that is not below or beside the folder.
    if path.is_empty() || path.contains([':', '\\']) || path.starts_with('/') {
        return None;
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|part| *part != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    Some((parts.join("/"), pointer))
}

#[cfg(test)]
mod tests {
    use super::other_file;

    #[test]
    fn a_reference_names_a_file_by_a_path_from_its_own() {
        let of = |from, target| other_file(from, target).map(|(file, _)| file);
        assert_eq!(of("", "a.yaml#/b").as_deref(), Some("a.yaml"));
        assert_eq!(of("x/y.yaml", "../a.yaml").as_deref(), Some("a.yaml"));
        assert_eq!(of("x/y.yaml", "./z/a.yaml").as_deref(), Some("x/z/a.yaml"));
        assert_eq!(of("y.yaml", "../a.yaml").as_deref(), Some("../a.yaml"));
        assert_eq!(of("", "a%20b.yaml#/c").as_deref(), Some("a b.yaml"));
        let pointer = other_file("", "a.yaml#/~1pets~1%7Bid%7D").map(|(_, pointer)| pointer);
        assert_eq!(pointer.as_deref(), Some("/~1pets~1{id}"));
        for other in [
            "#/a",
            "https://example.com/a.yaml",
            "/etc/a.yaml",
            "urn:a",
            r"\\host\a.yaml",
            "%2Fetc/a.yaml",
        ] {
            assert_eq!(of("", other), None, "{other}");
        }
    }
}
