//! A type that its unions know by one tag has that tag by itself: `new` fills it in, so nobody has to repeat it.
//!
//! Where a type has no field for the tag that tells it apart, it gets one that is always sent: without it, the server could not
//! tell what came.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::{Drafts, Object, Shape, Union, resolved};
use crate::ir::TypeRef;

/// The tags that types have by themselves: by the type's name, and the tag's property.
pub(super) type OwnTags = BTreeMap<String, BTreeMap<String, String>>;

/// The tag of each type, by the type's name and the tag's property; nothing where there are several, or others.
type Known<'d> = BTreeMap<(&'d str, &'d str), Option<&'d str>>;

pub(super) fn find(drafts: &Drafts<'_>) -> OwnTags {
    let (mut known, mut steps) = (Known::new(), STEPS);
    for draft in drafts.values() {
        if let Shape::Union(union) = &draft.shape {
            collect(drafts, union, &mut known, &mut steps);
        }
    }
    let mut tags = OwnTags::new();
    for ((name, property), tag) in known {
        let (Some(tag), Some(object)) = (tag, object(drafts, name)) else {
            continue;
        };
        let mut members = object.members.iter();
        let member = members.find(|member| member.wire == property);
        // What has one value is filled in by that, and what is no text can't be.
        if member.is_none_or(|member| !member.is_constant() && is_text(drafts, &member.ty)) {
            let own = tags.entry(name.to_owned()).or_default();
            own.insert(property.to_owned(), tag.to_owned());
        }
    }
    tags
}

fn object<'d>(drafts: &'d Drafts<'_>, name: &str) -> Option<&'d Object<'d>> {
    match &drafts.get(name)?.shape {
        Shape::Object(object) => Some(object),
        _ => None,
    }
}

fn collect<'d>(drafts: &'d Drafts<'_>, union: &'d Union, known: &mut Known<'d>, steps: &mut usize) {
    let Some(property) = &union.tag else { return };
    for (index, branch) in union.branches.iter().enumerate() {
        let only = match branch.tags.as_slice() {
            [only] if union.fallback != Some(index) => Some(only.as_str()),
            _ => None,
        };
        for name in known_by(drafts, &branch.ty, steps) {
            let known = known.entry((name, property));
            known
                .and_modify(|known| {
                    if *known != only {
                        *known = None;
                    }
                })
                .or_insert(only);
        }
    }
}

/// How many branches of branches are looked at.
const STEPS: usize = 1_000_000;

/// The objects that a branch stands for: itself, or those of a union that tells its own branches apart by their fields.
fn known_by<'d>(drafts: &'d Drafts<'_>, ty: &'d TypeRef, steps: &mut usize) -> BTreeSet<&'d str> {
    let (mut owners, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![ty]);
    while let (Some(ty), Some(left)) = (open.pop(), steps.checked_sub(1)) {
        *steps = left;
        let TypeRef::Named(name) = resolved(drafts, ty) else {
            continue;
        };
        match drafts.get(name).map(|draft| &draft.shape) {
            Some(Shape::Object(_)) => drop(owners.insert(name.as_str())),
            Some(Shape::Union(union)) if union.tag.is_none() && seen.insert(name) => {
                open.extend(union.branches.iter().map(|branch| &branch.ty));
            }
            _ => {}
        }
    }
    owners
}

/// Whether a tag is a value of the type.
fn is_text(drafts: &Drafts<'_>, ty: &TypeRef) -> bool {
    match resolved(drafts, ty) {
        TypeRef::Text => true,
        TypeRef::Named(name) => {
            let shape = drafts.get(name).map(|draft| &draft.shape);
            matches!(shape, Some(Shape::Enumeration(_)))
        }
        _ => false,
    }
}
