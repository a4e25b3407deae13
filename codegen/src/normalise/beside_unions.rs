//! What a schema has beside a `oneOf` or `anyOf` becomes a part of each branch, so that both are kept.
//!
//! `Pet`, with properties and `oneOf: [Cat, Dog]`, becomes a union of `PetCat` and `PetDog`, each made of `PetBase`, which has
//! the properties, and of the branch. A branch that takes `Pet` over itself takes over `PetBase`, and is a branch as it is.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::kinds::is_null;
use super::operations::own_names;
use super::origin::as_given;
use super::place_names;
use super::references::{component, component_schemas, forget_themselves, reference_to};
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value, json};
use crate::naming::{Numbers, type_name};
use crate::pointer::Pointer;
use crate::walk::{Place, each_schema, some_schema};

mod among_parts;
mod branches;
mod circles;
mod own;
mod taking_over;

use own::{allows_only_objects, keep_what_is_asked, own_may_be_null, push_part, take_own};
use taking_over::take_over;

/// How often the unions among parts are taken further out, one within the other.
const ROUNDS: usize = 8;

/// How many components are looked at for what takes over what.
const STEPS: usize = 1_000_000;

pub(super) fn run(document: &mut Document, config: &Config) -> Result<()> {
    let is_union = |schema: &Map| schema.contains_key("oneOf") || schema.contains_key("anyOf");
    if !some_schema(&mut document.root, is_union) {
        return Ok(());
    }
    forget_themselves(document);
    circles::check(&document.root)?;
    among_parts::name_branches(document);
    let operations = own_names(&mut document.root, config);
    let room = Cell::new(among_parts::BRANCHES);
    let mut were_split = BTreeSet::new();
    for round in 0_usize.. {
        // A union that a branch of a branch takes over would be taken over by all of its branches again, and so on.
        if round == ROUNDS {
            room.set(0);
        }
        let Found {
            made,
            bases,
            lost,
            again,
        } = split(document, &operations, &room, &were_split);
        for place in lost {
            document.lose(
                place,
                "a union",
                "its branches have no fields of their own: the server checks what they ask for",
            );
        }
        // What was moved may have unions of its own. Each round moves what is further inside, so this ends.
        if made.is_empty() && !again {
            break;
        }
        were_split.extend(bases.keys().cloned());
        for (name, place, schema) in made {
            document.root["components"]["schemas"][&name] = schema;
            let place = as_given(&place, &document.given_places);
            document.given_places.insert(name, place);
        }
        each_schema(&mut document.root, &mut |place, schema| {
            take_over(place, schema, &bases);
        });
    }
    Ok(())
}

/// Splits what can be by now, in one walk through the document.
fn split(
    document: &mut Document,
    operations: &BTreeMap<Pointer, String>,
    room: &Cell<usize>,
    earlier: &BTreeSet<String>,
) -> Found {
    let schemas = component_schemas(&document.root);
    let mut split = Split {
        schemas: &schemas,
        siblings_are_meant: !super::is_of_3_0(&document.root),
        given: &document.given_names,
        operations,
        taken: BTreeSet::new(),
        numbers: Numbers::default(),
        steps: Cell::new(STEPS),
        room,
        earlier,
        found: Found::default(),
    };
    each_schema(&mut document.root, &mut |place, schema| {
        split.schema(place, schema);
    });
    split.found
}

/// What comes of splitting.
#[derive(Default)]
struct Found {
    /// New components, with what they are made of in the description.
    made: Vec<(String, Pointer, Value)>,
    bases: BTreeMap<String, Base>,
    /// The unions that are none, as their branches say nothing.
    lost: Vec<Pointer>,
    /// Whether branches have a union among their parts now.
    again: bool,
}

/// What a component that was split has become.
struct Base {
    name: String,
    /// The components on the way from a branch to the one that was split, through `allOf`.
    below: BTreeSet<String>,
}

/// A schema that is split.
struct Owner<'o> {
    /// Its name, where it is a component.
    component: Option<&'o str>,
    /// What names are made of.
    name: String,
    /// What each of its branches has among its parts.
    shared: Vec<Value>,
    /// What its branches that are components are called now.
    names: BTreeMap<String, String>,
    below: BTreeSet<String>,
}

struct Split<'s> {
    /// The components as they were.
    schemas: &'s Value,
    /// Whether what stands beside a `$ref` is meant.
    siblings_are_meant: bool,
    given: &'s BTreeMap<String, String>,
    /// What each operation is called.
    operations: &'s BTreeMap<Pointer, String>,
    taken: BTreeSet<String>,
    numbers: Numbers,
    steps: Cell<usize>,
    /// How many more branches may get the parts beside their union.
    room: &'s Cell<usize>,
    /// The components that earlier rounds have split.
    earlier: &'s BTreeSet<String>,
    found: Found,
}

