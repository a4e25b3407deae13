//! Answers that are forms are read as what the description says of their values.

use diptych_cases::form_answers::models::{ByStatusAnswer, TokenKind};

use crate::{both, header, json, nothing, reply};

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn each_value_has_its_type() {
    let body = "access_token=0a%2Bb+c&expires_in=3600&rate=1.5&fresh=true&scope=read&scope=a%26b&ids=7\
                &until=2026-01-02T03%3A04%3A05Z&day=2026-01-02&id=00000000-0000-0000-0000-000000000001\
                &kind=mac&owner=%7B%22name%22%3A%22%C3%A4%22%2C%22age%22%3A3%7D&extra=5&else=x";
    let (got, sent) = both!(form_answers, reply(200, FORM, body), client => client.token());
    assert_eq!(
        header(&sent, "accept"),
        Some("application/x-www-form-urlencoded; charset=utf-8")
    );
    let token = got.unwrap();
    assert_eq!(token.access_token.expose(), "0a+b c");
    assert_eq!((token.expires_in, token.rate), (3600, Some(1.5)));
    assert_eq!(token.fresh, Some(true));
    assert_eq!(token.scope, ["read", "a&b"]);
    assert_eq!(token.ids, [7]);
    assert_eq!(
        token.until.unwrap().to_rfc3339(),
        "2026-01-02T03:04:05+00:00"
    );
    assert_eq!(token.day.unwrap().to_string(), "2026-01-02");
    assert_eq!(token.id.unwrap().as_u128(), 1);
    assert_eq!(token.kind, Some(TokenKind::Mac));
    let owner = token.owner.unwrap();
    assert_eq!((owner.name.as_deref(), owner.age), (Some("ä"), Some(3)));
    assert_eq!(token.extra.unwrap(), "5");
}

#[test]
fn what_may_be_missing_may_be_empty() {
    let body = "access_token=&expires_in=1&left=&owner=";
    let (got, _) = both!(form_answers, reply(200, FORM, body), client => client.token());
    let token = got.unwrap();
    assert_eq!(token.access_token.expose(), "");
    assert_eq!((token.left, token.owner), (None, None));
}

#[test]
fn parts_of_a_form_are_read_together_and_unions_are_text() {
    let body = "error=denied&code=4&until=5";
    let (got, _) = both!(form_answers, reply(200, FORM, body), client => client.settled());
    let settled = got.unwrap().unwrap();
    assert_eq!(
        (&*settled.error, settled.code, settled.until),
        ("denied", Some(4), Some(5))
    );
    let (got, _) = both!(form_answers, nothing(), client => client.settled());
    assert_eq!(got.unwrap(), None);
    let (got, _) = both!(form_answers, reply(200, FORM, "error=1"), client => client.union());
    assert_eq!(got.unwrap(), "error=1");
}

#[test]
fn a_form_beside_others_is_chosen_by_status_or_by_method() {
    let (got, _) = both!(form_answers, reply(202, FORM, "error=e"), client => client.by_status());
    match got.unwrap() {
        ByStatusAnswer::Accepted(refusal) => assert_eq!(refusal.error, "e"),
        other => panic!("{other:?}"),
    }
    let (got, _) = both!(form_answers, json(200, "[1]"), client => client.counts());
    assert_eq!(got.unwrap(), [1]);
    let (got, sent) =
        both!(form_answers, reply(200, FORM, "a=1&b=2"), client => client.counts_as_form());
    assert_eq!(header(&sent, "accept"), Some(FORM));
    assert_eq!(got.unwrap().values().sum::<i64>(), 3);
    for text in [
        both!(form_answers, reply(200, FORM, "a=1"), client => client.untold()).0,
        both!(form_answers, reply(200, FORM, "a=1"), client => client.raw()).0,
    ] {
        assert_eq!(text.unwrap(), "a=1");
    }
}

#[test]
fn an_error_names_the_value_and_does_not_repeat_it() {
    let body = "access_token=t&expires_in=hunter2";
    let (got, _) = both!(form_answers, reply(200, FORM, body), client => client.token());
    let said = format!(
        "{:?} {}",
        got.as_ref().unwrap_err(),
        got.as_ref().unwrap_err()
    );
    assert!(
        said.contains("expires_in: invalid type: text, expected i64"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
    let (got, _) = both!(form_answers, json(200, "{}"), client => client.token());
    let said = got.unwrap_err().to_string();
    assert!(
        said.contains("a form was expected, application/json came"),
        "{said}"
    );
    let (got, _) = both!(form_answers, reply(200, FORM, "expires_in=1"), client => client.token());
    let said = got.unwrap_err().to_string();
    assert!(said.contains("missing field `access_token`"), "{said}");
}
