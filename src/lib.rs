//! A client for the API of Prefect 3 in two faces: blocking by default, async by name.

#[path = "../generated/mod.rs"]
#[rustfmt::skip]
mod generated;

pub use generated::*;
