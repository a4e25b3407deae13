//! Takes the notes out of the canonical document and keys them by their final place.

use crate::json::Value;
use crate::notes::{Note, Notes, take};
use crate::walk::each_schema;

pub(super) fn run(root: &mut Value) -> Notes {
    let mut notes = Notes::new();
    each_schema(root, &mut |place, schema| {
        let (note, place) = (take(schema), place.pointer());
        // That a schema stands where it stood is what is said of most of them, and needs no room.
        if note != Note::at(&place) {
            notes.insert(place, note);
        }
    });
    notes
}
