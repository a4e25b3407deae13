//! The third stage: the canonical document and its notes into the [IR](crate::ir).

use crate::error::Result;
use crate::ir::Api;
use crate::normalise::Canonical;

mod addresses;
mod answers;
mod boxes;
mod contents;
mod distinct;
mod documentation;
mod endless;
mod members;
mod operations;
mod outcomes;
mod own_tags;
mod parameters;
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
    let info = |key: &str| {
        let text = canonical.document["info"][key].as_str();
        text.unwrap_or_default().to_owned()
    };
    let mut api = Api {
        title: info("title"),
        version: info("version"),
        types: types::lower(canonical, &mut reader),
        operations: operations::lower(canonical, &mut reader),
        security: canonical.security.clone(),
        servers: canonical.servers.clone(),
        losses: canonical.losses.clone(),
    };
    api.losses.append(&mut reader.losses);
    let outcomes = std::mem::take(&mut reader.outcomes).into_iter();
    api.types.extend(outcomes.map(|ty| (ty.name.clone(), ty)));
    reader.room.into_result()?;
    room::check(&api)?;
    endless::cut(&mut api);
    same_branches::merge(&mut api);
    endless::cut(&mut api);
    same_branches::set_apart(&mut api);
    own_tags::settle(&mut api);
    boxes::put(&mut api);
    parameters::settle(&mut api);
    distinct::settle(&mut api);
    Ok(api)
}
