//! What changed about operations, whose methods callers name.

use super::former::{deprecated, what_became, without_former};
use super::signature::compare_signatures;
use super::{About, Changes, Effect, by_name, wire};
use crate::emit::{Inventory, OperationEntry};

pub(super) fn compare(old: &Inventory, new: &Inventory, changes: &mut Changes) {
    for (name, pair) in by_name(&old.operations, &new.operations, |one| &one.name) {
        let of = |one: &OperationEntry| format!("operation `{name}` ({} {})", one.method, one.path);
        match pair {
            (Some(gone), None) => {
                let about = About {
                    subject: of(gone),
                    pointer: &gone.pointer,
                };
                let mut all = new.operations.iter();
                if let Some(now) = all.find(|one| one.former.contains(&gone.name)) {
                    deprecated(&about, &now.name, changes);
                    continue;
                }
                let renamed = new
                    .operations
                    .iter()
                    .find(|one| (&one.method, &one.path) == (&gone.method, &gone.path));
                let what = what_became(renamed.map(|renamed| &*renamed.name));
                changes.add(Effect::Breaking, &about, what, "callers name its method");
            }
            (None, Some(added)) => {
                let about = About {
                    subject: of(added),
                    pointer: &added.pointer,
                };
                changes.add(
                    Effect::Additive,
                    &about,
                    "is new",
                    "there is one more method",
                );
            }
            (Some(old), Some(new)) => {
                let about = About {
                    subject: of(new),
                    pointer: &new.pointer,
                };
                operation(old, new, &about, changes);
            }
            (None, None) => {}
        }
    }
}

/// What the method of an operation does that takes a request struct.
const OPTIONAL: &str = "takes what is optional";

fn operation(old: &OperationEntry, new: &OperationEntry, about: &About<'_>, changes: &mut Changes) {
    if (&old.method, &old.path) != (&new.method, &new.path) {
        let what = format!("was {} {}", old.method, old.path);
        changes.add(
            Effect::Wire,
            about,
            what,
            "the request goes elsewhere; the call is the same",
        );
    }
    wire::compare(old, new, about, changes);
    without_former(&old.former, &new.former, about, changes);
    let plain = compare_signatures(&old.blocking, &new.blocking);
    for (what, why) in &plain {
        changes.add(Effect::Breaking, about, what, why);
    }
    let pages = |one: &OperationEntry| one.pages.as_ref().map(|pages| pages.signature.clone());
    let pages_with = |one: &OperationEntry| one.pages.as_ref()?.signature_with.clone();
    let derived = [
        (
            OPTIONAL,
            old.blocking_with.clone(),
            new.blocking_with.clone(),
        ),
        ("reads pages", pages(old), pages(new)),
        (
            "reads pages with what is optional",
            pages_with(old),
            pages_with(new),
        ),
    ];
    for (which, old, new) in derived {
        match (old, new) {
            (Some(_), None) => {
                let what = format!("has no method that {which} any more");
                changes.add(Effect::Breaking, about, what, "callers name it");
            }
            (None, Some(_)) => {
                let what = format!("has a method that {which} now");
                changes.add(Effect::Additive, about, what, "the method without it stays");
            }
            (Some(old), Some(new)) if which == OPTIONAL => {
                let both = compare_signatures(&old, &new);
                for (what, why) in both.iter().filter(|one| !plain.contains(one)) {
                    changes.add(Effect::Breaking, about, what, why);
                }
            }
            _ => {}
        }
    }
}
