//! Takes the notes out of the canonical document and keys them by their final place.

use serde_json::Value;

use crate::notes::{Notes, take};
use crate::walk::each_schema;

pub(super) fn run(root: &mut Value) -> Notes {
    let mut notes = Notes::new();
    each_schema(root, &mut |place, schema| {
        notes.insert(place.pointer(), take(schema));
    });
    notes
}
