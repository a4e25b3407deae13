//! What goes over the wire, in snapshots: for each operation one request with everything set.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use prefect_conformance::{Data, Fallible, cases, document, entries, snapshots, surface};
use serde_json::Value;
use snapshot_review::review;

#[test]
fn each_tag_sends_the_requests_that_were_reviewed() -> Fallible<()> {
    let document = document()?;
    let mut tags: BTreeMap<&str, String> = BTreeMap::new();
    for entry in entries() {
        let cases = cases(&document, entry);
        let most = cases.first().ok_or("an operation has no case")?;
        let data = (entry.data)(most, Vec::new())?;
        write_request(tags.entry(entry.tag).or_default(), entry.name, &data)?;
    }
    let texts = tags
        .into_iter()
        .map(|(tag, text)| (surface::snapshot_name("wire", tag), text));
    review(&snapshots(), "wire_", &texts.collect(), |name, text| {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, text);
        });
    });
    Ok(())
}

/// Headers and body on lines of their own, so that one field is one line of a review.
fn write_request(out: &mut String, name: &str, data: &Data) -> Fallible<()> {
    writeln!(out, "# {name}\n{} {}", data.method, data.target)?;
    for (name, value) in &data.headers {
        writeln!(out, "{name}: {value}")?;
    }
    if !data.body.is_empty() {
        let body: Value = serde_json::from_slice(&data.body)?;
        writeln!(out, "{body:#}")?;
    }
    out.push('\n');
    Ok(())
}
