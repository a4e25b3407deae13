//! Answers are read by what the description says of a success.

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
