//! Broken answers: one change at one place.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// A value with one change.
#[derive(Clone, Debug)]
pub struct Mutation {
    /// The JSON path of the place: `[0].state.type`, and `.` for the whole.
    pub place: String,
    /// What was done there.
    pub what: &'static str,
    /// The changed value.
    pub value: Value,
}

/// Every place of a value in turn removed, set to null, and set to a value of another type.
#[must_use]
pub fn mutations(value: &Value) -> Vec<Mutation> {
    let mut found = Vec::new();
    let mut places = Vec::new();
    walk(value, &mut Vec::new(), &mut places);
    for steps in places {
        for what in ["removed", "null", "wrong"] {
            let mut changed = value.clone();
            if change(&mut changed, &steps, what) {
                found.push(Mutation {
                    place: text(&steps),
                    what,
                    value: changed,
                });
            }
        }
    }
    found
}

#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

fn walk(value: &Value, here: &mut Vec<Step>, places: &mut Vec<Vec<Step>>) {
    places.push(here.clone());
    let steps: Vec<(Step, &Value)> = match value {
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| (Step::Key(key.clone()), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (Step::Index(index), value))
            .collect(),
        _ => Vec::new(),
    };
    for (step, value) in steps {
        here.push(step);
        walk(value, here, places);
        here.pop();
    }
}

/// Whether there was anything to change.
fn change(value: &mut Value, steps: &[Step], what: &str) -> bool {
    match (steps, what) {
        ([Step::Key(key)], "removed") => value
            .as_object_mut()
            .is_some_and(|object| object.remove(key).is_some()),
        ([] | [Step::Index(_)], "removed") => false,
        ([], "null") => !std::mem::take(value).is_null(),
        ([], _) => {
            *value = wrong(value);
            true
        }
        ([Step::Key(key), rest @ ..], _) => value
            .get_mut(key)
            .is_some_and(|value| change(value, rest, what)),
        ([Step::Index(index), rest @ ..], _) => value
            .get_mut(index)
            .is_some_and(|value| change(value, rest, what)),
    }
}

fn wrong(value: &Value) -> Value {
    match value {
        Value::String(_) | Value::Object(_) => json!(-0.25),
        _ => json!({ "wrong": true }),
    }
}

fn text(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        // Writing to a string can't fail.
        let _ = match step {
            Step::Key(key) if text.is_empty() => write!(text, "{key}"),
            Step::Key(key) => write!(text, ".{key}"),
            Step::Index(index) => write!(text, "[{index}]"),
        };
    }
    if text.is_empty() {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_changed_in_turn() {
        let all = mutations(&json!([{ "a": { "b": 1 } }]));
        let shown: Vec<String> = all
            .iter()
            .map(|one| format!("{} {} {}", one.place, one.what, one.value))
            .collect();
        assert!(shown.contains(&". null null".to_owned()));
        assert!(shown.contains(&"[0].a removed [{}]".to_owned()));
        assert!(shown.contains(&r#"[0].a.b wrong [{"a":{"b":{"wrong":true}}}]"#.to_owned()));
        assert_eq!(shown.len(), 2 + 2 + 3 + 3);
    }
}
