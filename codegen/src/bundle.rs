//! One document of a description in several files. What other files say is put where it is used; their schemas become
//! components. Nothing is asked of a network.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::naming::Numbers;
use crate::pointer::Pointer;

mod elsewhere;
mod spread;

use elsewhere::{bare_reference, other_file};
use spread::{LISTS, NAMES, is_spread};

/// Reads a file by its path from the description's folder: its text, or nothing where there is none.
pub(crate) type Load<'l> = dyn FnMut(&str) -> Option<String> + 'l;

/// The values that are copied from files in all.
const COPIED: usize = 5_000_000;

/// The references behind references that are followed for one part.
const DEPTH: usize = 10;

/// Puts everything into one document. `own` is the name of the description's file, which others may refer to. A reference
/// that leads to no file stays, and is said later with its place.
///
/// # Errors
///
/// When a file is neither JSON nor YAML, or all come to too much.
pub(crate) fn bundle(mut root: Value, own: &str, load: &mut Load<'_>) -> Result<Value> {
    let mut bundle = Bundle {
        load,
        own,
        files: BTreeMap::from([(String::new(), Some(root.clone()))]),
        anchors: BTreeMap::new(),
        names: BTreeMap::new(),
        numbers: Numbers::default(),
        taken: BTreeSet::new(),
        open: VecDeque::new(),
        found: 1,
        left: COPIED,
    };
    bundle.spread_components(&mut root)?;
    bundle.taken = names(&root);
    bundle.take_names(&root)?;
    bundle.part(&mut root, "", DEPTH)?;
    let mut made = Map::new();
    while let Some(Import {
        name,
        file,
        pointer,
    }) = bundle.open.pop_front()
    {
        let mut schema = bundle.at(&file, &pointer)?.unwrap_or_default();
        bundle.schema(&mut schema, &file)?;
        made.insert(name, schema);
    }
    if !made.is_empty()
        && let Some(root) = root.as_object_mut()
        && let Some(components) = root
            .entry("components")
            .or_insert_with(|| json!({}))
            .as_object_mut()
        && let Some(schemas) = components
            .entry("schemas")
            .or_insert_with(|| json!({}))
            .as_object_mut()
    {
        schemas.extend(made);
    }
    Ok(root)
}

/// Whether any reference leads to another file, or stands for anything but a part or a schema.
pub(crate) fn is_needed(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            let target = map.get("$ref").and_then(Value::as_str);
            target.is_some_and(|target| other_file("", target).is_some())
                || map
                    .iter()
                    .any(|(key, child)| is_spread(key, child) || is_needed(child))
        }
        Value::Array(items) => items.iter().any(is_needed),
        _ => false,
    }
}

/// What the components are called.
fn names(root: &Value) -> BTreeSet<String> {
    let schemas = root.pointer("/components/schemas");
    let schemas = schemas.and_then(Value::as_object).into_iter();
    schemas.flat_map(Map::keys).map(str::to_owned).collect()
}

struct Bundle<'b, 'l> {
    load: &'b mut Load<'l>,
    own: &'b str,
    /// What was read, by path; the description itself has none.
    files: BTreeMap<String, Option<Value>>,
    /// Where the schemas with an anchor stand, by file and anchor; each file is searched once.
    anchors: BTreeMap<String, BTreeMap<String, String>>,
    /// The components that schemas of other files become.
    names: BTreeMap<(String, String), String>,
    numbers: Numbers,
    taken: BTreeSet<String>,
    open: VecDeque<Import>,
    /// How many files were found, with the description's own.
    found: usize,
    /// How many values may still be copied.
    left: usize,
}

/// A schema of another file that becomes a component.
struct Import {
    name: String,
    file: String,
    pointer: String,
}

