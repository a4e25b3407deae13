//! Which way each type travels, so that absent and null are told apart exactly where an update can say either.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ir::{Api, Type};

/// Which way a type travels. A type that no operation uses travels neither way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a way of its own")]
#[non_exhaustive]
pub struct Travel {
    /// To the server.
    pub sent: bool,
    /// From the server.
    pub received: bool,
    /// To the server as a partial update, where absent and null differ.
    pub updates: bool,
    /// From the server or to it by itself, in a webhook or a callback: whoever receives those answers them, and makes some in
    /// tests.
    #[serde(skip)]
    pub hooked: bool,
}

impl Travel {
    /// Only to the server, as what an operation takes does.
    pub(super) const SENT: Self = Self {
        sent: true,
        received: false,
        updates: false,
        hooked: false,
    };
    const RECEIVED: Self = Self {
        sent: false,
        received: true,
        updates: false,
        hooked: false,
    };
    const HOOKED: Self = Self {
        sent: false,
        received: false,
        updates: false,
        hooked: true,
    };

    /// Both ways together.
    fn and(self, other: Self) -> Self {
        Self {
            sent: self.sent || other.sent,
            received: self.received || other.received,
            updates: self.updates || other.updates,
            hooked: self.hooked || other.hooked,
        }
    }

    /// A type that also creates or answers says null as absent: there the two mean the same.
    pub(super) fn with_nulls_apart(self) -> Self {
        Self {
            updates: self.updates && !self.received,
            ..self
        }
    }
}

/// The ways of each type that has any, by the type's name.
pub(super) fn ways(api: &Api) -> BTreeMap<&str, Travel> {
    let mut ways = BTreeMap::new();
    for operation in api.operations.values() {
        let merges = operation.content.as_ref().is_some_and(|content| {
            content
                .media_type
                .starts_with("application/merge-patch+json")
        });
        let sent = Travel {
            updates: operation.method == "PATCH" || merges,
            ..Travel::SENT
        };
        operation.each_sent_name(&mut |name| mark(api, name, sent, &mut ways));
        if let Some(answer) = &operation.answer {
            let received = Travel::RECEIVED;
            answer
                .ty
                .each_name(&mut |name| mark(api, name, received, &mut ways));
        }
    }
    for ty in api.types.values().filter(|ty| is_hook(ty)) {
        mark(api, &ty.name, Travel::HOOKED, &mut ways);
    }
    ways
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

/// A type goes the ways of what it is a part of.
fn mark<'a>(api: &'a Api, name: &'a str, with: Travel, ways: &mut BTreeMap<&'a str, Travel>) {
    let mut open = vec![name];
    while let Some(name) = open.pop() {
        let known = ways.entry(name).or_default();
        let both = known.and(with);
        if *known == both {
            continue;
        }
        *known = both;
        if let Some(ty) = api.types.get(name) {
            for part in ty.shape.parts() {
                part.each_name(&mut |name| open.push(name));
            }
        }
    }
}
