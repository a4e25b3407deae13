//! The lines of the inventory that say what is in a type.

use std::collections::BTreeMap;

use super::{About, Changes, Effect};

/// What became of a field or variant.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Member {
    Gone(String),
    /// It is new, and a value of the type can't be made without it.
    Required(String),
    Added(String),
    Changed {
        old: String,
        new: String,
    },
    /// The same in Rust, and another text on the wire.
    Rewired {
        name: String,
        old: String,
        new: String,
    },
}

/// Compares the members of a type of this kind.
pub(super) fn members(kind: &str, old: &[String], new: &[String]) -> Vec<Member> {
    let parts = |lines: &[String]| -> BTreeMap<String, (Parts, String)> {
        let parts = lines.iter().map(|line| (parts(kind, line), line.clone()));
        parts
            .map(|(parts, line)| (parts.name.clone(), (parts, line)))
            .collect()
    };
    let (old, new) = (parts(old), parts(new));
    let mut changes = Vec::new();
    for (name, (parts, line)) in &old {
        match new.get(name) {
            None => changes.push(Member::Gone(line.clone())),
            Some((later, later_line))
                if (&later.ty, later.is_required) != (&parts.ty, parts.is_required) =>
            {
                changes.push(Member::Changed {
                    old: line.clone(),
                    new: later_line.clone(),
                });
            }
            Some((later, _)) if later.wire != parts.wire => changes.push(Member::Rewired {
                name: name.clone(),
                old: parts.wire.clone(),
                new: later.wire.clone(),
            }),
            Some(_) => {}
        }
    }
    for (name, (parts, line)) in new {
        if !old.contains_key(&name) {
            let line = line.clone();
            let added = if parts.is_required {
                Member::Required
            } else {
                Member::Added
            };
            changes.push(added(line));
        }
    }
    changes
}

struct Parts {
    name: String,
    ty: String,
    wire: String,
    is_required: bool,
}

/// What a line says: `name: Type (required)`, `name: Type = "tag"`, `constant = "value"`, `Variant = "text"`, `Variant(Type) = "tag"`, `= Alias`.
fn parts(kind: &str, line: &str) -> Parts {
    let (line, is_required) = match line.strip_suffix(" (required)") {
        Some(line) => (line, true),
        None => (line, false),
    };
    let (before, wire) = line.split_once(" = ").unwrap_or((line, ""));
    let (name, ty) = match kind {
        "object" => before.split_once(": ").unwrap_or((before, "")),
        "union" => before.split_once('(').unwrap_or((before, "")),
        "alias" => ("", line),
        _ => (before, ""),
    };
    Parts {
        name: name.to_owned(),
        ty: ty.to_owned(),
        wire: if kind == "alias" {
            String::new()
        } else {
            wire.to_owned()
        },
        is_required,
    }
}

/// `is_made`: users make values of the type.
pub(super) fn member(change: &Member, is_made: bool, about: &About<'_>, changes: &mut Changes) {
    match change {
        Member::Gone(line) => {
            let what = format!("`{line}` is gone");
            changes.add(Effect::Breaking, about, what, "users can name it");
        }
        Member::Required(line) if is_made => {
            let what = format!("`{line}` is new");
            changes.add(
                Effect::Breaking,
                about,
                what,
                "`new` takes one more argument",
            );
        }
        Member::Required(line) | Member::Added(line) => {
            let what = format!("`{line}` is new");
            changes.add(Effect::Additive, about, what, "no code has to speak of it");
        }
        Member::Changed { old, new } => {
            let what = format!("`{new}` was `{old}`");
            changes.add(
                Effect::Breaking,
                about,
                what,
                "code that reads or sets it has the other type",
            );
        }
        Member::Rewired { name, old, new } => {
            let what = format!("`{name}` is `{new}` on the wire, and was `{old}`");
            changes.add(Effect::Wire, about, what, "its name in Rust stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(kind: &str, old: &[&str], new: &[&str]) -> Vec<Member> {
        let lines =
            |lines: &[&str]| -> Vec<String> { lines.iter().map(|&line| line.to_owned()).collect() };
        members(kind, &lines(old), &lines(new))
    }

    #[test]
    fn fields_are_told_apart_by_their_names() {
        let old = ["a: i64", "b: String (required)", "kind = \"x\""];
        let new = [
            "a: Option<i64>",
            "c: Uuid (required)",
            "d: bool",
            "kind = \"y\"",
        ];
        assert_eq!(
            compared("object", &old, &new),
            [
                Member::Changed {
                    old: old[0].into(),
                    new: new[0].into()
                },
                Member::Gone(old[1].into()),
                Member::Rewired {
                    name: "kind".into(),
                    old: "\"x\"".into(),
                    new: "\"y\"".into()
                },
                Member::Required(new[1].into()),
                Member::Added(new[2].into()),
            ]
        );
        assert_eq!(compared("object", &old, &old), []);
    }

    #[test]
    fn variants_and_aliases_are_compared_by_what_they_hold() {
        assert_eq!(
            compared(
                "union",
                &["Cat(Cat) = \"cat\"", "Unknown(Value)"],
                &["Cat(Lion) = \"cat\"", "Unknown(Value)"]
            ),
            [Member::Changed {
                old: "Cat(Cat) = \"cat\"".into(),
                new: "Cat(Lion) = \"cat\"".into()
            }]
        );
        assert_eq!(
            compared(
                "enumeration",
                &["Red = \"red\""],
                &["Red = \"RED\"", "Blue = \"blue\""]
            ),
            [
                Member::Rewired {
                    name: "Red".into(),
                    old: "\"red\"".into(),
                    new: "\"RED\"".into()
                },
                Member::Added("Blue = \"blue\"".into()),
            ]
        );
        assert_eq!(
            compared("alias", &["= i64"], &["= String"]),
            [Member::Changed {
                old: "= i64".into(),
                new: "= String".into()
            }]
        );
    }
}
