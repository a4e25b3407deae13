//! Parts that narrow each other are what the narrowest says, and limits in the branches of a union leave its type.

use std::collections::BTreeMap;

use diptych_cases::narrowed::models::{Kind, Narrowed};

use crate::{body, both, json};

#[test]
fn the_narrowest_part_says_the_type() {
    let counts = || BTreeMap::from([("a".to_owned(), 1_i64)]);
    let value = Narrowed::new()
        .count(7)
        .counts(counts())
        .either("e")
        .kind(Kind::B)
        .map(counts())
        .texts(vec!["t".to_owned()])
        .limited("long")
        .number(9)
        .list(["x", "y"]);
    let text = r#"{"count":7,"counts":{"a":1},"either":"e","kind":"b","limited":"long","list":["x","y"],"map":{"a":1},"number":9,"texts":["t"]}"#;
    let (got, sent) = both!(narrowed, json(200, text), client => client.narrowed(&value));
    assert_eq!(body(&sent), text);
    assert_eq!(got.unwrap(), value);
}
