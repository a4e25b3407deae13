//! What changed about the types that travel.

use super::former::{deprecated, what_became, without_former};
use super::members::{member, members};
use super::{About, Changes, Effect, by_name};
use crate::emit::{Inventory, TypeEntry};

pub(super) fn compare(old: &Inventory, new: &Inventory, changes: &mut Changes) {
    // The body of one operation has no type that users can name.
    let named = |all: &[TypeEntry]| -> Vec<TypeEntry> {
        let named = all.iter().filter(|one| one.kind != "body");
        named.cloned().collect()
    };
    let (old, new) = (named(&old.types), named(&new.types));
    for (name, pair) in by_name(&old, &new, |one| &one.name) {
        let of = |pointer| About {
            subject: format!("type `{name}`"),
            pointer,
        };
        match pair {
            (Some(gone), None) => {
                if let Some(now) = new.iter().find(|one| one.former.contains(&gone.name)) {
                    deprecated(&of(&gone.pointer), &now.name, changes);
                    continue;
                }
                let renamed = new.iter().find(|one| one.pointer == gone.pointer);
                let what = what_became(renamed.map(|renamed| &*renamed.name));
                changes.add(
                    Effect::Breaking,
                    &of(&gone.pointer),
                    what,
                    "users can name it",
                );
            }
            (None, Some(added)) => {
                let why = "there is one more type";
                changes.add(Effect::Additive, &of(&added.pointer), "is new", why);
            }
            (Some(old), Some(new)) => one_type(old, new, &of(&new.pointer), changes),
            (None, None) => {}
        }
    }
}

fn one_type(old: &TypeEntry, new: &TypeEntry, about: &About<'_>, changes: &mut Changes) {
    if old.kind != new.kind {
        let what = format!(
            "is {} {} now, and was {} {}",
            article(new.kind),
            new.kind,
            article(old.kind),
            old.kind
        );
        changes.add(
            Effect::Breaking,
            about,
            what,
            "it is made and read in another way",
        );
        return;
    }
    without_former(&old.former, &new.former, about, changes);
    let (was_sent, is_sent) = (old.travel.sent, new.travel.sent);
    if was_sent && !is_sent {
        let why = "nothing takes it any more, so it has no constructor";
        changes.add(Effect::Breaking, about, "is only received now", why);
    }
    for change in members(new.kind, &old.members, &new.members) {
        member(&change, was_sent && is_sent, about, changes);
    }
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o']) {
        "an"
    } else {
        "a"
    }
}
