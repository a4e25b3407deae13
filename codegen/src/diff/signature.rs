//! The signature of a method, as the inventory writes it.

use std::collections::BTreeMap;

/// What differs between two signatures of one method, each with why it breaks callers.
pub(super) fn compare_signatures(old: &str, new: &str) -> Vec<(String, &'static str)> {
    let (old, new) = (Signature::read(old), Signature::read(new));
    let mut differences = Vec::new();
    for (name, ty) in &old.arguments {
        match new.arguments.get(name) {
            None => differences.push((format!("takes no `{name}` any more"), "callers give it")),
            Some(now) if now != ty => {
                let what = format!("takes `{name}` as `{now}` now, and as `{ty}` before");
                differences.push((what, "callers give the other type"));
            }
            Some(_) => {}
        }
    }
    for (name, ty) in &new.arguments {
        if !old.arguments.contains_key(name) {
            let what = format!("takes `{name}: {ty}` now");
            differences.push((what, "callers do not give it"));
        }
    }
    if old.order != new.order && differences.is_empty() {
        let what = format!("takes {} in this order now", new.order.join(", "));
        differences.push((what, "callers give them in another one"));
    }
    if old.answer != new.answer {
        let what = format!("answers `{}` now, and `{}` before", new.answer, old.answer);
        differences.push((what, "callers read the other type"));
    }
    differences
}

struct Signature<'s> {
    arguments: BTreeMap<&'s str, &'s str>,
    order: Vec<&'s str>,
    answer: &'s str,
}

impl<'s> Signature<'s> {
    fn read(text: &'s str) -> Self {
        let (head, answer) = text.rsplit_once(" -> ").unwrap_or((text, "()"));
        let inside = head.split_once('(').map_or("", |(_, rest)| rest);
        let inside = inside.strip_suffix(')').unwrap_or(inside);
        let arguments: Vec<(&str, &str)> = parts(inside)
            .filter_map(|part| part.trim().split_once(": "))
            .collect();
        let success = answer
            .strip_prefix("Result<")
            .and_then(|rest| rest.strip_suffix(", Error>"));
        Self {
            order: arguments.iter().map(|(name, _)| *name).collect(),
            arguments: arguments.into_iter().collect(),
            answer: success.unwrap_or(answer),
        }
    }
}

/// The arguments: what stands between commas that are in no brackets.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |letter| {
        match letter {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(old: &str, new: &str) -> Vec<String> {
        let differences = compare_signatures(old, new);
        differences.into_iter().map(|(what, _)| what).collect()
    }

    #[test]
    fn each_argument_and_the_answer_are_compared() {
        let old = "fn f(&self, a: Uuid, b: &BTreeMap<String, Value>) -> Result<Flow, Error>";
        assert_eq!(compared(old, old), Vec::<String>::new());
        assert_eq!(
            compared(
                old,
                "fn f(&self, a: &str, c: i64) -> Result<Vec<Flow>, Error>"
            ),
            [
                "takes `a` as `&str` now, and as `Uuid` before",
                "takes no `b` any more",
                "takes `c: i64` now",
                "answers `Vec<Flow>` now, and `Flow` before",
            ]
        );
        assert_eq!(
            compared("fn f(&self, a: i64, b: i64)", "fn f(&self, b: i64, a: i64)"),
            ["takes b, a in this order now"]
        );
    }
}
