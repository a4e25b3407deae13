//! `#[track_caller]`: what asks for its caller, such as a warning, names the line that called the twin.

use quote::quote;
use syn::{Attribute, Signature};

use crate::docs::outer;

/// Adds it to a twin, where the compiler takes it: not in a test, in `main`, or where another language calls.
pub(crate) fn track(attributes: &mut Vec<Attribute>, signature: &Signature) {
    let is_main = signature.ident == "main" && signature.receiver().is_none();
    if is_main || signature.abi.is_some() || attributes.iter().any(excludes) {
        return;
    }
    attributes.extend(outer(quote!(#[track_caller])));
}

fn excludes(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|last| {
        let name = last.ident.to_string();
        name.contains("test") || matches!(name.as_str(), "track_caller" | "main")
    })
}
