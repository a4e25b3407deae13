//! Results: what flows and tasks gave, kept where other runs, and other languages, find it.
//!
//! A `ResultStore` (or `AsyncResultStore`) writes records to a [storage](crate::filesystems) and reads them. A record
//! is the result with what is said of it, as Python's Prefect has it: both read what the other has written.
//!
#![cfg_attr(feature = "blocking", doc = "```no_run")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_sdk::prelude::*;
//! use prefect_sdk::results::{FlowResultOptions, ResultSettings, ResultStore};
//!
//! # fn run() -> Result<(), prefect_sdk::Error> {
//! let client = PrefectClient::from_env()?;
//! let store = ResultStore::new(ResultSettings::from_env()?);
//! let store = store.update_for_flow(&client, &FlowResultOptions::new())?;
//! let record = store.create_record(&vec![1, 2, 3])?;
//! store.persist(&record)?;
//! // What the state of the run has as its data.
//! let data = record.metadata().to_state_data();
//! let again: Vec<u32> = store.read(record.key())?.value()?;
//! # Ok(()) }
//! ```
//!
//! The same in the async face:
//!
#![cfg_attr(feature = "async", doc = "```no_run")]
#![cfg_attr(not(feature = "async"), doc = "```ignore")]
//! use prefect_sdk::prelude::*;
//! use prefect_sdk::results::{AsyncResultStore, FlowResultOptions, ResultSettings};
//!
//! # async fn run() -> Result<(), prefect_sdk::Error> {
//! let client = AsyncPrefectClient::from_env()?;
//! let store = AsyncResultStore::new(ResultSettings::from_env()?);
//! let store = store.update_for_flow(&client, &FlowResultOptions::new()).await?;
//! let record = store.create_record(&vec![1, 2, 3]).await?;
//! store.persist(&record).await?;
//! let again: Vec<u32> = store.read(record.key()).await?.value()?;
//! # Ok(()) }
//! ```
//!
//! # What Python has written
//!
//! | serializer of Python's | read | written |
//! |---|---|---|
//! | `json` | yes: also NaN, infinities and integers of any size; objects of classes are what they consist of | yes: a result without NaN and infinities |
//! | `pickle`, Python's default (feature `pickle`) | `None`, booleans, numbers, text, bytes, lists, tuples, dictionaries, sets, dates and times, UUIDs, decimals, Python's and Prefect's own exceptions | no |
//! | `compressed/json`, `compressed/pickle` by `lzma` (feature `xz`), `bz2` (feature `bzip2`), `zlib` and `gzip` (feature `zlib`) | yes, as the serializer within | `compressed/json` |
//!
//! Nothing of a pickle is executed: whatever else it is made of is an error that names the class. A datetime in a zone of the
//! IANA's has no offset then but the zone's name, such as `2026-07-01T12:00:00[Europe/Berlin]`.
//!
//! # Other than Python's
//!
//! - A key of storage among the options for results says where a result is kept, and nothing finds it there. A task whose results
//!   are found by such a key says so by its method `result_storage_key`, or by a cache policy.
//! - A flow's result is a whole record too, where Python's flows leave the bare result. Python reads both.
//! - What was read or written is not held in memory.
//! - A lock is waited for a minute unless set otherwise; one whose process has ended is
//!   an error at once.
//! - Where the server can't say what its default storage is, that is an error, and not a reason to use another.

mod cache_policy;
mod compression;
mod decode;
mod holder;
mod json;
mod lock;
mod options;
#[cfg(feature = "pickle")]
mod pickle;
mod python;
mod record;
mod serializer;
mod settings;
mod storage_key;
pub(crate) mod storages;
mod store;
#[cfg(test)]
mod tests;
mod value;

use diptych_macros::dual;

pub use cache_policy::{CacheInputs, CachePolicy, hash_objects};
pub use compression::Compression;
pub use lock::{FileLocks, LockHolder, LockManager, MemoryLocks};
pub use options::{CreateRecordOptions, FlowResultOptions, StorageReference, TaskResultOptions};
#[cfg(feature = "pickle")]
pub(crate) use pickle::PickleError;
#[cfg(feature = "flows")]
pub(crate) use python::quoted;
pub use record::{ResultRecord, ResultRecordMetadata};
pub use serializer::Serializer;
pub use settings::ResultSettings;
#[cfg(feature = "flows")]
pub(crate) use storage_key::filled;
pub use storage_key::format_storage_key;
#[dual(results)]
pub use store::AsyncResultStore;
pub use value::Value;

diptych_macros::faces! {
    /// The names that differ between the faces of this module.
    results {
        ..crate::faces::sdk,
        AsyncStorage => Storage,
        AsyncResultStore => ResultStore,
        acquire_lock => acquire_lock,
        adefault_storage => default_storage,
        aoffload => offload,
        aopen_storage => open_storage,
        aread_document => read_document,
        asaved => saved,
    }
}
