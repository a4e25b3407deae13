//! Remembers where each schema stands in the description as it was given, so that every later message can say so.

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
    each_schema(&mut document.root, &mut |place, schema| {
        note(schema, |note| note.source = place.pointer());
    });
    Ok(())
}
