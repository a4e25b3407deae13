//! What lowering reads: the canonical document with its notes, and what its types do not keep.

use super::drafts::Drafts;
use super::room::Room;
use crate::error::Problem;
use crate::json::Value;
use crate::loss::Loss;
use crate::normalise::Canonical;
use crate::notes::Note;
use crate::pointer::Pointer;

/// A schema and where it stands.
pub(super) type Placed<'c> = (&'c Value, Pointer);

/// Reads schemas of the canonical document.
pub(super) struct Reader<'c> {
    canonical: &'c Canonical,
    /// What the types do not keep.
    pub(super) losses: Vec<Loss>,
    /// What is left out.
    pub(super) skipped: Vec<Problem>,
    /// The types of answers that their statuses tell apart.
    pub(super) outcomes: Drafts<'c>,
    pub(super) room: Room,
}

impl<'c> Reader<'c> {
    pub(super) fn new(canonical: &'c Canonical) -> Self {
        Self {
            canonical,
            losses: Vec::new(),
            skipped: Vec::new(),
            outcomes: Drafts::new(),
            room: Room::new(),
        }
    }

    /// What is noted at a place.
    pub(super) fn note(&self, place: &Pointer) -> &'c Note {
        self.canonical.note(place)
    }

    /// The schema of a component; nothing is said where there is none.
    pub(super) fn component(&self, name: &str) -> &'c Value {
        &self.canonical.document["components"]["schemas"][name]
    }

    /// Reports a meaning that a schema's type does not keep.
    pub(super) fn lose(&mut self, place: &Pointer, what: &str, why: &str) {
        self.losses.push(Loss {
            pointer: self.source(place),
            what: what.to_owned(),
            why: why.to_owned(),
        });
    }

    /// Where it stands in the description as it was given.
    pub(super) fn source(&self, place: &Pointer) -> Pointer {
        let source = &self.note(place).source;
        if *source == Pointer::root() {
            place.clone()
        } else {
            source.clone()
        }
    }
}

/// The component that a schema is. Null and notes stand beside the only part of an `allOf`, as 3.0 has no other place.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    let parts = schema["allOf"].as_array();
    let only = match parts.map(Vec::as_slice) {
        Some([only]) if says_nothing_more(schema) => only,
        Some(_) => return None,
        None => schema,
    };
    only["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

fn says_nothing_more(schema: &Value) -> bool {
    let mut keys = schema
        .as_object()
        .into_iter()
        .flat_map(crate::json::Map::keys);
    keys.all(|key| key == "allOf" || key == "nullable")
}
