//! A type that its unions know by one tag has that tag by itself: `new` fills it in, so nobody has to repeat it.
//!
//! Where a type has no field for the tag that tells it apart, it gets one that is always sent: without it, the server could not
//! tell what came.

use std::collections::BTreeMap;

use super::types;
use crate::ir::{Api, Field, Shape, TypeRef, Union};
use crate::json::Value;
use crate::notes::Note;
use crate::pointer::Pointer;

/// The tag of each type, by the type's name and the tag's property; nothing where there are several, or others.
type Tags = BTreeMap<(String, String), Option<String>>;

pub(super) fn settle(api: &mut Api) {
    let mut tags = Tags::new();
    for ty in api.types.values() {
        if let Shape::Union(union) = &ty.shape {
            collect(api, union, &mut tags);
        }
    }
    for ((name, property), tag) in tags {
        let (Some(tag), Some(fields)) = (tag, fields(api, &name)) else {
            continue;
        };
        let at = fields.iter().position(|field| field.wire == property);
        let is_filled =
            at.is_some_and(|at| fields[at].constant.is_some() || !is_text(api, &fields[at].ty));
        let Some(ty) = api.types.get_mut(&name).filter(|_| !is_filled) else {
            continue;
        };
        let source = ty.source.clone();
        if let Shape::Object(object) = &mut ty.shape {
            match at {
                Some(at) => fill(&mut object.fields[at], tag),
                None => object.fields.push(constant(&property, tag, &source)),
            }
        }
    }
}

fn fields<'a>(api: &'a Api, name: &str) -> Option<&'a [Field]> {
    match &api.types.get(name)?.shape {
        Shape::Object(object) => Some(&object.fields),
        _ => None,
    }
}

fn fill(field: &mut Field, tag: String) {
    if !tag.contains('`') {
        let rule = format!("It is `{tag}` unless something else is set.");
        field.rules.push(rule);
    }
    field.tag = Some(tag);
    // Only the server changes it, and yet nobody else says what is sent.
    field.read_only = false;
}

fn constant(property: &str, tag: String, owner: &Pointer) -> Field {
    let mut field = types::field(property, TypeRef::Text, true, &Note::default(), owner);
    field.constant = Some(Value::String(tag));
    field
}

fn collect(api: &Api, union: &Union, tags: &mut Tags) {
    let Some(property) = &union.tag else { return };
    for (index, branch) in union.branches.iter().enumerate() {
        let Some((owner, _)) = api.object(&branch.ty) else {
            continue;
        };
        let only = match branch.tags.as_slice() {
            [only] if union.fallback != Some(index) => Some(only.clone()),
            _ => None,
        };
        let known = tags.entry((owner.name.clone(), property.clone()));
        known
            .and_modify(|known| {
                if *known != only {
                    *known = None;
                }
            })
            .or_insert(only);
    }
}

/// Whether a tag is a value of the type.
fn is_text(api: &Api, ty: &TypeRef) -> bool {
    match api.resolved(ty) {
        TypeRef::Text => true,
        TypeRef::Named(name) => {
            let shape = api.types.get(name).map(|ty| &ty.shape);
            matches!(shape, Some(Shape::Enumeration(_)))
        }
        _ => false,
    }
}
