//! Components to drafts of types.

use std::collections::{BTreeMap, BTreeSet};

use super::documentation;
use super::drafts::{Branch, Draft, Drafts, Member, Object, Shape, Union, Way};
use super::members::{self, Members};
use super::reader::{Reader, reference};
use crate::error::Problem;
use crate::ir::{EnumValue, TypeRef};
use crate::json::Value;
use crate::naming::{Numbers, type_name, variant_name};
use crate::normalise::{Body, Canonical};
use crate::notes::{NOTHING, Note};
use crate::pointer::Pointer;

/// Every component but those that only carry the items of a tuple.
pub(super) fn read<'c>(canonical: &'c Canonical, reader: &mut Reader<'c>) -> Drafts<'c> {
    let embedded = embedded_bodies(canonical);
    let notes = canonical.notes.values();
    let carriers: BTreeSet<&str> = notes.filter_map(|note| note.tuple.as_deref()).collect();
    let schemas = canonical.document["components"]["schemas"].as_object();
    let components = schemas.into_iter().flatten();
    let types = components.filter(|(name, _)| !carriers.contains(name));
    let types = types.map(|(name, schema)| {
        let place = Pointer::schema(name);
        let draft = Draft {
            doc: documentation::of_type(reader.note(&place), name),
            source: reader.source(&place),
            embedded: embedded.contains(name),
            shape: bounded_shape(reader, schema, &place),
        };
        (name.to_owned(), draft)
    });
    types.collect()
}

/// The bodies that exist for one operation only.
fn embedded_bodies(canonical: &Canonical) -> BTreeSet<String> {
    let operations = canonical.operations.iter();
    let embedded = operations.filter(|(_, note)| note.body == Body::Embedded);
    embedded
        .map(|(name, _)| type_name(&format!("{name}_body")))
        .collect()
}

/// What takes too much to read is anything.
fn bounded_shape<'c>(reader: &mut Reader<'c>, schema: &'c Value, place: &Pointer) -> Shape<'c> {
    let shape = shape(reader, schema, place);
    let Some(problem) = reader.room.next() else {
        return shape;
    };
    reader.lose(place, "the type; it is read as anything", &problem.rule);
    reader.skipped.push(Problem {
        pointer: reader.source(place),
        rule: problem.rule,
    });
    Shape::Alias(TypeRef::Any)
}

fn shape<'c>(reader: &mut Reader<'c>, schema: &'c Value, place: &Pointer) -> Shape<'c> {
    if let Some(texts) = schema["enum"].as_array() {
        return Shape::Enumeration(enumeration(texts));
    }
    if let Some(branches) = schema["oneOf"].as_array() {
        return Shape::Union(union(reader, branches, place));
    }
    if reference(schema).is_none() && members::is_object(reader, schema, place) {
        return Shape::Object(object(reader, schema, place));
    }
    Shape::Alias(reader.value(schema, place))
}

fn object<'c>(reader: &mut Reader<'c>, schema: &'c Value, place: &Pointer) -> Object<'c> {
    let Members {
        required,
        properties,
        additional,
        unions,
        contradicting,
        ..
    } = members::of(reader, schema, place);
    let properties = properties.into_iter().map(|(wire, (property, here))| {
        let required = required.contains(&wire);
        member(reader, wire, property, here, required, place)
    });
    let mut members: Vec<Member<'_>> = properties.collect();
    if additional.is_none() && unions.is_empty() {
        let is_described = |wire: &String| members.iter().any(|member| member.wire == *wire);
        let bare = required.iter().filter(|wire| !is_described(wire));
        let bare: Vec<Member<'_>> = bare.map(|wire| bare_member(reader, wire, place)).collect();
        members.extend(bare);
    }
    in_the_order_of(&required, &mut members);
    for property in &contradicting {
        reader.lose(
            property,
            "what a part of an `allOf` says of a property",
            "another part says that it is of another type, which holds",
        );
    }
    for union in &unions {
        reader.lose(
            union,
            "a union",
            "it stands beside what all branches share; its fields are read as additional ones",
        );
    }
    let place = additional.as_ref().map(|(_, place)| place);
    let additional_part = place.and_then(|place| reader.note(place).part.clone());
    let additional = match additional {
        None => (!unions.is_empty()).then_some(TypeRef::Any),
        // What is said to be allowed is kept; what is only not excluded is not.
        Some((Value::Bool(_), _)) => Some(TypeRef::Any),
        Some(_) if !unions.is_empty() => Some(TypeRef::Any),
        Some((entry, place)) => Some(reader.value_or_null(entry, &place)),
    };
    Object {
        members,
        additional,
        additional_part,
    }
}