impl Split<'_> {
    fn schema(&mut self, place: &Place<'_>, schema: &mut Map) {
        let also = self.take_from_parts(place, schema);
        let Some(key) = ["oneOf", "anyOf"].into_iter().find(|key| {
            let branches = schema.get(key).and_then(Value::as_array);
            branches.is_some_and(|branches| !branches.is_empty())
        }) else {
            return;
        };
        if also.is_empty() && !self.has_parts(schema) {
            if schema
                .get("additionalProperties")
                .is_some_and(Value::is_boolean)
            {
                schema.remove("additionalProperties");
            }
            return;
        }
        let Some(Value::Array(branches)) = schema.get(key).cloned() else {
            return;
        };
        let (nulls, values): (Vec<Value>, Vec<Value>) = branches.into_iter().partition(is_null);
        let is_object = allows_only_objects(schema);
        let mut values: Vec<Value> = values
            .into_iter()
            .filter(|branch| !is_object || self.may_be_object(branch))
            .collect();
        if values.iter().all(|branch| self.says_nothing(branch)) {
            schema.remove(key);
            schema.remove("discriminator");
            keep_what_is_asked(schema, &values);
            self.found.lost.push(place.pointer());
            return self.schema(place, schema);
        }
        if !values.iter().any(|branch| self.may_be_object(branch)) {
            // What is said of an object's fields holds for none.
            for key in ["properties", "required", "additionalProperties"] {
                schema.remove(key);
            }
            return;
        }
        if let ([only], true) = (values.as_slice(), nulls.is_empty()) {
            schema.remove(key);
            schema.remove("discriminator");
            push_part(schema, only.clone());
            for part in also {
                push_part(schema, part);
            }
            return;
        }
        if !also.is_empty() {
            self.found.again = true;
            among_parts::title_branches(&mut values);
        }
        self.split(place, schema, key, also, values, nulls);
    }

    /// Makes a component of what stands beside the union, and a part of that, and of what else all are, in each branch.
    fn split(
        &mut self,
        place: &Place<'_>,
        schema: &mut Map,
        key: &str,
        also: Vec<Value>,
        values: Vec<Value>,
        nulls: Vec<Value>,
    ) {
        let name = place.component().map_or_else(
            || place_names::of(&place.pointer(), self.operations),
            str::to_owned,
        );
        let own = take_own(schema);
        let says_more = also.is_empty() || own.keys().any(|key| key != "type");
        let base = says_more.then(|| self.free(&format!("{name}Base")));
        let shared = base.iter().map(|base| reference(base));
        let mut owner = Owner {
            component: place.component(),
            shared: shared.chain(also).collect(),
            name,
            names: BTreeMap::new(),
            below: BTreeSet::new(),
        };
        let here = place.pointer();
        let mut union = Vec::new();
        for (index, branch) in values.into_iter().enumerate() {
            let source = here.child(key).child(index);
            union.push(self.branch(&mut owner, branch, source));
        }
        if own_may_be_null(&own) {
            union.push(json!({ "type": "null" }));
        }
        union.extend(nulls);
        if let Some(discriminator) = schema.get_mut("discriminator") {
            self.rename_tags(discriminator, &owner.names);
        }
        schema.insert(key.to_owned(), Value::Array(union));
        let Some(base) = base else { return };
        self.found
            .made
            .push((base.clone(), here, Value::Object(own)));
        if let Some(name) = place.component() {
            let known = Base {
                name: base,
                below: owner.below,
            };
            self.found.bases.insert(name.to_owned(), known);
        }
    }

    /// Whether there is something beside the union that its branches share.
    fn has_parts(&self, schema: &Map) -> bool {
        if schema.contains_key("$ref") {
            return self.siblings_are_meant;
        }
        let is_full = |key: &str| match schema.get(key) {
            Some(Value::Object(map)) => !map.is_empty(),
            Some(Value::Array(items)) => !items.is_empty(),
            _ => false,
        };
        ["properties", "allOf", "additionalProperties"]
            .into_iter()
            .any(is_full)
    }

    /// The branch with what its owner has.
    fn branch(&mut self, owner: &mut Owner<'_>, mut branch: Value, source: Pointer) -> Value {
        if !self.may_be_object(&branch) {
            return branch;
        }
        let Some(target) = branch["$ref"].as_str().and_then(component) else {
            if let Some(map) = branch.as_object_mut() {
                for part in &owner.shared {
                    push_part(map, part.clone());
                }
            }
            return branch;
        };
        if let Some(component) = owner.component
            && self.takes_over(&target, component, &mut owner.below)
        {
            return branch;
        }
        if let Some(name) = owner.names.get(&target) {
            return reference(name);
        }
        let name = self.free(&format!("{}{}", owner.name, type_name(&target)));
        let mut all = owner.shared.clone();
        all.insert(usize::from(!all.is_empty()), branch);
        let both = json!({ "allOf": all });
        self.found.made.push((name.clone(), source, both));
        let joined = reference(&name);
        owner.names.insert(target, name);
        joined
    }

    fn free(&mut self, name: &str) -> String {
        let is_taken = |name: &str| self.schemas.get(name).is_some() || self.taken.contains(name);
        let free = self.numbers.free(name, is_taken);
        self.taken.insert(free.clone());
        free
    }
}

/// How many references and parts are followed.
const DEPTH: usize = 50;

fn reference(name: &str) -> Value {
    json!({ "$ref": reference_to(name) })
}
