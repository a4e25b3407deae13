//! Bodies that may be null: only JSON has a null.

use diptych_cases::null_bodies::models::{FormRequest, Note};
use diptych_cases::null_bodies::requests::Perhaps;
use diptych_runtime::Patch;

use crate::{body, both, header, nothing, parts_of, reply, target};

#[test]
fn forms_that_may_be_null_are_forms() {
    let request = FormRequest::new().scan("S").text("t");
    let answer = reply(200, "application/x-www-form-urlencoded", "a=b&c=1");
    let (got, sent) = both!(null_bodies, answer, client => client.form(&request));
    assert_eq!(got.unwrap().a.as_deref(), Some("b"));
    let scan = "\"scan\"; filename=\"scan\"\r\ncontent-type: application/octet-stream\r\n\r\nS";
    assert_eq!(parts_of(&sent), [scan, "\"text\"\r\n\r\nt"]);
    let note = Note::new().text("t");
    let (_, sent) = both!(null_bodies, nothing(), client => client.pairs(&note));
    assert_eq!(body(&sent), "text=t");
    let files = ["1".into()];
    let (_, sent) = both!(null_bodies, nothing(), client => client.files(&files));
    let part = "content-type: application/octet-stream\r\n\r\n1";
    assert_eq!(body(&sent), format!("--B\r\n{part}\r\n--B--\r\n"));
}

#[test]
fn json_that_may_be_null_takes_values_as_others_do() {
    let (_, sent) = both!(null_bodies, nothing(), client => client.number(Some(3)));
    assert_eq!(body(&sent), "3");
    let (_, sent) = both!(null_bodies, nothing(), client => client.number(None));
    assert_eq!(body(&sent), "null");
    let texts = ["a".to_owned()];
    let (_, sent) = both!(null_bodies, nothing(), client => client.texts(Some(&texts)));
    assert_eq!(body(&sent), "[\"a\"]");
}

#[test]
fn a_body_may_be_missing_null_or_a_value_beside_a_parameter_of_its_name() {
    let request = || Perhaps::new().body("q");
    let (_, sent) = both!(null_bodies, nothing(), client => client.perhaps_with(&request()));
    assert_eq!((target(&sent), body(&sent)), ("/perhaps?body=q", ""));
    assert_eq!(header(&sent, "content-type"), None);
    let null = request().body_(Patch::Null);
    let (_, sent) = both!(null_bodies, nothing(), client => client.perhaps_with(&null));
    assert_eq!(body(&sent), "null");
    let value = request().body_(0.5);
    let (_, sent) = both!(null_bodies, nothing(), client => client.perhaps_with(&value));
    assert_eq!((target(&sent), body(&sent)), ("/perhaps?body=q", "0.5"));
}
