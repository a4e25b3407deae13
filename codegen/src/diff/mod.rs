//! What a new description changes for the users of the client: on the surface, which the compiler sees, and on the wire.
//!
//! It compares inventories: what users can name. A change that no caller can notice is none.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::emit::Inventory;
use crate::pointer::Pointer;

mod access;
mod former;
mod members;
mod operations;
mod signature;
mod structs;
mod text;
mod types;
mod wire;

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
    operations::compare(old, new, &mut changes);
    structs::requests(old, new, &mut changes);
    structs::answer_headers(old, new, &mut changes);
    types::compare(old, new, &mut changes);
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
