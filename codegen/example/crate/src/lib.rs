//! A client of Library.
//!
//! [`operations`] has the requests as data, [`models`] the types that travel, and [`requests`] what is optional about each
//! operation. Both clients have the same methods.
//!
//! ```no_run
//! # #[cfg(feature = "blocking")]
//! # fn main() -> Result<(), library_client::Error> {
//! use library_client::{Config, Library};
//!
//! let client = Library::from_config(Config::new("http://localhost:8080")?)?;
//! # let _ = client;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "blocking"))]
//! # fn main() {}
//! ```

#[rustfmt::skip]
mod api;

pub use api::*;
pub use diptych_runtime::{Config, Error};
