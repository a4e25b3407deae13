//! The client of `api/library.yaml`, which the build script writes: a module of this crate like any other.

#![deny(warnings)]

include!(concat!(env!("OUT_DIR"), "/client.rs"));
