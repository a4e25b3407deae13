//! Which way each type travels, so that absent and null are told apart exactly where an update can say either.

use std::collections::BTreeMap;

use crate::ir::{Api, Operation, RequestBody, Shape, Travel, Type, TypeRef};
use crate::loss::Loss;

pub(super) fn settle(api: &mut Api) {
    let mut travel: BTreeMap<String, Travel> = BTreeMap::new();
    for operation in api.operations.values() {
        let merges = operation.content.as_ref().is_some_and(|content| {
            content
                .media_type
                .starts_with("application/merge-patch+json")
        });
        let updates = operation.method == "PATCH" || merges;
        let sent = Travel {
            sent: true,
            updates,
            ..Travel::default()
        };
        for ty in sent_types(operation) {
            mark(api, &ty, sent, &mut travel);
        }
        if let Some(answer) = &operation.answer {
            let received = Travel {
                received: true,
                ..Travel::default()
            };
            mark(api, &answer.ty, received, &mut travel);
        }
    }
    let hooked = Travel {
        hooked: true,
        ..Travel::default()
    };
    for ty in api.types.values().filter(|ty| is_hook(ty)) {
        mark(api, &TypeRef::Named(ty.name.clone()), hooked, &mut travel);
    }
    for (name, ty) in &mut api.types {
        ty.travel = travel.remove(name).unwrap_or_default();
    }
    api.types.values_mut().for_each(one_way);
    api.losses.extend(nulls_lost(&api.types));
    for ty in api.types.values_mut() {
        // A type that also creates or answers says null as absent: there the two mean the same.
        ty.travel.updates &= !ty.travel.received;
    }
}

/// What only comes from the server (`readOnly`) is no part of a type that is only sent, and need not be there in one
/// that goes both ways. What only goes to the server (`writeOnly`) need not be there in one that comes: some servers
/// answer it all the same, masked.
fn one_way(ty: &mut Type) {
    let Travel { sent, received, .. } = ty.travel;
    let Shape::Object(object) = &mut ty.shape else {
        return;
    };
    if !sent && !received {
        return;
    }
    object.fields.retain(|field| !field.read_only || received);
    for field in &mut object.fields {
        field.read_only &= sent;
        field.write_only &= received;
        field.asked = field.required && !field.nullable && sent && field.write_only;
        field.required &= !field.read_only && !field.write_only;
    }
}

/// Null is absent in a type that goes both ways, even in an update, or where the server's default is something else.
fn nulls_lost(types: &BTreeMap<String, Type>) -> Vec<Loss> {
    let both = types
        .values()
        .filter(|ty| ty.travel.sent && ty.travel.received);
    let fields = both.flat_map(|ty| match &ty.shape {
        Shape::Object(object) => object.fields.iter().map(|field| (ty, field)).collect(),
        _ => Vec::new(),
    });
    let lost = fields.filter(|(ty, field)| {
        let default = field.default.as_ref().is_some_and(|value| !value.is_null());
        field.nullable && !field.required && (ty.travel.updates || default)
    });
    lost.map(|(_, field)| Loss {
        pointer: field.source.clone(),
        what: "null apart from absent in a request".to_owned(),
        why: "the type is also answered, where the two mean the same".to_owned(),
    })
    .collect()
}

fn sent_types(operation: &Operation) -> Vec<TypeRef> {
    let parameters = operation
        .parameters
        .iter()
        .map(|parameter| parameter.field.ty.clone());
    let body = match &operation.body {
        RequestBody::None => None,
        RequestBody::Whole(field) => Some(field.ty.clone()),
        RequestBody::Embedded(name) => Some(TypeRef::Named(name.clone())),
    };
    parameters.chain(body).collect()
}

/// Whether it is the body of a webhook or a callback, or of the answer to one.
fn is_hook(ty: &Type) -> bool {
    let mut keys = ty.source.keys();
    match keys.next().as_deref() {
        Some("webhooks") => true,
        // /paths/~1orders/post/callbacks/…
        Some("paths") => keys.nth(2).as_deref() == Some("callbacks"),
        _ => false,
    }
}

fn mark(api: &Api, ty: &TypeRef, with: Travel, travel: &mut BTreeMap<String, Travel>) {
    let mut open = Vec::new();
    ty.names(&mut |name| open.push(name.to_owned()));
    while let Some(name) = open.pop() {
        let known = travel.entry(name.clone()).or_default();
        let merged = Travel {
            sent: known.sent || with.sent,
            received: known.received || with.received,
            updates: known.updates || with.updates,
            hooked: known.hooked || with.hooked,
        };
        if *known == merged {
            continue;
        }
        *known = merged;
        if let Some(ty) = api.types.get(&name) {
            ty.shape
                .parts()
                .iter()
                .for_each(|part| part.names(&mut |name| open.push(name.to_owned())));
        }
    }
}
