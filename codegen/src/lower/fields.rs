//! Fields and arguments, of what is noted of their schemas.

use super::documentation;
use crate::ir::{Field, TypeRef};
use crate::notes::Note;
use crate::pointer::Pointer;

/// What is said of a value where it stands.
pub(super) struct Said<'s> {
    /// Its name in JSON, in the query or among the headers.
    pub(super) wire: &'s str,
    pub(super) ty: TypeRef,
    pub(super) required: bool,
    pub(super) note: &'s Note,
    /// Where it is said when the value itself has no place.
    pub(super) owner: &'s Pointer,
}

/// The field of this name in Rust.
pub(super) fn field(said: Said<'_>, name: String) -> Field {
    let Said {
        wire,
        ty,
        required,
        note,
        owner,
    } = said;
    let has_place = note.source != Pointer::root();
    let source = if has_place { &note.source } else { owner };
    Field {
        wire: wire.to_owned(),
        name,
        ty,
        required,
        nullable: note.nullable,
        doc: documentation::of_field(note, wire),
        rules: documentation::rules_of_field(note),
        default: note.default.clone(),
        constant: note.constant.clone(),
        tag: None,
        read_only: note.read_only,
        write_only: note.write_only,
        part: note.part.clone(),
        secret: note.secret,
        deprecated: note.deprecated,
        source: source.clone(),
    }
}
