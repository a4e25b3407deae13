//! Components to types: names and field types from progenitor's tokens, everything else from the document and its notes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::documentation;
use super::front_end::FrontEnd;
use super::members;
use super::rust_types;
use crate::error::Problems;
use crate::ir::{Branch, EnumValue, Field, Object, Shape, Travel, Type, TypeRef, Union};
use crate::naming::{type_name, value_name, variant_name};
use crate::normalise::{Body, Canonical};
use crate::notes::Note;
use crate::pointer::Pointer;

pub(super) fn lower(
    canonical: &Canonical,
    front_end: &FrontEnd,
    problems: &mut Problems,
) -> BTreeMap<String, Type> {
    let mut reader = Reader {
        canonical,
        front_end,
        embedded: embedded_bodies(canonical),
        problems,
    };
    let schemas = canonical.document["components"]["schemas"].as_object();
    let mut types = BTreeMap::new();
    for (name, schema) in schemas.into_iter().flatten() {
        if let Some(ty) = reader.component(name, schema) {
            types.insert(name.clone(), ty);
        }
    }
    let tuples: Vec<&String> = canonical
        .notes
        .values()
        .filter_map(|note| note.tuple.as_ref())
        .collect();
    types.retain(|name, _| !tuples.contains(&name));
    types
}

struct Reader<'r> {
    canonical: &'r Canonical,
    front_end: &'r FrontEnd,
    /// The bodies that exist for one operation only.
    embedded: BTreeSet<String>,
    problems: &'r mut Problems,
}

fn embedded_bodies(canonical: &Canonical) -> BTreeSet<String> {
    let operations = canonical.operations.iter();
    let embedded = operations.filter(|(_, note)| note.body == Body::Embedded);
    embedded
        .map(|(name, _)| type_name(&format!("{name}_body")))
        .collect()
}

