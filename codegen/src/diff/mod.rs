//! What a new description changes for the users of the client: on the surface, which the compiler sees, and on the wire.
//!
//! It compares inventories: what users can name. A change that no caller can notice is none.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::emit::{Inventory, OperationEntry, RequestEntry, TypeEntry};
use crate::pointer::Pointer;

mod access;
mod former;
mod members;
mod signature;
mod text;
mod wire;

use members::{Member, members};
use signature::compare_signatures;
pub use text::{diff_markdown, diff_text};

/// What changed between two descriptions.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Diff {
    /// The versions of the descriptions, the older one first.
    pub versions: [String; 2],
    /// What the version of the client has to become.
    pub bump: Bump,
    /// Every change, those that break first, then by what they are about.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// What follows for users.
    pub effect: Effect,
    /// What it is about, such as ``operation `read_flow` ``.
    pub subject: String,
    /// What changed.
    pub what: String,
    /// Why it has that effect.
    pub why: String,
    /// Where it stands, in the new description unless it is gone.
    pub pointer: Pointer,
}

/// What follows from a change for users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Effect {
    /// Code that compiles now may not compile any more.
    Breaking,
    /// There is more to name.
    Additive,
    /// The same code says something else to the server.
    Wire,
}

/// How the version of the client moves, by semver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Bump {
    /// Nothing changes for users.
    None,
    /// Only the wire changes.
    Patch,
    /// Something is added.
    Minor,
    /// Something breaks.
    Major,
}

/// Compares what two descriptions become.
#[must_use]
pub fn diff(old: &Inventory, new: &Inventory) -> Diff {
    let old = &former::with_new_names(old, new);
    let mut changes = Changes::default();
    operations(old, new, &mut changes);
    requests(old, new, &mut changes);
    answer_headers(old, new, &mut changes);
    types(old, new, &mut changes);
    access::compare(old, new, &mut changes);
    let mut changes = changes.0;
    changes.sort();
    let bump = changes.iter().map(|change| change.effect.bump()).max();
    Diff {
        versions: [old.version.clone(), new.version.clone()],
        bump: bump.unwrap_or(Bump::None),
        changes,
    }
}

impl Effect {
    fn bump(self) -> Bump {
        match self {
            Self::Breaking => Bump::Major,
            Self::Additive => Bump::Minor,
            Self::Wire => Bump::Patch,
        }
    }
}

#[derive(Default)]
struct Changes(Vec<Change>);

impl Changes {
    fn add(&mut self, effect: Effect, about: &About<'_>, what: impl Into<String>, why: &str) {
        self.0.push(Change {
            effect,
            subject: about.subject.clone(),
            what: what.into(),
            why: why.to_owned(),
            pointer: about.pointer.clone(),
        });
    }
}

/// What changes are about.
struct About<'p> {
    subject: String,
    pointer: &'p Pointer,
}

type Pairs<'i, T> = BTreeMap<&'i str, (Option<&'i T>, Option<&'i T>)>;

/// Things of both descriptions by their names.
fn by_name<'i, T>(old: &'i [T], new: &'i [T], name: fn(&T) -> &str) -> Pairs<'i, T> {
    let mut pairs = Pairs::new();
    for one in old {
        pairs.entry(name(one)).or_default().0 = Some(one);
    }
    for one in new {
        pairs.entry(name(one)).or_default().1 = Some(one);
    }
    pairs
}

fn operations(old: &Inventory, new: &Inventory, changes: &mut Changes) {
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

fn requests(old: &Inventory, new: &Inventory, changes: &mut Changes) {
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
fn answer_headers(old: &Inventory, new: &Inventory, changes: &mut Changes) {
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

fn types(old: &Inventory, new: &Inventory, changes: &mut Changes) {
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

/// What has another name, and its former one still.
fn deprecated(about: &About<'_>, now: &str, changes: &mut Changes) {
    let what = format!("is called `{now}` now");
    let why = "the former name stays, and is deprecated";
    changes.add(Effect::Additive, about, what, why);
}

/// The former names that are not there any more.
fn without_former(old: &[String], new: &[String], about: &About<'_>, changes: &mut Changes) {
    for name in old.iter().filter(|name| !new.contains(*name)) {
        let what = format!("is not called `{name}` any more");
        changes.add(Effect::Breaking, about, what, "users can name it so");
    }
}

/// What became of what is not there under its name.
fn what_became(new_name: Option<&str>) -> String {
    new_name.map_or_else(
        || "is gone".to_owned(),
        |name| format!("is called `{name}` now"),
    )
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o']) {
        "an"
    } else {
        "a"
    }
}

/// `is_made`: users make values of the type.
fn member(change: &Member, is_made: bool, about: &About<'_>, changes: &mut Changes) {
    match change {
        Member::Gone(line) => {
            let what = format!("`{line}` is gone");
            changes.add(Effect::Breaking, about, what, "users can name it");
        }
        Member::Required(line) if is_made => {
            let what = format!("`{line}` is new");
            changes.add(
                Effect::Breaking,
                about,
                what,
                "`new` takes one more argument",
            );
        }
        Member::Required(line) | Member::Added(line) => {
            let what = format!("`{line}` is new");
            changes.add(Effect::Additive, about, what, "no code has to speak of it");
        }
        Member::Changed { old, new } => {
            let what = format!("`{new}` was `{old}`");
            changes.add(
                Effect::Breaking,
                about,
                what,
                "code that reads or sets it has the other type",
            );
        }
        Member::Rewired { name, old, new } => {
            let what = format!("`{name}` is `{new}` on the wire, and was `{old}`");
            changes.add(Effect::Wire, about, what, "its name in Rust stays");
        }
    }
}