/// The order of `required` is the author's, so it is the order of the arguments of `new`.
fn in_the_order_of(required: &[String], members: &mut [Member<'_>]) {
    let ranks: BTreeMap<&str, usize> = required
        .iter()
        .enumerate()
        .map(|(rank, name)| (name.as_str(), rank))
        .collect();
    members.sort_by_key(|member| {
        let rank = ranks.get(member.wire.as_str());
        rank.copied().unwrap_or(usize::MAX)
    });
}

fn member<'c>(
    reader: &mut Reader<'c>,
    wire: String,
    property: &'c Value,
    place: Pointer,
    required: bool,
    object: &Pointer,
) -> Member<'c> {
    let note = reader.note(&place);
    Member {
        wire,
        ty: reader.value(property, &place),
        required,
        note,
        way: way(note, reader, property),
        // What is no object has no place of its own.
        owner: if property.is_object() {
            place
        } else {
            object.clone()
        },
    }
}

/// What must be there, and is not described, may be anything. Some descriptions misspell a name so: nobody is asked for it.
fn bare_member<'c>(reader: &mut Reader<'c>, wire: &str, object: &Pointer) -> Member<'c> {
    reader.lose(
        object,
        &format!("that `{wire}` must be there"),
        "no property describes it; it may be set to anything, or be left out",
    );
    Member {
        wire: wire.to_owned(),
        ty: TypeRef::Any,
        required: false,
        note: &NOTHING,
        way: way(&NOTHING, reader, &Value::Null),
        owner: object.clone(),
    }
}

/// A property that is a component goes the way that the component says, where it says one itself.
fn way(note: &Note, reader: &Reader<'_>, property: &Value) -> Way {
    let mut way = Way {
        read_only: note.read_only,
        write_only: note.write_only,
        secret: note.secret,
    };
    let mut seen = BTreeSet::new();
    let mut next = reference(property);
    while let Some(name) = next.filter(|name| seen.insert(*name)) {
        let note = reader.note(&Pointer::schema(name));
        way.read_only |= note.read_only;
        way.write_only |= note.write_only;
        way.secret |= note.write_only;
        next = reference(reader.component(name));
    }
    way
}

fn enumeration(texts: &[Value]) -> Vec<EnumValue> {
    let texts = texts.iter().map(|value| {
        let text = value.as_str().map(str::to_owned);
        text.unwrap_or_else(|| value.to_string())
    });
    let mut names = Variants::default();
    let values = texts.map(|wire| EnumValue {
        variant: names.free(&variant_name(&wire)),
        wire,
    });
    values.collect()
}

fn union<'c>(reader: &mut Reader<'c>, branches: &'c [Value], place: &Pointer) -> Union {
    let told_apart = reader.note(place).union.clone().unwrap_or_default();
    let mut names = Variants::default();
    let branches = branches.iter().enumerate().map(|(index, branch)| {
        let ty = reader.value(branch, &place.child("oneOf").child(index));
        Branch {
            variant: names.free(&branch_name(&ty)),
            tags: told_apart.values.get(index).cloned().unwrap_or_default(),
            ty,
        }
    });
    Union {
        branches: branches.collect(),
        tag: told_apart.tag,
        fallback: told_apart.fallback,
    }
}

/// The variants of an enum, which has `Unknown` by itself.
struct Variants {
    taken: BTreeSet<String>,
    numbers: Numbers,
}

impl Default for Variants {
    fn default() -> Self {
        Self {
            taken: BTreeSet::from(["Unknown".to_owned()]),
            numbers: Numbers::default(),
        }
    }
}

impl Variants {
    fn free(&mut self, name: &str) -> String {
        let free = self
            .numbers
            .set_apart(name, |name| self.taken.contains(name));
        self.taken.insert(free.clone());
        free
    }
}

fn branch_name(ty: &TypeRef) -> String {
    let name = match ty {
        TypeRef::Named(name) => name,
        TypeRef::Text | TypeRef::Secret => "Text",
        TypeRef::File => "File",
        TypeRef::Bool => "Bool",
        TypeRef::Integer(_) => "Integer",
        TypeRef::Number(_) => "Number",
        TypeRef::Uuid => "Uuid",
        TypeRef::DateTime => "DateTime",
        TypeRef::Date => "Date",
        TypeRef::Any => "Any",
        TypeRef::List(inner) if **inner == TypeRef::Any => "List",
        TypeRef::List(inner) => return format!("{}List", branch_name(inner)),
        TypeRef::Map(_) => "Map",
        TypeRef::Tuple(_) => "Tuple",
        TypeRef::Optional(inner) | TypeRef::Boxed(inner) => return branch_name(inner),
    };
    name.to_owned()
}
