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

#[test]
fn the_media_type_of_a_body_is_chosen_by_the_method() {
    use diptych_cases::several_bodies::models::{Changes, Pet};
    use diptych_cases::several_bodies::requests::{PutPet, PutPetFromForm};
    let pet = Pet::new("a b");
    let dry = PutPet::new().dry(true);
    let (_, sent) = both!(several_bodies, nothing(), client => client.put_pet_with(7, &pet, &dry));
    assert_eq!(target(&sent), "/pets/7?dry=true");
    assert_eq!(header(&sent, "content-type"), Some("application/json"));
    let changes = Changes::new().name(diptych_runtime::Patch::Null);
    let (_, sent) =
        both!(several_bodies, nothing(), client => client.put_pet_from_merge_patch(7, &changes));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/merge-patch+json")
    );
    assert_eq!(body(&sent), r#"{"name":null}"#);
    let dry = PutPetFromForm::new().dry(true);
    let (_, sent) =
        both!(several_bodies, nothing(), client => client.put_pet_from_form_with(7, &pet, &dry));
    assert_eq!(target(&sent), "/pets/7?dry=true");
    assert_eq!(body(&sent), "name=a+b");
    let (_, sent) =
        both!(several_bodies, nothing(), client => client.put_pet_from_xml(7, "<pet/>"));
    assert_eq!(header(&sent, "content-type"), Some("application/xml"));
    assert_eq!(body(&sent), "<pet/>");
    let (_, sent) = both!(several_bodies, nothing(), client => client.put_pet_from_text(7, "t"));
    assert_eq!(header(&sent, "content-type"), Some("text/plain"));
    let (_, sent) =
        both!(several_bodies, nothing(), client => client.put_pet_from_bytes(7, b"\x00"));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/octet-stream")
    );
}

#[test]
fn a_body_that_may_be_left_out_has_other_media_types_too() {
    let (_, sent) = both!(several_bodies, nothing(), client => client.note());
    assert_eq!(body(&sent), "");
    assert_eq!(header(&sent, "content-type"), None);
    let (_, sent) = both!(several_bodies, nothing(), client => client.note_from_csv("a,b"));
    assert_eq!(header(&sent, "content-type"), Some("text/csv"));
}

#[test]
fn a_range_of_media_types_is_what_its_schema_says() {
    use diptych_cases::several_bodies::models::Pet;
    let reply = json(200, r#"{"name": "n"}"#);
    let (got, sent) = both!(several_bodies, reply, client => client.anything(&Pet::new("p")));
    assert_eq!(header(&sent, "content-type"), Some("application/json"));
    assert_eq!(body(&sent), r#"{"name":"p"}"#);
    assert_eq!(got.unwrap().name, "n");
    let reply = crate::reply(200, "text/html", "<p>");
    let (got, sent) = both!(several_bodies, reply, client => client.raw(b"x"));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/octet-stream")
    );
    assert_eq!(got.unwrap(), "<p>");
}

#[test]
fn of_an_image_the_caller_says_which() {
    let reply = crate::reply(200, "image/webp", "w");
    let (got, sent) =
        both!(several_bodies, reply, client => client.picture("image/gif", b"GIF89a"));
    assert_eq!(header(&sent, "content-type"), Some("image/gif"));
    assert_eq!(body(&sent), "GIF89a");
    assert_eq!(got.unwrap(), b"w");
    let (_, sent) = both!(several_bodies, nothing(), client => client.picture_from_png(b"P"));
    assert_eq!(header(&sent, "content-type"), Some("image/png"));
    let (got, sent) =
        both!(several_bodies, nothing(), client => client.picture("image/\n", b"GIF89a"));
    assert!(got.unwrap_err().is_request());
    assert_eq!(sent, []);
}
