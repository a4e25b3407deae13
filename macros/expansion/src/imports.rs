//! `use` in both faces.

use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::{ItemUse, UseTree};

use crate::faces::Faces;
use crate::refusals::Refusals;
use crate::table::Table;

/// One imported name, with its whole path.
struct Leaf {
    path: Vec<Ident>,
    /// What follows `as`.
    renamed: Option<Ident>,
}

/// Imports the twins of all names. Each must have one, or it would be imported twice.
pub(crate) fn import(item: &ItemUse, table: &Table, refusals: &mut Refusals) -> Faces {
    let asynchronous = item.to_token_stream();
    let mut leaves = Vec::new();
    collect(&item.tree, &[], &mut leaves, refusals);
    let mut twins = Vec::new();
    for Leaf { path, renamed } in leaves {
        let renamed = renamed.map(|name| quote!(as #name));
        let path = quote!(#(#path)::* #renamed);
        if !table.names.touch(&path) {
            let message = "this name is the same in both faces: import it beside the dual `use`";
            refusals.over(&path, message);
        }
        twins.push(path);
    }
    let (attributes, visibility, colon) = (&item.attrs, &item.vis, &item.leading_colon);
    let blocking = quote!(#(#attributes)* #visibility use #colon {#(#twins),*};);
    Faces::pair(table, &asynchronous, blocking)
}

fn collect(tree: &UseTree, before: &[Ident], leaves: &mut Vec<Leaf>, refusals: &mut Refusals) {
    let with = |ident: &Ident| [before, std::slice::from_ref(ident)].concat();
    match tree {
        UseTree::Path(path) => collect(&path.tree, &with(&path.ident), leaves, refusals),
        UseTree::Group(group) => {
            group
                .items
                .iter()
                .for_each(|tree| collect(tree, before, leaves, refusals));
        }
        UseTree::Name(name) if name.ident != "self" => {
            leaves.push(Leaf {
                path: with(&name.ident),
                renamed: None,
            });
        }
        UseTree::Rename(rename) if rename.ident != "self" => {
            let renamed = Some(rename.rename.clone());
            leaves.push(Leaf {
                path: with(&rename.ident),
                renamed,
            });
        }
        other => refusals.over(other, "a dual `use` names each thing that it imports"),
    }
}