impl Reader<'_> {
    fn component(&mut self, name: &str, schema: &Value) -> Option<Type> {
        let place = Pointer::schema(name);
        let note = self.canonical.note(&place);
        let embedded = self.embedded.contains(name);
        if self.front_end.left_out.contains(name) {
            return Some(finished(name, note, embedded, Shape::Alias(TypeRef::Any)));
        }
        let Some(item) = self.front_end.types.get(name) else {
            // typify gives no item of its own to a component that only renames another type.
            let shape = self.renaming(schema, &place)?;
            return Some(finished(name, note, embedded, shape));
        };
        let shape = match item {
            _ if schema["enum"].is_array() => Shape::Enumeration(enumeration(schema)),
            syn::Item::Struct(item) if is_newtype(item) => {
                let inner = item.fields.iter().next().map(|field| &field.ty)?;
                Shape::Alias(self.read(inner, &place)?)
            }
            syn::Item::Struct(item) => Shape::Object(self.object(item, schema, &place)),
            syn::Item::Enum(item) if schema["oneOf"].is_array() => {
                self.union(item, schema, &place, &note)?
            }
            syn::Item::Type(item) => Shape::Alias(self.read(&item.ty, &place)?),
            _ => {
                self.problems.add(
                    place,
                    "progenitor made a kind of type of this schema that has no place in the client",
                );
                return None;
            }
        };
        Some(finished(name, note, embedded, shape))
    }

    fn renaming(&mut self, schema: &Value, place: &Pointer) -> Option<Shape> {
        if let Some(target) = reference(schema) {
            return Some(Shape::Alias(TypeRef::Named(target)));
        }
        if schema.as_object().is_some_and(serde_json::Map::is_empty) {
            return Some(Shape::Alias(TypeRef::Any));
        }
        let ty = match schema["type"].as_str() {
            Some("string") => TypeRef::Text,
            Some("integer") => TypeRef::Integer("i64".to_owned()),
            Some("number") => TypeRef::Number("f64".to_owned()),
            Some("boolean") => TypeRef::Bool,
            _ => {
                self.problems
                    .add(place.clone(), "progenitor made no type of this schema");
                return None;
            }
        };
        Some(Shape::Alias(ty))
    }

    fn read(&mut self, ty: &syn::Type, place: &Pointer) -> Option<TypeRef> {
        match rust_types::read_optional(ty) {
            Ok((ty, _)) => Some(ty),
            Err(words) => {
                let source = self.canonical.note(place).source;
                self.problems
                    .add(source, format!("progenitor made of it {words}"));
                None
            }
        }
    }

    fn object(&mut self, item: &syn::ItemStruct, schema: &Value, place: &Pointer) -> Object {
        let members = members::of(self.canonical, schema, place);
        let required: Vec<&str> = members.required.iter().map(String::as_str).collect();
        let mut fields = Vec::new();
        let mut additional = None;
        for field in &item.fields {
            let serde = SerdeName::of(field);
            if serde.flatten {
                additional = match self.read(&field.ty, place) {
                    Some(TypeRef::Map(inner)) => Some(*inner),
                    other => other,
                };
                continue;
            }
            let own = place.child("properties").child(&serde.name);
            let property = members.places.get(&serde.name).cloned().unwrap_or(own);
            let Some(ty) = self.read(&field.ty, &property) else {
                continue;
            };
            let note = self.canonical.note(&property);
            let ty = self.with_notes(ty, &note, &property);
            fields.push(finished_field(&serde.name, ty, &required, note, place));
        }
        // The order of `required` is the author's, so it is the order of the arguments of `new`.
        let rank = |wire: &str| {
            required
                .iter()
                .position(|name| *name == wire)
                .unwrap_or(usize::MAX)
        };
        fields.sort_by_key(|field| rank(&field.wire));
        Object { fields, additional }
    }

    /// What 3.0 could not say: tuples and secrets, here or in a list or map.
    fn with_notes(&mut self, ty: TypeRef, note: &Note, place: &Pointer) -> TypeRef {
        if note.secret && ty == TypeRef::Text {
            return TypeRef::Secret;
        }
        if let Some(carrier) = &note.tuple {
            return self.tuple(carrier).unwrap_or(ty);
        }
        match ty {
            TypeRef::List(inner) => {
                let place = place.child("items");
                let note = self.canonical.note(&place);
                TypeRef::List(Box::new(self.with_notes(*inner, &note, &place)))
            }
            TypeRef::Map(inner) => {
                let place = place.child("additionalProperties");
                let note = self.canonical.note(&place);
                TypeRef::Map(Box::new(self.with_notes(*inner, &note, &place)))
            }
            TypeRef::Optional(inner) => {
                TypeRef::Optional(Box::new(self.with_notes(*inner, note, place)))
            }
            other => other,
        }
    }

    fn tuple(&mut self, carrier: &str) -> Option<TypeRef> {
        let Some(syn::Item::Struct(item)) = self.front_end.types.get(carrier) else {
            return None;
        };
        let place = Pointer::schema(carrier);
        let index = |field: &syn::Field| {
            let name = SerdeName::of(field).name;
            name.trim_start_matches("item").parse::<usize>().ok()
        };
        let mut fields: Vec<&syn::Field> = item.fields.iter().collect();
        fields.sort_by_key(|field| index(field));
        let mut items = Vec::new();
        for field in fields {
            let property = place.child("properties").child(SerdeName::of(field).name);
            let note = self.canonical.note(&property);
            // Null is an item like others, so an `Option` stays.
            let ty = rust_types::read(&field.ty).ok()?;
            items.push(self.with_notes(ty, &note, &property));
        }
        Some(TypeRef::Tuple(items))
    }

    fn union(
        &mut self,
        item: &syn::ItemEnum,
        schema: &Value,
        place: &Pointer,
        note: &Note,
    ) -> Option<Shape> {
        let branches = schema["oneOf"].as_array()?;
        let union = note.union.clone().unwrap_or_default();
        let mut lowered = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let ty = match reference(branch) {
                Some(name) => TypeRef::Named(name),
                None => self.inline_branch(item, index, branches.len(), place)?,
            };
            lowered.push(Branch {
                variant: branch_name(&ty),
                tag: union.values.get(index).cloned(),
                ty,
            });
        }
        Some(Shape::Union(Union {
            tag: union.tag,
            branches: unique(lowered),
        }))
    }

    fn inline_branch(
        &mut self,
        item: &syn::ItemEnum,
        index: usize,
        count: usize,
        place: &Pointer,
    ) -> Option<TypeRef> {
        let payload = item
            .variants
            .iter()
            .nth(index)
            .and_then(|variant| variant.fields.iter().next());
        let place = place.child("oneOf").child(index);
        match payload {
            Some(field) if item.variants.len() == count => self.read(&field.ty, &place),
            _ => {
                let source = self.canonical.note(&place).source;
                self.problems.add(
                    source,
                    "progenitor made no type of this branch; move it under /components/schemas",
                );
                None
            }
        }
    }
}

