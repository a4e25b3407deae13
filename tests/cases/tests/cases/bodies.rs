//! Bodies are sent as the description says, under its media types.

use diptych_cases::form::models::Order;
use diptych_cases::json_types::models::{PatchThingRequest, PutThingRequest};
use diptych_cases::optional_constants::models::{Run, RunTier};
use diptych_cases::optional_constants::requests;
use diptych_cases::read_only::models::Note;

use crate::{body, both, header, json, nothing, target};

#[test]
fn b32_text() {
    let (_, sent) = both!(text_body, nothing(), client => client.say("hé\n"));
    assert_eq!(header(&sent, "content-type"), Some("text/plain"));
    assert_eq!(body(&sent), "hé\n");
}

#[test]
fn b36_json_under_its_own_media_type() {
    let (got, sent) = both!(
        json_types,
        crate::reply(200, "application/vnd.api+json", r#"{"name": "n"}"#),
        client => client.patch_thing(&PatchThingRequest::new().name("n"))
    );
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/merge-patch+json")
    );
    assert_eq!(body(&sent), r#"{"name":"n"}"#);
    assert_eq!(got.unwrap().name, "n");
    let thing = PutThingRequest::new("n");
    let (_, sent) = both!(json_types, nothing(), client => client.post_thing(&thing));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/vnd.api+json")
    );
    let (_, sent) = both!(json_types, nothing(), client => client.put_thing(&thing));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/json; charset=utf-8")
    );
}

#[test]
fn a_form() {
    let order = Order::new("a b&c").tags(["x", "y"]).count(2);
    let (_, sent) = both!(form, nothing(), client => client.order(&order));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(body(&sent), "count=2&name=a+b%26c&tags=x&tags=y");
}

#[test]
fn bytes() {
    let (_, sent) = both!(form, nothing(), client => client.upload(b"\x00\x01"));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/octet-stream")
    );
    assert_eq!(sent[0].body, [0, 1]);
}

#[test]
fn b16_what_is_read_only_is_neither_asked_for_nor_sent() {
    let note = Note::new("hello").pin("1234");
    let (got, sent) = both!(
        read_only,
        json(201, r#"{"id": 7, "text": "hello"}"#),
        client => client.add_note(&note)
    );
    assert_eq!(body(&sent), r#"{"text":"hello","pin":"1234"}"#);
    let answered = got.unwrap();
    assert_eq!(answered.id, Some(7));
    let (_, sent) = both!(read_only, json(201, "{}"), client => client.add_note(&answered));
    assert_eq!(body(&sent), r#"{"text":"hello"}"#);
}

#[test]
fn b43_a_constant_that_may_be_left_out_is() {
    let (_, sent) = both!(
        optional_constants,
        nothing(),
        client => client.run_with(&Run::new(), &requests::Run::new())
    );
    assert_eq!(target(&sent), "/run");
    assert_eq!(header(&sent, "x-must"), Some("yes-please"));
    assert_eq!(body(&sent), r#"{"kind":"run"}"#);
    let run = Run::new().stream(true).tier(RunTier::Gold).n(5);
    let (_, sent) = both!(
        optional_constants,
        nothing(),
        client => client.run_with(&run, &requests::Run::new().force(true))
    );
    assert_eq!(target(&sent), "/run?force=true");
    assert_eq!(
        body(&sent),
        r#"{"kind":"run","n":5,"stream":true,"tier":"gold"}"#
    );
}
