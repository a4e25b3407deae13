//! Moves defaults into the notes: they are the server's, and no types.

use super::Document;
use crate::config::Config;
use crate::error::Result;
use crate::notes::note;
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    each_schema(&mut document.root, &mut |_, schema| {
        if let Some(value) = schema.remove("default") {
            note(schema, |note| note.default = Some(value));
        }
    });
    Ok(())
}
