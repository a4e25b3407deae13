//! What `#[dual]` makes of an item: tokens in, tokens of both faces out.
//!
//! The macros of `diptych-macros` are one line each over this library. It is apart from them because a crate of macros
//! can offer nothing else, and a test that reads a crate's sources wants to see the twins that the compiler sees.

mod arguments;
mod body;
mod callers;
mod declaration;
mod docs;
mod expand;
mod face;
mod faces;
mod functions;
mod imports;
mod items;
mod macro_calls;
mod marks;
mod members;
mod names;
mod refusals;
mod signature;
#[cfg(test)]
mod snapshot_tests;
mod table;
mod twin_name;

pub use declaration::{Declaration, declare};
pub use expand::{attribute, attribute_with, with_tables};
