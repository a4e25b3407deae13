//! The types of the IR, of their drafts: each is made once, with what only all of them together say.

use std::collections::{BTreeMap, BTreeSet};

use super::boxes::Boxes;
use super::distinct::set_apart;
use super::drafts::{self, Draft, Drafts, Member, Way};
use super::fields::{Said, field};
use super::own_tags::{self, OwnTags};
use super::same_branches::Kinds;
use crate::ir::{Branch, Field, Object, Operation, RequestBody, Shape, Type, TypeRef, Union};
use crate::json::Value;
use crate::naming::value_name;
use crate::notes::Note;
use crate::pointer::Pointer;

pub(super) fn types(
    drafts: Drafts<'_>,
    operations: &BTreeMap<String, Operation>,
) -> BTreeMap<String, Type> {
    let mut known = Known {
        kinds: Kinds::settled(&drafts),
        own_tags: own_tags::find(&drafts),
        boxes: Boxes::find(&drafts),
        arguments: arguments(operations),
    };
    let types = drafts.into_iter().map(|(name, draft)| {
        let ty = known.ty(&name, draft);
        (name, ty)
    });
    types.collect()
}

/// The names of the parameters beside each body whose fields are arguments too, by the body's type.
fn arguments(operations: &BTreeMap<String, Operation>) -> BTreeMap<&str, BTreeSet<String>> {
    let beside = operations.values().filter_map(|operation| {
        let RequestBody::Embedded(body) = &operation.body else {
            return None;
        };
        let parameters = operation.parameters.iter();
        let names = parameters.map(|parameter| parameter.field.name.clone());
        Some((body.as_str(), names.collect()))
    });
    beside.collect()
}

/// What all types together say of each.
struct Known<'o> {
    kinds: Kinds,
    own_tags: OwnTags,
    boxes: Boxes,
    arguments: BTreeMap<&'o str, BTreeSet<String>>,
}

impl Known<'_> {
    fn ty(&mut self, name: &str, draft: Draft<'_>) -> Type {
        let Draft {
            source,
            doc,
            embedded,
            shape,
        } = draft;
        let shape = match shape {
            drafts::Shape::Object(object) => Shape::Object(self.object(name, object, &source)),
            drafts::Shape::Enumeration(values) => Shape::Enumeration(values),
            drafts::Shape::Union(union) => Shape::Union(self.union(name, union)),
            drafts::Shape::Alias(target) => Shape::Alias(target),
            drafts::Shape::Outcomes(outcomes) => Shape::Outcomes(outcomes),
        };
        Type {
            name: name.to_owned(),
            source,
            doc,
            embedded,
            shape,
        }
    }

    fn object(&mut self, ty: &str, object: drafts::Object<'_>, source: &Pointer) -> Object {
        let drafts::Object {
            members,
            additional,
            additional_part,
        } = object;
        let mut tags = self.own_tags.remove(ty).unwrap_or_default();
        let own: Vec<Option<String>> = members
            .iter()
            .map(|member| tags.remove(&member.wire))
            .collect();
        let wires = members.iter().map(|member| &member.wire).chain(tags.keys());
        let mut names = self.names(ty, wires, additional.is_some()).into_iter();
        let mut fields = Vec::with_capacity(members.len() + tags.len());
        let members = members.into_iter().zip(own).zip(&mut names).enumerate();
        fields.extend(members.map(|(index, ((mut member, tag), name))| {
            member.ty = self.boxes.around(ty, index, member.ty);
            of_member(member, name, tag)
        }));
        let unsaid = tags.into_iter().zip(names);
        fields.extend(unsaid.map(|((property, tag), name)| of_tag(&property, tag, name, source)));
        Object {
            fields,
            additional,
            additional_part,
        }
    }

    /// The names of the fields, also beside the parameters of the operation whose arguments they are.
    fn names<'w>(
        &self,
        ty: &str,
        wires: impl Iterator<Item = &'w String>,
        has_additional: bool,
    ) -> Vec<String> {
        let additional = has_additional.then(|| "additional".to_owned());
        let mut taken = additional.into_iter().collect();
        let names = set_apart(wires.map(|wire| value_name(wire)), &mut taken);
        match self.arguments.get(ty) {
            Some(arguments) => set_apart(names, &mut arguments.clone()),
            None => names,
        }
    }

    fn union(&mut self, name: &str, union: drafts::Union) -> Union {
        let drafts::Union {
            tag,
            branches,
            fallback,
        } = union;
        let alone = self.kinds.are_alone(&branches);
        let branches = branches.into_iter().zip(alone).enumerate();
        let branches = branches.map(|(index, (branch, is_alone))| Branch {
            variant: branch.variant,
            tags: branch.tags,
            ty: self.boxes.around(name, index, branch.ty),
            is_alone,
        });
        Union {
            tag,
            branches: branches.collect(),
            fallback,
        }
    }
}

/// The field that a property is, with the tag that it has by itself.
fn of_member(member: Member<'_>, name: String, tag: Option<String>) -> Field {
    let Member {
        wire,
        ty,
        required,
        note,
        owner,
        way,
    } = member;
    let Way {
        read_only,
        write_only,
        secret,
    } = way;
    let said = Said {
        wire: &wire,
        ty,
        required,
        note,
        owner: &owner,
    };
    let mut field = field(said, name);
    let filled = tag.as_ref().filter(|tag| !tag.contains('`'));
    let rule = filled.map(|tag| format!("It is `{tag}` unless something else is set."));
    field.rules.extend(rule);
    Field {
        // Only the server changes a tag, and yet nobody else says what is sent.
        read_only: read_only && tag.is_none(),
        write_only,
        secret,
        tag,
        ..field
    }
}

/// The field of a tag for which the type's schema has no property.
fn of_tag(property: &str, tag: String, name: String, owner: &Pointer) -> Field {
    let note = Note {
        constant: Some(Value::String(tag)),
        ..Note::default()
    };
    let said = Said {
        wire: property,
        ty: TypeRef::Text,
        required: true,
        note: &note,
        owner,
    };
    field(said, name)
}
