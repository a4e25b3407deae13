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
    if config.operations.is_everything() {
        return Ok(());
    }
    // Their operations are chosen from as well.
    resolve_path_items(&mut document.root);
    let mut chosen = Chosen {
        config,
        open: config.operations.choices().collect(),
    };
    if let Some(Value::Object(paths)) = document.root.get_mut("paths") {
        for (path, item) in paths {
            let methods = methods(item);
            let Some(item) = item.as_object_mut() else {
                continue;
            };
            for method in methods {
                let name = format!("{} {path}", method_name(&method));
                let operation = item.get(&method).and_then(Value::as_object);
                if operation.is_some_and(|operation| !chosen.wants(&name, operation)) {
                    item.remove(&method);
                }
            }
        }
    }
    for choice in chosen.open {
        let rule = format!("diptych.toml speaks of the operations `{choice}`, but there are none");
        document.does_not_fit(Pointer::root().child("paths"), rule);
    }
    Ok(())
}

/// What a person chose.
struct Chosen<'c> {
    config: &'c Config,
    /// The choices that speak of no operation yet.
    open: BTreeSet<&'c str>,
}

impl Chosen<'_> {
    fn wants(&mut self, name: &str, operation: &Map) -> bool {
        let config = self.config;
        let by_name = |pattern: &str| matches(pattern, name);
        let by_tag = |tag: &str| has_tag(operation, tag, config);
        let choices = &config.operations;
        let is_asked = [
            self.speaks(&choices.only, by_name),
            self.speaks(&choices.only_tags, by_tag),
        ];
        let is_left_out = [
            self.speaks(&choices.without, by_name),
            self.speaks(&choices.without_tags, by_tag),
        ];
        let has_only = !choices.only.is_empty() || !choices.only_tags.is_empty();
        (!has_only || is_asked != [false; 2]) && is_left_out == [false; 2]
    }

    /// Whether one of the choices is of the operation. All that are, are not stale.
    fn speaks(&mut self, choices: &BTreeSet<String>, is_of_it: impl Fn(&str) -> bool) -> bool {
        let mut speaks = false;
        for choice in choices.iter().filter(|choice| is_of_it(choice)) {
            self.open.remove(choice.as_str());
            speaks = true;
        }
        speaks
    }
}

fn has_tag(operation: &Map, tag: &str, config: &Config) -> bool {
    match operation.get("tags").and_then(Value::as_array) {
        Some(tags) if !tags.is_empty() => tags.iter().any(|known| known == tag),
        _ => tag == config.client.untagged,
    }
}
