//! The inventory as a person reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Inventory, OperationEntry};

/// The inventory as a reviewer reads it.
#[must_use]
pub fn inventory_markdown(inventory: &Inventory) -> String {
    let mut out = format!(
        "# Inventory of {} {}\n\n",
        inventory.title, inventory.version
    );
    // Writing to a string can't fail.
    let _ = writeln!(
        out,
        "{} operations, {} types, {} places that can be anything, {} losses.\n",
        inventory.operations.len(),
        inventory.types.len(),
        inventory.values.len(),
        inventory.losses.len()
    );
    operations_table(&mut out, inventory);
    pages_table(&mut out, inventory);
    repeatable_list(&mut out, inventory);
    values_table(&mut out, inventory);
    losses_table(&mut out, inventory);
    unanswered_table(&mut out, inventory);
    out
}

fn operations_table(out: &mut String, inventory: &Inventory) {
    out.push_str(
        "## Operations\n\nThe async signature is the blocking one with `async` before it.\n",
    );
    let mut tags: BTreeMap<&str, Vec<&OperationEntry>> = BTreeMap::new();
    for operation in &inventory.operations {
        tags.entry(&operation.tag).or_default().push(operation);
    }
    for (tag, operations) in tags {
        let _ = writeln!(
            out,
            "\n### {tag}\n\n| operation | blocking | async |\n|---|---|---|"
        );
        for operation in operations {
            let plain = Some((&operation.blocking, &operation.asynchronous));
            let with = operation
                .blocking_with
                .as_ref()
                .zip(operation.asynchronous_with.as_ref());
            for (blocking, asynchronous) in plain.into_iter().chain(with) {
                let _ = writeln!(
                    out,
                    "| `{} {}` | `{blocking}` | `{asynchronous}` |",
                    operation.method, operation.path
                );
            }
        }
    }
}

fn pages_table(out: &mut String, inventory: &Inventory) {
    let rows = inventory.operations.iter().filter_map(|operation| {
        let pages = operation.pages.as_ref()?;
        let (method, path) = (&operation.method, &operation.path);
        let signatures = [Some(&pages.signature), pages.signature_with.as_ref()];
        let rows = signatures.into_iter().flatten();
        let row = |signature| format!("| `{method} {path}` | {} | `{signature}` |\n", pages.rule);
        Some(rows.map(row).collect::<String>())
    });
    let rows: String = rows.collect();
    if !rows.is_empty() {
        out.push_str("\n## Pages\n\nBoth clients have the same methods.\n\n| operation | rule | method |\n|---|---|---|\n");
        out.push_str(&rows);
    }
}

fn repeatable_list(out: &mut String, inventory: &Inventory) {
    let marked = inventory.operations.iter().filter(|one| one.repeatable);
    let lines: BTreeSet<String> = marked
        .map(|operation| format!("- `{} {}`\n", operation.method, operation.path))
        .collect();
    if !lines.is_empty() {
        out.push_str("\n## Repeatable although the method does not promise it\n\n");
        out.extend(lines);
    }
}

fn values_table(out: &mut String, inventory: &Inventory) {
    out.push_str("\n## Places that can be anything\n\n| in Rust | type | pointer | the description says so |\n|---|---|---|---|\n");
    for value in &inventory.values {
        let said = if value.explained { "yes" } else { "**no**" };
        let _ = writeln!(
            out,
            "| `{}` | `{}` | `{}` | {said} |",
            value.place, value.ty, value.pointer
        );
    }
}

fn losses_table(out: &mut String, inventory: &Inventory) {
    out.push_str("\n## Losses\n\n| pointer | what | why |\n|---|---|---|\n");
    for loss in &inventory.losses {
        let what = loss.what.replace('|', "\\|");
        let _ = writeln!(out, "| `{}` | {what} | {} |", loss.pointer, loss.why);
    }
}

fn unanswered_table(out: &mut String, inventory: &Inventory) {
    out.push_str("\n## Operations that the live tests do not see answered\n\n| operation | why |\n|---|---|\n");
    for (operation, why) in &inventory.unanswered {
        let _ = writeln!(out, "| `{operation}` | {why} |");
    }
}