impl Bundle<'_, '_> {
    /// Anything but a schema: what it refers to takes its place.
    fn part(&mut self, value: &mut Value, file: &str, depth: usize) -> Result<()> {
        if let Some(target) = bare_reference(value).map(str::to_owned)
            && let Some((other, pointer)) = self.leads(file, &target)
            && let Some(depth) = depth.checked_sub(1)
            && self.look(&other, &pointer)?.is_some_and(Value::is_array)
            && let Some(list) = self.at(&other, &pointer)?
        {
            *value = list;
            return self.part(value, &other, depth);
        }
        match value {
            Value::Object(map) => {
                let beside = self.referred(map, file, depth)?;
                for (key, child) in map.iter_mut() {
                    match key {
                        "schema" | "itemSchema" => self.schema(child, file)?,
                        "schemas" | "$defs" | "definitions" => {
                            let schemas = child.as_object_mut().into_iter().flatten();
                            for (_, schema) in schemas {
                                self.schema(schema, file)?;
                            }
                        }
                        "example" | "examples" => {}
                        _ => self.part(child, file, depth)?,
                    }
                }
                // What stands beside the reference, as in a path, wins.
                for (key, value) in beside {
                    map.entry(key).or_insert(value);
                }
                Ok(())
            }
            Value::Array(items) => items
                .iter_mut()
                .try_for_each(|child| self.part(child, file, depth)),
            _ => Ok(()),
        }
    }

    /// What the part refers to, which needs no second look; the reference goes. Nothing where it leads to no object.
    fn referred(&mut self, map: &mut Map, file: &str, depth: usize) -> Result<Map> {
        let target = map.get("$ref").and_then(Value::as_str);
        let Some((other, pointer)) = target.and_then(|target| self.leads(file, target)) else {
            return Ok(Map::new());
        };
        let Some(depth) = depth.checked_sub(1) else {
            return Ok(Map::new());
        };
        let Some(mut found) = self.at(&other, &pointer)? else {
            return Ok(Map::new());
        };
        self.part(&mut found, &other, depth)?;
        map.remove("$ref");
        Ok(match found {
            Value::Object(found) => found,
            _ => Map::new(),
        })
    }

    /// A schema: what it refers to in another file becomes a component.
    fn schema(&mut self, value: &mut Value, file: &str) -> Result<()> {
        match value {
            Value::Object(map) => {
                for (key, child) in map {
                    if LISTS.contains(&key) {
                        self.put_list(child, file)?;
                    }
                    match (key, child) {
                        (key, Value::Object(named)) if NAMES.contains(&key) => {
                            let spread = self.spread(named, file)?;
                            // Their keys are names, whatever they say.
                            for schema in named.values_mut() {
                                self.schema(schema, file)?;
                            }
                            for (name, schema) in spread {
                                named.entry(name).or_insert(schema);
                            }
                        }
                        ("$ref", Value::String(target)) => self.refer(target, file)?,
                        ("mapping", Value::Object(mapping)) => {
                            for target in mapping.values_mut() {
                                if let Value::String(target) = target
                                    && target.contains(['/', '#'])
                                {
                                    self.refer(target, file)?;
                                }
                            }
                        }
                        ("example" | "examples" | "default" | "const" | "enum", _) => {}
                        (_, child) => self.schema(child, file)?,
                    }
                }
                Ok(())
            }
            Value::Array(items) => items
                .iter_mut()
                .try_for_each(|child| self.schema(child, file)),
            _ => Ok(()),
        }
    }

    fn refer(&mut self, target: &mut String, file: &str) -> Result<()> {
        let Some((other, pointer)) = self.leads(file, target) else {
            return Ok(());
        };
        if other.is_empty() {
            // A file that refers back to the description.
            *target = format!("#{pointer}");
            return Ok(());
        }
        let place = self.end(other, pointer)?;
        if place.0.is_empty() {
            *target = format!("#{}", place.1);
            return Ok(());
        }
        let known = self.names.get(&place).cloned();
        let name = match known {
            Some(name) => name,
            None if self.look(&place.0, &place.1)?.is_none() => return Ok(()),
            None => self.import(place),
        };
        *target = format!("#/components/schemas/{name}");
        Ok(())
    }