/// How a field is called in JSON, as progenitor's serde attributes say.
struct SerdeName {
    name: String,
    flatten: bool,
}

impl SerdeName {
    fn of(field: &syn::Field) -> Self {
        let ident = field
            .ident
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let mut serde = Self {
            name: ident.trim_start_matches("r#").to_owned(),
            flatten: false,
        };
        for attribute in field
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("serde"))
        {
            // Attributes that are not asked about are skipped with their values; none of them is malformed.
            let _ = attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("rename") {
                    serde.name = meta.value()?.parse::<syn::LitStr>()?.value();
                } else if meta.path.is_ident("flatten") {
                    serde.flatten = true;
                } else if meta.input.peek(syn::Token![=]) {
                    meta.value()?.parse::<syn::Expr>()?;
                }
                Ok(())
            });
        }
        serde
    }
}

pub(super) fn finished_field(
    wire: &str,
    ty: TypeRef,
    required: &[&str],
    note: Note,
    owner: &Pointer,
) -> Field {
    let source = if note.source == Pointer::root() {
        owner.clone()
    } else {
        note.source.clone()
    };
    Field {
        wire: wire.to_owned(),
        name: value_name(wire),
        ty,
        required: required.contains(&wire),
        nullable: note.nullable,
        doc: documentation::of_field(&note, wire),
        default: note.default,
        constant: note.constant,
        secret: note.secret,
        deprecated: note.deprecated,
        source,
    }
}

fn finished(name: &str, note: Note, embedded: bool, shape: Shape) -> Type {
    Type {
        name: name.to_owned(),
        doc: documentation::of_type(&note, name),
        source: note.source,
        tag: String::new(),
        travel: Travel::default(),
        embedded,
        shape,
    }
}

fn is_newtype(item: &syn::ItemStruct) -> bool {
    matches!(item.fields, syn::Fields::Unnamed(_)) && item.fields.len() == 1
}

pub(super) fn reference(schema: &Value) -> Option<String> {
    let only = schema["allOf"]
        .as_array()
        .filter(|all| all.len() == 1)
        .map(|all| &all[0]);
    let target = only.unwrap_or(schema)["$ref"].as_str()?;
    target
        .strip_prefix("#/components/schemas/")
        .map(str::to_owned)
}

fn enumeration(schema: &Value) -> Vec<EnumValue> {
    let texts = schema["enum"].as_array().into_iter().flatten();
    let texts = texts.map(|value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    });
    let mut taken: Vec<String> = vec!["Unknown".to_owned()];
    let values = texts.map(|wire| {
        let mut variant = variant_name(&wire);
        while taken.contains(&variant) {
            variant.push('_');
        }
        taken.push(variant.clone());
        EnumValue { wire, variant }
    });
    values.collect()
}

fn branch_name(ty: &TypeRef) -> String {
    match ty {
        TypeRef::Named(name) => name.clone(),
        TypeRef::Text | TypeRef::Secret => "Text".to_owned(),
        TypeRef::Bool => "Bool".to_owned(),
        TypeRef::Integer(_) => "Integer".to_owned(),
        TypeRef::Number(_) => "Number".to_owned(),
        TypeRef::Uuid => "Uuid".to_owned(),
        TypeRef::DateTime => "DateTime".to_owned(),
        TypeRef::Date => "Date".to_owned(),
        TypeRef::Any => "Any".to_owned(),
        TypeRef::List(inner) if **inner == TypeRef::Any => "List".to_owned(),
        TypeRef::List(inner) => format!("{}List", branch_name(inner)),
        TypeRef::Map(_) => "Map".to_owned(),
        TypeRef::Tuple(_) => "Tuple".to_owned(),
        TypeRef::Optional(inner) | TypeRef::Boxed(inner) => branch_name(inner),
    }
}

fn unique(mut branches: Vec<Branch>) -> Vec<Branch> {
    let mut taken: Vec<String> = vec!["Unknown".to_owned()];
    for branch in &mut branches {
        while taken.contains(&branch.variant) {
            branch.variant.push('_');
        }
        taken.push(branch.variant.clone());
    }
    branches
}
