//! The benchmark of decoding compares with hand-made copies of generated types, which must stay copies.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use prefect_conformance::{Fallible, generated};
use quote::ToTokens as _;
use syn::Item;

/// What the types in a file hold: fields with their types, variants with what is in them.
type Types = BTreeMap<String, Vec<String>>;

#[test]
fn the_derived_types_of_the_benchmark_are_the_generated_ones() -> Fallible<()> {
    let root = generated().join("..");
    let copies = types(&root.join("benches/decode/src/derived.rs"))?;
    let mut originals = Types::new();
    for entry in fs::read_dir(generated().join("models"))? {
        originals.extend(types(&entry?.path())?);
    }
    assert!(copies.contains_key("FlowRunResponse"), "{copies:?}");
    for (name, copy) in &copies {
        assert_eq!(Some(copy), originals.get(name), "{name}");
    }
    Ok(())
}

fn types(path: &Path) -> Fallible<Types> {
    let file = syn::parse_file(&fs::read_to_string(path)?)?;
    let types = file.items.into_iter().filter_map(|item| match item {
        Item::Struct(item) => {
            let fields = item.fields.iter().map(|field| {
                let name = field.ident.as_ref().map(ToString::to_string);
                format!(
                    "{}: {}",
                    name.unwrap_or_default(),
                    field.ty.to_token_stream()
                )
            });
            Some((item.ident.to_string(), fields.collect()))
        }
        Item::Enum(item) => {
            let variants = item
                .variants
                .iter()
                .map(|variant| format!("{}{}", variant.ident, variant.fields.to_token_stream()));
            Some((item.ident.to_string(), variants.collect()))
        }
        _ => None,
    });
    Ok(types.collect())
}
