//! The public surface as sorted lines: one for each thing that a user can name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use quote::ToTokens as _;
use syn::{ImplItem, Item, Signature};

use crate::{Fallible, generated};

/// The lines of each tag.
///
/// # Errors
///
/// When nothing can be generated from the description.
pub fn lines(description: &str, choices: &str) -> Fallible<BTreeMap<String, BTreeSet<String>>> {
    let inventory = diptych::inventory(description, choices)?;
    let mut tags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in &inventory.operations {
        let is_same = operation.asynchronous == format!("async {}", operation.blocking);
        let line = format!(
            "{} [{} {}]{}",
            operation.blocking,
            operation.method,
            operation.path,
            if is_same {
                " and async"
            } else {
                " BUT NOT async"
            }
        );
        let lines = tags.entry(operation.tag.clone()).or_default();
        lines.insert(line);
        if let Some(pages) = &operation.pages {
            lines.insert(format!(
                "{} [{} pages of {} {}] in both",
                pages.signature, pages.rule, operation.method, operation.path
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
        for (face, text) in faces
            .iter_mut()
            .zip([&operation.blocking, &operation.asynchronous])
        {
            face.insert(operation.name.clone(), words(&syn::parse_str(text)?));
            if let Some(pages) = &operation.pages {
                let signature = words(&syn::parse_str(&pages.signature)?);
                face.insert(format!("{}_pages", operation.name), signature);
            }
        }
    }
    Ok(faces)
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
