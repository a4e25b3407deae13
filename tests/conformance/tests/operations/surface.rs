//! What a user of the crate can name, in snapshots of one sorted line per item; and that both faces are the same.
//!
//! The lines are made from the description in `spec/`, and compared with what is in `generated/`.

use std::collections::BTreeSet;

use prefect_conformance::grown::grown;
use prefect_conformance::{Fallible, choices, description, snapshots, surface};
use serde_json::Value;
use snapshot_review::review;

#[test]
fn each_tag_has_the_surface_that_was_reviewed() -> Fallible<()> {
    let tags = surface::lines(&description()?, &choices()?)?;
    let texts = tags.into_iter().map(|(tag, lines)| {
        let lines: Vec<String> = lines.into_iter().collect();
        (surface::snapshot_name("surface", &tag), lines.join("\n"))
    });
    review(&snapshots(), "surface_", &texts.collect(), |name, text| {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, text);
        });
    });
    Ok(())
}

#[test]
fn both_faces_have_the_same_methods_and_the_promised_ones() -> Fallible<()> {
    let blocking = surface::written("blocking")?;
    let asynchronous = surface::written("asynchronous")?;
    let [promised_blocking, promised_asynchronous] =
        surface::promised(&description()?, &choices()?)?;
    assert_eq!(blocking, promised_blocking);
    assert_eq!(asynchronous, promised_asynchronous);
    let entries = prefect_conformance::entries();
    let paged = entries.iter().filter(|entry| entry.pages.is_some()).count();
    let plain = blocking.keys().filter(|name| !name.ends_with("_with"));
    assert_eq!(plain.count(), entries.len() + paged);
    for (name, signature) in &blocking {
        // Pages wait when they are asked for their items.
        let plain = name.strip_suffix("_with").unwrap_or(name);
        let expected = match plain.strip_suffix("_pages") {
            Some(operation) if blocking.contains_key(operation) => signature.clone(),
            _ => format!("async {signature}"),
        };
        assert_eq!(asynchronous.get(name), Some(&expected), "{name}");
    }
    Ok(())
}

/// So an operation that gets its first optional value gets a method, and no caller has to change.
#[test]
fn what_is_optional_is_one_more_argument_of_one_more_method() -> Fallible<()> {
    let blocking = surface::written("blocking")?;
    let with = |name: &String| name.strip_suffix("_with").map(str::to_owned);
    let pairs = blocking.keys().filter_map(|name| Some((with(name)?, name)));
    let mut seen = 0;
    for (plain, with) in pairs {
        let signature = blocking.get(&plain).ok_or_else(|| format!("no {plain}"))?;
        let (head, answer) = signature.split_once(") ->").ok_or("no answer")?;
        let head = head.replacen(&plain, with, 1);
        let (added, _) = blocking[with].split_once(") ->").ok_or("no answer")?;
        let request = added
            .strip_prefix(&head)
            .ok_or_else(|| format!("{with} differs"))?;
        assert!(request.starts_with(", request : "), "{with}: {request}");
        assert!(blocking[with].ends_with(answer), "{with}");
        seen += 1;
    }
    assert!(seen > 70, "{seen}");
    Ok(())
}

#[test]
fn every_operation_of_the_description_is_in_one_list() -> Fallible<()> {
    let described = diptych::inventory(&description()?, &choices()?)?.operations;
    let described = described
        .into_iter()
        .map(|operation| (operation.name, operation.method, operation.path));
    let listed = prefect_client::operations::ALL.iter().map(|operation| {
        let (method, path) = (operation.method().to_string(), operation.path().to_owned());
        (operation.name().to_owned(), method, path)
    });
    assert!(listed.eq(described));
    Ok(())
}

/// What a later release of the server may add only adds to what a user can name.
#[test]
fn what_grows_takes_nothing_away() -> Fallible<()> {
    let (description, choices) = (description()?, choices()?);
    let before = surface::lines(&description, &choices)?;
    let after = surface::lines(&grown(&description)?, &choices)?;
    let mut added = 0;
    for (tag, lines) in &before {
        let gone: Vec<&String> = lines.difference(&after[tag]).collect();
        assert!(gone.is_empty(), "{tag}: {gone:#?}");
        added += after[tag].len() - lines.len();
    }
    let [blocking, _] = surface::promised(&grown(&description)?, &choices)?;
    let with = blocking.keys().filter(|name| name.ends_with("_with"));
    let operations = diptych::inventory(&description, &choices)?.operations;
    assert!(with.count() > operations.len());
    assert!(added > 2 * operations.len(), "{added}");
    Ok(())
}

#[test]
fn a_change_of_one_field_is_one_line_of_one_snapshot() -> Fallible<()> {
    let (description, choices) = (description()?, choices()?);
    let mut changed: Value = serde_json::from_str(&description)?;
    let kind = changed.pointer_mut("/components/schemas/Log/properties/level/type");
    *kind.ok_or("the description has no log levels")? = Value::from("string");
    let before = surface::lines(&description, &choices)?;
    let after = surface::lines(&changed.to_string(), &choices)?;
    let different: Vec<&String> = before
        .keys()
        .filter(|tag| before[*tag] != after[*tag])
        .collect();
    assert_eq!(before.len(), after.len());
    assert_eq!(different, ["Logs"]);
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| -> Vec<String> {
        one.difference(other).cloned().collect()
    };
    assert_eq!(
        only(&before["Logs"], &after["Logs"]),
        ["object Log.level: i64 (required)"]
    );
    assert_eq!(
        only(&after["Logs"], &before["Logs"]),
        ["object Log.level: String (required)"]
    );
    Ok(())
}
