//! What always is the same is sent by itself.

use diptych_cases::whole_constants::models::{Circle, Job, Shape};
use serde_json::{Value, json};

use crate::{body, both, json};

#[test]
fn a_constant_may_be_of_any_kind() {
    let text = r#"{"name": "n", "options": {}, "steps": [], "parent": null, "nothing": null}"#;
    let (got, sent) =
        both!(whole_constants, json(200, text), client => client.add_job(&Job::new("n")));
    let expected = json!({
        "name": "n",
        "options": { "a\"b": [1, -2.5, null, "x\u{1}"], "c": { "d": true } },
        "steps": [1, { "e": 2 }],
        "parent": null,
        "nothing": null
    });
    let sent: Value = serde_json::from_str(body(&sent)).unwrap();
    assert_eq!(sent, expected);
    assert_eq!(got.unwrap(), Job::new("n"));
}

#[test]
fn a_tag_is_sent_also_where_it_is_said_to_be_only_read() {
    let text = r#"{"kind": "Circle", "size": 1, "id": 7}"#;
    let circle = Shape::from(Circle::new(1));
    let (got, sent) = both!(whole_constants, json(200, text), client => client.add_shape(&circle));
    assert_eq!(body(&sent), r#"{"kind":"Circle","size":1}"#);
    let Shape::Circle(circle) = got.unwrap() else {
        panic!("another shape");
    };
    assert_eq!(circle.id, Some(7));
}
