//! The clients of the descriptions in `fixtures/`.
#![allow(
    clippy::pedantic,
    reason = "generated code is held to clippy's defaults, as it is in other people's crates"
)]

include!(concat!(env!("OUT_DIR"), "/cases.rs"));
