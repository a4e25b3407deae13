//! Former names: what is said of a type by the name that it had is said of it by the one that it has.

use std::collections::BTreeMap;

use crate::emit::Inventory;

/// The old inventory with the names that its types have now, where they keep their former ones.
pub(super) fn with_new_names(old: &Inventory, new: &Inventory) -> Inventory {
    let names: BTreeMap<&str, &str> = new
        .types
        .iter()
        .flat_map(|ty| ty.former.iter().map(|former| (&**former, &*ty.name)))
        .collect();
    let mut old = old.clone();
    if names.is_empty() {
        return old;
    }
    let rename = |text: &mut String| *text = renamed(text, &names);
    for operation in &mut old.operations {
        rename(&mut operation.blocking);
        rename(&mut operation.asynchronous);
        operation.blocking_with.iter_mut().for_each(rename);
        operation.asynchronous_with.iter_mut().for_each(rename);
        if let Some(pages) = &mut operation.pages {
            rename(&mut pages.signature);
            pages.signature_with.iter_mut().for_each(rename);
        }
    }
    let members = old.types.iter_mut().flat_map(|ty| &mut ty.members);
    members.for_each(rename);
    let members = old.requests.iter_mut().flat_map(|one| &mut one.members);
    members.for_each(rename);
    old
}

/// The text with other names; a name within a name is none.
fn renamed(text: &str, names: &BTreeMap<&str, &str>) -> String {
    let is_end = |letter: char| !letter.is_alphanumeric() && letter != '_';
    let words = text.split_inclusive(is_end).map(|word| {
        let name = word.trim_end_matches(is_end);
        let end = &word[name.len()..];
        [names.get(name).copied().unwrap_or(name), end].concat()
    });
    words.collect()
}
