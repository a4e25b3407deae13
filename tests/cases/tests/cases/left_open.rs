//! What a description leaves open is neither lost nor in the way.

use diptych_cases::left_open::models::{
    All, AllNumber, Bare, BaseKind, Child, Name, Payment, PaymentNumber, Pin, Stamped,
};
use diptych_cases::left_open::requests::File;
use serde_json::json;

use crate::{body, both, header, json as reply, nothing, target};

/// What comes back, and what is sent of it.
fn kept(text: &str) -> (All, String) {
    let all: All = serde_json::from_str(text).unwrap();
    let (got, sent) = both!(left_open, reply(200, text), client => client.put(&all));
    (got.unwrap(), body(&sent).to_owned())
}

#[test]
fn what_holds_under_a_condition_is_a_field() {
    let text = r#"{"payment":{"kind":"card","number":"4711"}}"#;
    let (all, sent) = kept(text);
    let payment = Payment::new("card").number("4711");
    assert_eq!(all, All::new().payment(payment));
    assert_eq!(sent, text);
    let text = r#"{"payment":{"kind":"bank","bic":"b","iban":"i","number":4711}}"#;
    let (all, sent) = kept(text);
    let number = PaymentNumber::Integer(4711);
    let payment = Payment::new("bank").bic("b").iban("i").number(number);
    assert_eq!(all, All::new().payment(payment));
    assert_eq!(sent, text);
}

#[test]
fn a_condition_narrows_no_field_of_a_base() {
    let text = r#"{"child":{"extra":"e","kind":"a","more":1}}"#;
    let (all, sent) = kept(text);
    let child = Child::new().extra("e").kind(BaseKind::A).more(1.0);
    assert_eq!(all, All::new().child(child));
    assert_eq!(sent, r#"{"child":{"extra":"e","kind":"a","more":1.0}}"#);
}

#[test]
fn what_is_a_component_goes_the_way_that_it_says() {
    let made = Stamped::new(Pin::new().code("c"), "t");
    let (_, sent) =
        both!(left_open, nothing(), client => client.put(&All::new().stamped(made.clone())));
    assert_eq!(
        body(&sent),
        r#"{"stamped":{"pin":{"code":"c"},"text":"t"}}"#
    );
    let (all, sent) = kept(r#"{"stamped":{"stamp":"s","text":"t"}}"#);
    assert_eq!(all.stamped.unwrap().stamp.as_deref(), Some("s"));
    assert_eq!(sent, r#"{"stamped":{"text":"t"}}"#);
}

#[test]
fn what_must_be_there_and_is_not_described_is_anything() {
    let text = r#"{"bare":{"known":"k","ghost":[1]}}"#;
    let (all, sent) = kept(text);
    assert_eq!(all, All::new().bare(Bare::new("k").ghost(json!([1]))));
    assert_eq!(sent, text);
    assert_eq!(
        kept(r#"{"bare":{"known":"k"}}"#).1,
        r#"{"bare":{"known":"k"}}"#
    );
}

#[test]
fn a_whole_number_among_numbers_stays_whole() {
    let (all, sent) = kept(r#"{"number":9007199254740993}"#);
    assert_eq!(
        all,
        All::new().number(AllNumber::Integer(9_007_199_254_740_993))
    );
    assert_eq!(sent, r#"{"number":9007199254740993}"#);
    assert_eq!(kept(r#"{"number":0.5}"#).1, r#"{"number":0.5}"#);
}

#[test]
fn whole_numbers_are_as_large_as_those_that_are_named() {
    let text = r#"{"large":18446744073709551615,"larger":9223372036854775808}"#;
    let (all, sent) = kept(text);
    assert_eq!(all, All::new().large(u64::MAX).larger(1_u64 << 63));
    assert_eq!(sent, text);
}

#[test]
fn a_tuple_may_end_where_it_says_so() {
    assert_eq!(kept(r#"{"pair":["a"]}"#).1, r#"{"pair":["a"]}"#);
    assert_eq!(kept(r#"{"pair":["a",1]}"#).1, r#"{"pair":["a",1]}"#);
}

#[test]
fn nothing_is_null_where_null_may_come() {
    let (got, _) = both!(left_open, reply(200, ""), client => client.maybe());
    assert_eq!(got.unwrap(), None);
    let (got, _) = both!(left_open, reply(200, r#"{"name":"n"}"#), client => client.maybe());
    assert_eq!(got.unwrap().unwrap(), name("n"));
}

fn name(text: &str) -> Name {
    serde_json::from_value(json!({ "name": text })).unwrap()
}

#[test]
fn bytes_are_given_as_bytes_are() {
    for request in [File::new().body(b"abc"), File::new().body("abc")] {
        let (_, sent) = both!(left_open, nothing(), client => client.file_with(&request));
        assert_eq!(
            header(&sent, "content-type"),
            Some("application/octet-stream")
        );
        assert_eq!(body(&sent), "abc");
    }
}

#[test]
fn json_that_is_called_a_stream_has_lines() {
    let lines = crate::reply(
        200,
        "application/stream+json",
        "{\"name\":\"a\"}\n{\"name\":\"b\"}\n",
    );
    let (got, sent) = both!(left_open, lines, client => client.lines());
    assert_eq!(header(&sent, "accept"), Some("application/stream+json"));
    assert_eq!(got.unwrap(), [name("a"), name("b")]);
}

#[test]
fn both_faces_send_the_path_that_is_meant() {
    let (_, sent) = both!(left_open, nothing(), client => client.up());
    assert_eq!(target(&sent), "/up/here");
    let (_, sent) = both!(left_open, nothing(), client => client.here());
    assert_eq!(target(&sent), "/here/");
    let (_, sent) = both!(left_open, nothing(), client => client.first());
    assert_eq!(target(&sent), "/actions");
    let (_, sent) = both!(left_open, nothing(), client => client.second());
    assert_eq!(target(&sent), "/actions");
    let (_, sent) = both!(left_open, nothing(), client => client.half());
    assert_eq!(target(&sent), "/half%25");
    let (_, sent) = both!(left_open, nothing(), client => client.item(""));
    assert_eq!(target(&sent), "/items('')");
}

#[test]
fn types_that_hold_only_themselves_hold_anything() {
    assert_eq!(kept(r#"{"endless":[[[]]]}"#).1, r#"{"endless":[[[]]]}"#);
}
