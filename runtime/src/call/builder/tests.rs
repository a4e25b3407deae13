use std::collections::HashMap;

use http::Method;

use super::*;
use crate::call::read;

static OPERATION: Operation =
    Operation::new("read_flow", Method::GET, "/flows/{id}/runs/{name}", "Flows");

fn builder() -> RequestBuilder {
    let mut builder = RequestBuilder::new(&OPERATION);
    builder.path("id", "1");
    builder.path("name", "a");
    builder
}

fn finished(builder: RequestBuilder) -> Result<Request, Error> {
    builder.finish()
}

fn refusal(builder: RequestBuilder) -> Error {
    let error = finished(builder).unwrap_err();
    assert!(error.is_request(), "{error:?}");
    assert_eq!(error.operation(), Some("read_flow"));
    error
}

#[test]
fn a_path_segment_cannot_become_two() {
    let mut builder = builder();
    builder.path("name", "a/b?c#d %2e~-._ä");
    let request = finished(builder).unwrap();
    assert_eq!(
        request.path_and_query(),
        "/flows/1/runs/a%2Fb%3Fc%23d%20%252e~-._%C3%A4"
    );
}

/// One byte is what the encoder borrows from its table.
#[test]
fn a_path_of_one_character_is_encoded_too() {
    for (value, expected) in [
        ("/", "%2F"),
        ("%", "%25"),
        ("?", "%3F"),
        ("#", "%23"),
        ("a", "a"),
    ] {
        let mut builder = RequestBuilder::new(&OPERATION);
        builder.path("id", value);
        builder.path("name", &vec![value, "b"]);
        let request = finished(builder).unwrap();
        let expected = format!("/flows/{expected}/runs/{expected},b");
        assert_eq!(request.path_and_query(), expected);
    }
}

#[test]
fn a_path_that_would_hit_another_route_is_refused() {
    for value in ["", ".", ".."] {
        let mut builder = builder();
        builder.path("name", value);
        assert!(refusal(builder).to_string().contains("`name`"));
    }
    let mut builder = builder();
    builder.path("name", "...");
    assert!(finished(builder).is_ok());
}

#[test]
fn a_part_of_a_segment_may_be_empty() {
    static ITEMS: Operation = Operation::new(
        "items",
        Method::GET,
        "/items(id='{id}')/{a}{b}?x={x}",
        "Items",
    );
    let path = |id: &str, a: &str, b: &str, x: &str| {
        let mut builder = RequestBuilder::new(&ITEMS);
        builder.path("id", id);
        builder.path("a", a);
        builder.path("b", b);
        builder.path("x", x);
        finished(builder).map(|request| request.path_and_query().to_owned())
    };
    assert_eq!(path("", ".", "b", "..").unwrap(), "/items(id='')/.b?x=..");
    let error = path("1", ".", ".", "x").unwrap_err();
    assert!(error.is_request(), "{error:?}");
}

#[test]
fn a_path_parameter_without_a_value_is_refused() {
    let mut builder = RequestBuilder::new(&OPERATION);
    builder.path("id", &1_i64);
    assert!(refusal(builder).to_string().contains("`name` has no value"));
}

#[test]
fn a_query_is_percent_encoded_and_lists_repeat() {
    let mut builder = builder();
    builder.query("tags", &vec!["a b", "c&d"]);
    builder.query("none", &Vec::<String>::new());
    builder.optional_query("limit", &Some(20));
    builder.optional_query("offset", &None::<i64>);
    builder.query("t", "ä+/");
    let request = finished(builder).unwrap();
    assert_eq!(
        request.path_and_query(),
        "/flows/1/runs/a?tags=a%20b&tags=c%26d&limit=20&t=%C3%A4%2B%2F"
    );
}

#[test]
fn a_header_that_cannot_be_sent_is_named_and_not_shown() {
    let mut bad = builder();
    bad.header("x-key", "s3cret\n");
    let error = refusal(bad);
    assert!(error.to_string().contains("`x-key`"), "{error}");
    assert!(!format!("{error} {error:?}").contains("s3cret"));

    let mut good = builder();
    good.header("x-list", &vec![1, 2]);
    good.optional_header("x-none", &None::<i64>);
    let request = finished(good).unwrap();
    assert_eq!(request.headers()["x-list"], "1,2");
    assert_eq!(request.headers().len(), 1);
}

#[test]
fn bodies_are_json() {
    let mut builder = builder();
    builder.json_object(|body| {
        body.field("key", "k");
        body.optional("sender", &None::<String>);
    });
    let request = finished(builder).unwrap();
    assert_eq!(request.body(), Some(&br#"{"key":"k"}"#[..]));
    assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
}

#[test]
fn the_first_error_comes_out_of_the_call() {
    let mut builder = builder();
    builder.json(&HashMap::from([(vec![1], 1)]));
    builder.path("id", "");
    let call = builder.answer(read::nothing);
    let error = call.request().unwrap_err();
    assert!(error.to_string().contains("body"), "{error}");
    assert!(std::error::Error::source(error).is_some());
}

#[test]
fn debug_shows_no_values() {
    let mut builder = builder();
    builder.path("name", "s3cret");
    builder.query("q", "s3cret");
    builder.header("authorization", "s3cret");
    builder.json("s3cret");
    let call = builder.answer(read::nothing);
    let shown = format!("{call:?}");
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(shown.contains("authorization"), "{shown}");
}

#[test]
fn what_is_not_finite_is_refused_before_anything_is_sent() {
    let mut body = builder();
    body.json(&serde_json::json!({"a": [f64::MAX]}));
    assert!(finished(body).is_ok());
    let texts = [
        (
            refused_body(&[1.0, f64::NAN]),
            "body cannot be written as JSON: [1]: NaN",
        ),
        (refused_body(&[f32::INFINITY]), "[0]: NaN and infinity"),
        (
            refused_object(),
            "body cannot be written as JSON: rates.b: NaN",
        ),
        (
            refused_query(&f64::NEG_INFINITY),
            "the query parameter `at_most`: NaN",
        ),
        (
            refused_query(&vec![0.5_f32, f32::NAN]),
            "the query parameter `at_most`",
        ),
    ];
    for (text, expected) in texts {
        assert!(text.contains(expected), "{text}");
    }
}

fn refused_body(body: &impl Serialize) -> String {
    let mut builder = builder();
    builder.json(body);
    refusal(builder).to_string()
}

fn refused_object() -> String {
    let mut builder = builder();
    builder.json_object(|object| {
        object.field("name", "a");
        let rates = std::collections::BTreeMap::from([("a", 1.0), ("b", f64::NAN)]);
        object.field("rates", &rates);
    });
    refusal(builder).to_string()
}

fn refused_query(value: &impl ParameterValue) -> String {
    let mut builder = builder();
    builder.query("at_most", value);
    refusal(builder).to_string()
}
