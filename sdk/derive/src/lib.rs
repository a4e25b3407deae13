//! The derives of `prefect_sdk::input::RunInput` and `prefect_sdk::blocks::Block`; that crate re-exports them.

mod block;
mod block_attributes;
#[cfg(test)]
mod block_tests;
mod run_input;
mod slug;

use proc_macro::TokenStream;
use syn::{DeriveInput, Error, parse_macro_input};

/// Implements `RunInput` for a struct with named fields. It needs `Serialize`, `Deserialize` and `JsonSchema` too.
///
/// Flow runs know an input by the name of its type, and Python's class must have the same. It is the struct's, unless
/// `#[run_input(name = "…")]` says another: ASCII letters and digits, since Prefect's keys hold nothing else.
#[proc_macro_derive(RunInput, attributes(run_input))]
pub fn run_input(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as DeriveInput);
    run_input::implement(&item)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// Implements `Block` for a struct with named fields. It needs `Serialize`, `Deserialize` and `JsonSchema` too.
///
/// `#[block(…)]` says what the server knows of the type:
///
/// | | |
/// |---|---|
/// | `name = "…"` | the name that people see; without it, the struct's |
/// | `slug = "…"` | what documents are found by; without it, made of the name as Python makes it |
/// | `description = …` | what it is for; without it, what the docs of the struct say before the first heading |
/// | `logo_url = …`, `documentation_url = …`, `code_example = …` | what the UI shows |
/// | `capabilities("read-path", …)` | what blocks of this type can do |
/// | `version = …` | the version of the schema; without it, `non-versioned`, as of Python's classes in no package |
/// | `predefined` | the server brings the type: its schema is used where it has one |
///
/// What the docs of the struct and of its fields say is part of the schema, and so of its checksum.
#[proc_macro_derive(Block, attributes(block))]
pub fn block(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as DeriveInput);
    block::implement(&item)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}