    /// A component that is no more than a schema of another file is that schema, and gives it its name.
    fn take_names(&mut self, root: &Value) -> Result<()> {
        let schemas = root.pointer("/components/schemas");
        for (name, schema) in schemas.and_then(Value::as_object).into_iter().flatten() {
            let Some(target) = bare_reference(schema) else {
                continue;
            };
            let Some((other, pointer)) = self.leads("", target) else {
                continue;
            };
            let place = self.end(other, pointer)?;
            let is_known = place.0.is_empty() || self.names.contains_key(&place);
            if is_known || self.look(&place.0, &place.1)?.is_none() {
                continue;
            }
            self.names.insert(place.clone(), name.to_owned());
            self.open.push_back(Import {
                name: name.to_owned(),
                file: place.0,
                pointer: place.1,
            });
        }
        Ok(())
    }

    fn import(&mut self, place: (String, String)) -> String {
        let last = Pointer::from(place.1.as_str()).keys().last();
        let stem = place.0.rsplit('/').next().unwrap_or_default();
        let stem = stem.split('.').next().unwrap_or_default();
        let word = last.unwrap_or_else(|| stem.to_owned());
        let plain = |c: char| if c.is_alphanumeric() { c } else { '_' };
        let word: String = word.chars().map(plain).collect();
        let taken = &self.taken;
        let name = self.numbers.free(&word, |name| taken.contains(name));
        self.taken.insert(name.clone());
        self.names.insert(place.clone(), name.clone());
        self.open.push_back(Import {
            name: name.clone(),
            file: place.0,
            pointer: place.1,
        });
        name
    }
}

#[cfg(test)]
mod tests {
    use crate::json::{Value, json};

    use super::{bundle, is_needed};

    #[test]
    fn circles_through_files_end() {
        let root = json!({
            "paths": { "/a": { "$ref": "a.json" }, "/b": { "get": { "schema": { "$ref": "a.json#/s" } } } }
        });
        assert!(is_needed(&root));
        let text = r##"{"$ref": "a.json", "s": {"items": {"$ref": "#/s"}, "allOf": [{"$ref": "gone.json"}]}}"##;
        let mut load = |name: &str| (name == "a.json").then(|| text.to_owned());
        let whole = bundle(root, "root.json", &mut load).unwrap();
        let schema = "#/components/schemas/s";
        assert_eq!(whole["paths"]["/b"]["get"]["schema"]["$ref"], schema);
        let expected = json!({ "items": { "$ref": schema }, "allOf": [{ "$ref": "gone.json" }] });
        assert_eq!(whole["components"]["schemas"]["s"], expected);
    }

    #[test]
    fn a_property_may_be_called_as_a_keyword_is() {
        let text = r##"{"s": {"properties": {"default": {"$ref": "#/t"}, "mapping": {"description": "a/b"}}}, "t": {}}"##;
        let mut load = |name: &str| (name == "a.json").then(|| text.to_owned());
        let root = json!({ "schema": { "$ref": "a.json#/s" } });
        let whole = bundle(root, "", &mut load).unwrap();
        let expected = json!({ "$ref": "#/components/schemas/t" });
        let properties = &whole["components"]["schemas"]["s"]["properties"];
        assert_eq!(properties["default"], expected);
        assert_eq!(properties["mapping"]["description"], "a/b");
    }

    #[test]
    fn what_is_no_description_is_an_error_and_too_much_is_one() {
        let root = || json!({ "schema": { "$ref": "a.json" } });
        let error = bundle(root(), "", &mut |_| Some("{".to_owned())).unwrap_err();
        assert!(error.to_string().contains("a.json"), "{error}");
        let many: Vec<Value> = (0..20_500)
            .map(|index| json!({ "schema": { "$ref": format!("{index}.json") } }))
            .collect();
        let error = bundle(json!(many), "", &mut |_| Some("{}".to_owned())).unwrap_err();
        assert!(error.to_string().contains("20000 files"), "{error}");
    }
}
