//! Answers are read by what the description says of a success.

use diptych_cases::typed_errors::models::{Conflict, Invalid};

use crate::{both, json, nothing};

#[test]
fn b18_a_success_without_a_body_is_none() {
    let (got, _) = both!(empty_answers, json(200, r#"{"t": "x"}"#), client => client.draft());
    assert_eq!(got.unwrap().unwrap().t, "x");
    let (got, _) = both!(empty_answers, nothing(), client => client.draft());
    assert_eq!(got.unwrap(), None);
    let (got, _) = both!(empty_answers, nothing(), client => client.job());
    got.unwrap();
}

#[test]
fn a_range_of_statuses_and_default_are_successes() {
    let (got, _) = both!(empty_answers, json(206, r#"{"t": "x"}"#), client => client.range());
    assert_eq!(got.unwrap().t, "x");
    let (got, _) = both!(empty_answers, json(200, r#"{"t": "x"}"#), client => client.only());
    assert_eq!(got.unwrap().t, "x");
}

#[test]
fn b45_default_is_the_only_answer() {
    let (got, _) =
        both!(default_answer, json(200, r#"{"models": ["m"]}"#), client => client.models());
    assert_eq!(got.unwrap().models, ["m"]);
    let (got, _) =
        both!(default_answer, json(200, r#"{"models": []}"#), client => client.with_error());
    assert!(got.unwrap().models.is_empty());
    let (got, _) = both!(default_answer, json(404, "{}"), client => client.with_error());
    assert_eq!(
        got.unwrap_err().status().map(|status| status.as_u16()),
        Some(404)
    );
}

#[test]
fn the_body_of_an_error_is_asked_for_by_its_type() {
    let conflict = json(409, r#"{"holder": "me", "since": 3}"#);
    let (got, _) = both!(typed_errors, conflict, client => client.lock());
    let error = got.unwrap_err();
    let read: Conflict = error.body_as().unwrap().unwrap();
    assert_eq!((read.holder.as_str(), read.since), ("me", Some(3)));
    // Whoever asks for the wrong type is told so, and where.
    let wrong = error.body_as::<Invalid>().unwrap().unwrap_err();
    assert!(wrong.to_string().contains("fields"), "{wrong}");
    let (got, _) = both!(typed_errors, json(422, r#"{"fields": ["a"]}"#), client => client.lock());
    let read: Invalid = got.unwrap_err().body_as().unwrap().unwrap();
    assert_eq!(read.fields, ["a"]);
}

#[test]
fn what_is_no_json_is_no_body_of_a_type() {
    let page = crate::reply(502, "text/html", "<p>Bad gateway</p>");
    let (got, _) = both!(typed_errors, page, client => client.lock());
    let error = got.unwrap_err();
    assert!(error.body_as::<Conflict>().unwrap().is_err());
    assert_eq!(error.body(), Some(b"<p>Bad gateway</p>".as_slice()));
}
