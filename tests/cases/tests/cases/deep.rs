//! However deep types stand in each other, they have room.

use diptych_cases::deep::models::{Deep00, Wide00};

use crate::{body, both, json};

#[test]
fn types_in_types_have_room() {
    let text = format!(
        "{}{{\"end\":\"e\"}}{}",
        "{\"a\":".repeat(89),
        "}".repeat(89)
    );
    let deep: Deep00 = serde_json::from_str(&text).unwrap();
    let answer = r#"{"a":{"b":{"a":{}}},"b":{}}"#;
    let (got, sent) = both!(deep, json(200, answer), client => client.put(&deep));
    assert_eq!(body(&sent), text);
    assert_eq!(serde_json::to_string(&got.unwrap()).unwrap(), answer);
    assert!(size_of::<Deep00>() < 4_000 && size_of::<Wide00>() < 300_000);
}
