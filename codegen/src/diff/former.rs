//! Former names, and what became of names: what is said of a type by the name that it had is said of it by the one that it has.

use std::collections::BTreeMap;

use super::{About, Changes, Effect};
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

/// What has another name, and its former one still.
pub(super) fn deprecated(about: &About<'_>, now: &str, changes: &mut Changes) {
    let what = format!("is called `{now}` now");
    let why = "the former name stays, and is deprecated";
    changes.add(Effect::Additive, about, what, why);
}

/// The former names that are not there any more.
pub(super) fn without_former(
    old: &[String],
    new: &[String],
    about: &About<'_>,
    changes: &mut Changes,
) {
    for name in old.iter().filter(|name| !new.contains(*name)) {
        let what = format!("is not called `{name}` any more");
        changes.add(Effect::Breaking, about, what, "users can name it so");
    }
}

/// What became of what is not there under its name.
pub(super) fn what_became(new_name: Option<&str>) -> String {
    new_name.map_or_else(
        || "is gone".to_owned(),
        |name| format!("is called `{name}` now"),
    )
}
