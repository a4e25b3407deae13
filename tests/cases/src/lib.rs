//! The clients of the descriptions in `fixtures/`.
// rustdoc asks of the types of `deep.yaml` whether they can be sent, one within the other.
#![recursion_limit = "256"]
#![allow(
    clippy::pedantic,
    reason = "generated code is held to clippy's defaults, as it is in other people's crates"
)]

include!(concat!(env!("OUT_DIR"), "/cases.rs"));
