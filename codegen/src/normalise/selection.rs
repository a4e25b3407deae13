//! Takes out the operations that a person does not want: by path or by tag.

use std::collections::BTreeSet;

use super::Document;
use super::parts::resolve_path_items;
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value};
use crate::pattern::matches;
use crate::pointer::Pointer;
use crate::walk::{method_name, methods};

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, config: &Config) -> Result<()> {
    let selection = &config.operations;
    if selection.is_everything() {
        return Ok(());
    }
    // Their operations are chosen from as well.
    resolve_path_items(&mut document.root);
    let mut open: BTreeSet<&str> = selection.choices().collect();
    if let Some(Value::Object(paths)) = document.root.get_mut("paths") {
        for (path, item) in paths {
            let methods = methods(item);
            let Some(item) = item.as_object_mut() else {
                continue;
            };
            for method in methods {
                let Some(Value::Object(operation)) = item.get(&method) else {
                    continue;
                };
                let name = format!("{} {path}", method_name(&method));
                let mut speaks = |choices: &BTreeSet<String>, is: &dyn Fn(&str) -> bool| {
                    let found = choices.iter().filter(|choice| is(choice));
                    let found: Vec<&String> = found.collect();
                    for choice in &found {
                        open.remove(choice.as_str());
                    }
                    !found.is_empty()
                };
                let by_name = |pattern: &str| matches(pattern, &name);
                let by_tag = |tag: &str| has_tag(operation, tag, config);
                let is_asked = [
                    speaks(&selection.only, &by_name),
                    speaks(&selection.only_tags, &by_tag),
                ];
                let is_left_out = [
                    speaks(&selection.without, &by_name),
                    speaks(&selection.without_tags, &by_tag),
                ];
                let has_only = !selection.only.is_empty() || !selection.only_tags.is_empty();
                if has_only && is_asked == [false; 2] || is_left_out != [false; 2] {
                    item.remove(&method);
                }
            }
        }
    }
    let open: Vec<String> = open.into_iter().map(str::to_owned).collect();
    for choice in open {
        let rule = format!("diptych.toml speaks of the operations `{choice}`, but there are none");
        document.does_not_fit(Pointer::root().child("paths"), rule);
    }
    Ok(())
}

fn has_tag(operation: &Map, tag: &str, config: &Config) -> bool {
    match operation.get("tags").and_then(Value::as_array) {
        Some(tags) if !tags.is_empty() => tags.iter().any(|known| known == tag),
        _ => tag == config.client.untagged,
    }
}
