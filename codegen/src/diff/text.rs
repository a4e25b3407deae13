//! A diff for people.

use std::fmt::Write as _;

use super::{Bump, Change, Diff, Effect};

/// As plain text, a line for each change.
#[must_use]
pub fn diff_text(diff: &Diff) -> String {
    let mut text = format!("{}\n", summary(diff));
    for change in &diff.changes {
        let effect = word(change.effect);
        let Change {
            subject, what, why, ..
        } = change;
        // Writing to a string can't fail.
        let _ = writeln!(text, "{effect:8}  {subject} {what}: {why}");
    }
    text
}

/// As Markdown, for a pull request.
#[must_use]
pub fn diff_markdown(diff: &Diff) -> String {
    let [old, new] = &diff.versions;
    let mut text = format!("# {old} → {new}\n\n{}\n", summary(diff));
    for (effect, title) in [
        (Effect::Breaking, "What breaks callers"),
        (Effect::Additive, "What is added"),
        (Effect::Wire, "What changes on the wire only"),
    ] {
        let changes: Vec<&Change> = diff
            .changes
            .iter()
            .filter(|change| change.effect == effect)
            .collect();
        if changes.is_empty() {
            continue;
        }
        let _ = write!(text, "\n## {title} ({})\n\n", changes.len());
        for Change {
            subject, what, why, ..
        } in changes
        {
            let _ = writeln!(text, "- {subject} {what}: {why}");
        }
    }
    text
}

fn summary(diff: &Diff) -> String {
    let count = |effect| {
        diff.changes
            .iter()
            .filter(|change| change.effect == effect)
            .count()
    };
    let version = match diff.bump {
        Bump::None => "the version can stay",
        Bump::Patch => "a patch version",
        Bump::Minor => "a minor version",
        Bump::Major => "a major version",
    };
    let (breaking, added, wire) = (
        count(Effect::Breaking),
        count(Effect::Additive),
        count(Effect::Wire),
    );
    format!("{breaking} breaking, {added} added, {wire} on the wire only: {version}")
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Breaking => "breaking",
        Effect::Additive => "added",
        Effect::Wire => "wire",
    }
}
