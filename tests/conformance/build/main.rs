//! Writes, for each operation, the code that calls it with typed arguments made from JSON: the operation as data, both
//! faces, and progenitor's client.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use diptych::config::Config;
use diptych::ir::Api;
use diptych::{Inventory, OperationEntry};
use quote::{format_ident, quote};

mod arguments;
mod entry;

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let spec = root.join("spec");
    println!("cargo::rerun-if-changed={}", spec.display());
    let description = diptych::disk::only_description(&spec)?;
    let text = fs::read_to_string(&description)?;
    let choices = fs::read_to_string(spec.join("diptych.toml"))?;
    let config = Config::from_toml(&choices)?;
    let canonical = diptych::normalise::normalise(diptych::parse::parse(&text)?, &config)?;
    let api = diptych::lower::lower(&canonical)?;
    let inventory = diptych::inventory(&text, &choices)?;
    let theirs = theirs(&fs::read_to_string(env::var(
        "DEP_PROGENITOR_REFERENCE_CLIENT",
    )?)?)?;
    let out = PathBuf::from(env::var("OUT_DIR")?).join("entries.rs");
    fs::write(out, entries(&api, &inventory, &theirs)?)?;
    println!("cargo::rustc-env=SPEC_DIRECTORY={}", spec.display());
    println!("cargo::rustc-env=DESCRIPTION={}", description.display());
    println!(
        "cargo::rustc-env=GENERATED_DIRECTORY={}",
        root.join("generated").display()
    );
    Ok(())
}

fn entries(
    api: &Api,
    inventory: &Inventory,
    theirs: &BTreeMap<String, syn::Signature>,
) -> Fallible<String> {
    let mut functions = Vec::new();
    let mut rows = Vec::new();
    let ours = inventory.operations.iter();
    let ours: BTreeMap<&str, &OperationEntry> =
        ours.map(|entry| (entry.name.as_str(), entry)).collect();
    for operation in api.operations.values() {
        let missing = || format!("no signature of {}", operation.name);
        let our = ours.get(operation.name.as_str()).ok_or_else(missing)?;
        let their = theirs.get(&operation.name).ok_or_else(missing)?;
        functions.push(entry::functions(operation, api, our, their)?);
        let name = format_ident!("{}", operation.name);
        rows.push(quote!(#name::ENTRY));
    }
    let file = syn::parse2(quote! {
        #(#functions)*
        /// Every operation by its name.
        pub(crate) static ENTRIES: &[crate::Entry] = &[#(#rows),*];
    })?;
    Ok(prettyplease::unparse(&file))
}

/// The signatures of progenitor's client.
fn theirs(source: &str) -> Fallible<BTreeMap<String, syn::Signature>> {
    let mut found = BTreeMap::new();
    for item in syn::parse_file(source)?.items {
        if let syn::Item::Impl(block) = item
            && block.trait_.is_none()
        {
            for item in block.items {
                if let syn::ImplItem::Fn(method) = item {
                    found.insert(method.sig.ident.to_string(), method.sig);
                }
            }
        }
    }
    Ok(found)
}
