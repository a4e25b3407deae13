//! What changed about the structs of an operation: what is optional about it, and what its answers have in their headers.

use super::members::{member, members};
use super::{About, Changes, Effect, by_name};
use crate::emit::{Inventory, RequestEntry};
use crate::pointer::Pointer;

pub(super) fn requests(old: &Inventory, new: &Inventory, changes: &mut Changes) {
    // A struct that is gone or new as a whole is said of its operation.
    for (name, pair) in by_name(&old.requests, &new.requests, |one| &one.name) {
        let (Some(old), Some(new)): (Option<&RequestEntry>, Option<&RequestEntry>) = pair else {
            continue;
        };
        let root = Pointer::root().child("paths");
        let about = About {
            subject: format!("request `{name}`"),
            pointer: &root,
        };
        for change in members("object", &old.members, &new.members) {
            // All of it is optional.
            member(&change, false, &about, changes);
        }
    }
}

/// What answers have in their headers, which nobody makes.
pub(super) fn answer_headers(old: &Inventory, new: &Inventory, changes: &mut Changes) {
    let root = Pointer::root().child("paths");
    for (name, pair) in by_name(&old.headers, &new.headers, |one| &one.name) {
        let about = About {
            subject: format!("headers `{name}`"),
            pointer: &root,
        };
        match pair {
            (Some(_), None) => {
                changes.add(Effect::Breaking, &about, "are gone", "users can name it");
            }
            (None, Some(_)) => {
                changes.add(
                    Effect::Additive,
                    &about,
                    "are new",
                    "there is one more type",
                );
            }
            (Some(old), Some(new)) => {
                for change in members("object", &old.members, &new.members) {
                    member(&change, false, &about, changes);
                }
            }
            (None, None) => {}
        }
    }
}
