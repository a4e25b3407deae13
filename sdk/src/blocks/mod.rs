//! Blocks: typed settings and secrets that the server keeps, by name.
//!
//! A block is a struct. Its fields are what the server keeps; its type has a name and a slug, by which Python finds it, too:
//!
//! ```
//! use prefect_sdk::blocks::{Block, SecretString, schemars::{self, JsonSchema}};
//! use serde::{Deserialize, Serialize};
//!
//! /// Where reports are sent.
//! #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
//! #[block(name = "Report Service")]
//! struct ReportService {
//!     url: String,
//!     token: SecretString,
//!     #[serde(default)]
//!     retries: i64,
//! }
//!
//! assert_eq!(ReportService::INFO.slug, "report-service");
//! # #[cfg(feature = "blocking")]
//! # fn run() -> Result<(), prefect_sdk::Error> {
//! # use prefect_sdk::client::PrefectClient;
//! # let client = PrefectClient::from_env()?;
//! let service = ReportService { url: "https://example.com".into(), token: "s3cret".into(), retries: 3 };
//! service.save(&client, "reports")?;
//!
//! let mut service = ReportService::load(&client, "reports")?;
//! service.retries = 5;
//! service.update(&client)?;
//! # Ok(()) }
//! ```
//!
//! A [`Saved`] block knows its document. [`Nested`] blocks are written as references where they are saved, so that their
//! secrets are in their own documents only. A [`DynamicBlock`] is of a type that the program has no struct for.
//!
//! # Secrets
//!
//! A [`SecretString`] or a [`SecretMap`] is shown to those only who ask for secrets. The server finds secrets by the names of
//! fields; a field in which it finds none does not compile, or, where the compiler does not see it, is refused when the type
//! is registered:
//!
//! ```compile_fail,E0080
//! use prefect_sdk::blocks::{Block, SecretString, schemars::{self, JsonSchema}};
//! use serde::{Deserialize, Serialize};
//! use std::collections::BTreeMap;
//!
//! #[derive(Serialize, Deserialize, JsonSchema, Block)]
//! struct Tokens {
//!     // The server would show each of them: use a `SecretMap`.
//!     by_name: BTreeMap<String, SecretString>,
//! }
//! ```
//!
//! Which fields are secret is said by the first registration of a schema, for ever. Where somebody else has registered the
//! same schema without them, registering it is an error: give the block another version.
//!
#![doc = include_str!("fields.md")]

mod block;
#[doc(hidden)]
pub mod checks;
mod checksum;
mod dynamic;
mod info;
mod marks;
mod nested;
mod read;
#[cfg(feature = "redis")]
pub mod redis;
mod reference;
mod register;
mod save;
mod saved;
mod schema;
mod secret;
mod secrets;
mod signature;
mod system;
#[cfg(test)]
mod tests;
mod unfit;
mod write;

diptych_macros::faces! {
    /// The names that differ between the faces of this module.
    table {
        ..crate::faces::sdk,
        atell => tell,
        aread_document => read_document,
        adelete_document => delete_document,
        atell_loaded => tell_loaded,
        aask => ask,
        aquery => query,
        akept => kept,
        aforget => forget,
        akeep => keep,
        aconnected => connected,
        aregister => register,
        aregister_one => register_one,
        afind_type => find_type,
        acreate_type => create_type,
        aupdate_type => update_type,
        afind_schema => find_schema,
        asave_document => save_document,
        asave_anonymous_document => save_anonymous_document,
        aupdate_document => update_document,
    }
}

pub use block::{Block, LoadBlockOptions};
pub use dynamic::DynamicBlock;
pub use info::BlockInfo;
pub use nested::Nested;
pub use prefect_sdk_derive::Block;
#[cfg(feature = "results")]
#[diptych_macros::dual(table)]
pub(crate) use read::aread_document;
pub use reference::BlockReference;
pub use register::RegisteredBlock;
pub use save::{SaveBlockOptions, UpdateBlockOptions};
pub use saved::Saved;
pub use schemars;
pub use secret::{SecretMap, SecretString};
pub use system::Secret;
