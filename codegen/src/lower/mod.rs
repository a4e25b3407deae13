//! The third stage: the canonical document and its notes into the [IR](crate::ir).
//!
//! Types are read as drafts, of which some turn out to hold only themselves, or to have branches that are one type.
//! Once that is settled, each type of the IR is made, and never changed.

use crate::error::Result;
use crate::ir::Api;
use crate::normalise::Canonical;

mod addresses;
mod answers;
mod boxes;
mod complete;
mod contents;
mod distinct;
mod documentation;
mod drafts;
mod endless;
mod fields;
mod members;
mod operations;
mod outcomes;
mod own_tags;
mod reader;
mod room;
mod same_branches;
mod types;
mod values;

/// Lowers a canonical document: each component is a type, and each operation an operation.
///
/// # Errors
///
/// When the description comes to more than a client can have.
pub fn lower(canonical: &Canonical) -> Result<Api> {
    let mut reader = reader::Reader::new(canonical);
    let mut drafts = types::read(canonical, &mut reader);
    let operations = operations::lower(canonical, &mut reader);
    let reader::Reader {
        losses: not_read,
        skipped,
        outcomes,
        ..
    } = reader;
    drafts.extend(outcomes);
    room::check(&drafts, operations.values())?;
    let mut losses = canonical.losses.clone();
    losses.extend(not_read);
    endless::cut(&mut drafts, &mut losses);
    same_branches::merge(&mut drafts);
    // What is one type by now may hold only itself.
    endless::cut(&mut drafts, &mut losses);
    let info = |key: &str| {
        let text = canonical.document["info"][key].as_str();
        text.unwrap_or_default().to_owned()
    };
    Ok(Api {
        title: info("title"),
        version: info("version"),
        types: complete::types(drafts, &operations),
        operations,
        security: canonical.security.clone(),
        servers: canonical.servers.clone(),
        losses,
        skipped,
    })
}
