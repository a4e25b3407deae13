//! The public surface as sorted lines: one for each thing that a user can name.

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, iter};

use diptych::emit::OperationEntry;
use quote::ToTokens as _;
use syn::{ImplItem, Item, Signature};

use crate::{Fallible, generated};

/// The name of a tag's snapshot of a kind.
#[must_use]
pub fn snapshot_name(kind: &str, tag: &str) -> String {
    format!("{kind}_{}", tag.to_lowercase().replace(' ', "_"))
}

/// The lines of each tag.
///
/// # Errors
///
/// When nothing can be generated from the description.
pub fn lines(description: &str, choices: &str) -> Fallible<BTreeMap<String, BTreeSet<String>>> {
    let inventory = diptych::inventory(description, choices)?;
    let mut tags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in &inventory.operations {
        let lines = tags.entry(operation.tag.clone()).or_default();
        let (method, path) = (&operation.method, &operation.path);
        for (blocking, asynchronous) in signatures(operation) {
            let also = if *asynchronous == format!("async {blocking}") {
                "and async"
            } else {
                "BUT NOT async"
            };
            lines.insert(format!("{blocking} [{method} {path}] {also}"));
        }
        for (signature, rule) in pages(operation) {
            lines.insert(format!(
                "{signature} [{rule} pages of {method} {path}] in both"
            ));
        }
        if operation.repeatable {
            lines.insert(format!(
                "repeatable {} [{} {}]",
                operation.name, operation.method, operation.path
            ));
        }
    }
    for request in &inventory.requests {
        let lines = tags.entry(request.tag.clone()).or_default();
        let each = request.members.iter();
        lines.extend(each.map(|member| format!("request {}.{member}", request.name)));
    }
    for ty in inventory.types.iter().filter(|ty| ty.kind != "body") {
        let lines = tags.entry(ty.tag.clone()).or_default();
        let travel = [
            (ty.travel.sent, "sent"),
            (ty.travel.received, "received"),
            (ty.travel.updates, "updates"),
        ];
        let travel: Vec<&str> = travel
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, word)| *word)
            .collect();
        lines.insert(format!("{} {} ({})", ty.kind, ty.name, travel.join(", ")));
        lines.extend(
            ty.members
                .iter()
                .map(|member| format!("{} {}.{member}", ty.kind, ty.name)),
        );
    }
    Ok(tags)
}

/// The signatures that a description promises: blocking and async, by name.
///
/// # Errors
///
/// As [`lines`].
pub fn promised(description: &str, choices: &str) -> Fallible<[BTreeMap<String, String>; 2]> {
    let inventory = diptych::inventory(description, choices)?;
    let mut faces = [BTreeMap::new(), BTreeMap::new()];
    for operation in &inventory.operations {
        let pages = pages(operation).map(|(signature, _)| [signature, signature]);
        for texts in signatures(operation).map(<[_; 2]>::from).chain(pages) {
            for (face, text) in faces.iter_mut().zip(texts) {
                let signature: Signature = syn::parse_str(text)?;
                face.insert(signature.ident.to_string(), words(&signature));
            }
        }
    }
    Ok(faces)
}

/// The methods that send one call: each blocking signature with the async one.
fn signatures(operation: &OperationEntry) -> impl Iterator<Item = (&String, &String)> {
    let with = operation.blocking_with.as_ref();
    let with = with.zip(operation.asynchronous_with.as_ref());
    iter::once((&operation.blocking, &operation.asynchronous)).chain(with)
}

/// The methods that read pages, with the rule that makes them.
fn pages(operation: &OperationEntry) -> impl Iterator<Item = (&String, &str)> {
    operation.pages.iter().flat_map(|pages| {
        let signatures = iter::once(&pages.signature).chain(&pages.signature_with);
        signatures.map(|signature| (signature, pages.rule))
    })
}

/// The signatures of the operations in one folder of the generated source, by name.
///
/// # Errors
///
/// When it can't be read.
pub fn written(folder: &str) -> Fallible<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(generated().join(folder))? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name == "mod.rs") {
            continue; // The client itself: no operation.
        }
        for item in syn::parse_file(&fs::read_to_string(&path)?)?.items {
            let Item::Impl(block) = item else { continue };
            for item in block.items {
                if let ImplItem::Fn(method) = item {
                    found.insert(method.sig.ident.to_string(), words(&method.sig));
                }
            }
        }
    }
    Ok(found)
}

/// A signature on one line, whether it was broken into several or not.
fn words(signature: &Signature) -> String {
    let mut text = signature.to_token_stream().to_string();
    for (from, to) in [
        (" ,", ","),
        (" >", ">"),
        (" )", ")"),
        (",)", ")"),
        (",>", ">"),
    ] {
        text = text.replace(from, to);
    }
    text
}
