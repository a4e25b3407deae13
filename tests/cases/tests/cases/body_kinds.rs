//! Bodies of every form, to the byte.

use std::collections::BTreeMap;

use chrono::{TimeZone as _, Utc};
use diptych_cases::body_kinds::models::{
    B64Request, LdRequest, NdjsonRequest, OptionalNullRequest, Order, OrderKind, OrderLine,
    UnionFormRequest, UnionFormRequestPassword, VersionAsJsonVersion2Answer,
};
use diptych_cases::body_kinds::requests::{BytesBody, OptionalNull, Rows};
use diptych_runtime::Patch;
use uuid::Uuid;

use crate::{body, both, header, json, nothing, reply};

#[test]
fn null_absent_and_defaults() {
    let (_, sent) = both!(body_kinds, nothing(), client => client.optional_null());
    assert_eq!(
        (sent[0].body.len(), header(&sent, "content-type")),
        (0, None)
    );
    let changes = OptionalNullRequest::new().a(Patch::Null);
    let request = OptionalNull::new().body(changes);
    let (_, sent) = both!(body_kinds, nothing(), client => client.optional_null_with(&request));
    assert_eq!(body(&sent), r#"{"a":null}"#);
    let (got, sent) = both!(body_kinds, json(200, "null"), client => client.scalar(None));
    assert_eq!((got.unwrap(), body(&sent)), (None, "null"));
    let (got, sent) = both!(body_kinds, json(200, "7"), client => client.scalar(Some(3)));
    assert_eq!((got.unwrap(), body(&sent)), (Some(7), "3"));
    let (got, sent) = both!(body_kinds, json(200, "false"), client => client.boolean(true));
    assert_eq!((got.unwrap(), body(&sent)), (false, "true"));
}

#[test]
fn a_delete_may_have_a_body() {
    let ids = [Uuid::nil()];
    let (_, sent) = both!(body_kinds, nothing(), client => client.delete_body(&ids));
    assert_eq!(sent[0].method, "DELETE");
    assert_eq!(body(&sent), r#"["00000000-0000-0000-0000-000000000000"]"#);
    assert_eq!(header(&sent, "content-length"), Some("40"));
}

#[test]
fn one_schema_as_a_form_and_as_json() {
    let at = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
    let order = Order::new(
        [OrderLine::new().sku("a").n(1), OrderLine::new().sku("b&")],
        at,
    )
    .kind(OrderKind::BC)
    .gift(true)
    .price(1.5)
    .ids([1, 2])
    .meta(BTreeMap::from([("k".to_owned(), "v".to_owned())]));
    let (_, sent) = both!(body_kinds, nothing(), client => client.form(&order));
    assert_eq!(header(&sent, "content-type"), Some("application/json"));
    assert_eq!(
        body(&sent),
        r#"{"lines":[{"n":1,"sku":"a"},{"sku":"b&"}],"when":"2026-01-02T03:04:05Z","gift":true,"ids":[1,2],"kind":"b c","meta":{"k":"v"},"price":1.5}"#
    );
    let (_, sent) = both!(body_kinds, nothing(), client => client.form_from_form(&order));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let mut pairs: Vec<&str> = body(&sent).split('&').collect();
    pairs.sort_unstable();
    assert_eq!(
        pairs,
        [
            "gift=true",
            "ids=1",
            "ids=2",
            "kind=b+c",
            "lines=%7B%22n%22%3A1%2C%22sku%22%3A%22a%22%7D",
            "lines=%7B%22sku%22%3A%22b%26%22%7D",
            "meta=%7B%22k%22%3A%22v%22%7D",
            "price=1.5",
            "when=2026-01-02T03%3A04%3A05Z",
        ]
    );
}

#[test]
fn forms_of_maps_and_unions() {
    let map = BTreeMap::from([("a b".to_owned(), "1+1".to_owned())]);
    let (_, sent) = both!(body_kinds, nothing(), client => client.map_form(&map));
    assert_eq!(body(&sent), "a+b=1%2B1");
    let union = UnionFormRequest::from(UnionFormRequestPassword::new("u"));
    let (_, sent) = both!(body_kinds, nothing(), client => client.union_form(&union));
    assert_eq!(body(&sent), "grant_type=password&user=u");
}

#[test]
fn parameters_of_a_media_type_are_a_part_of_it() {
    let (one, two) = (
        LdRequest::new().a("1"),
        VersionAsJsonVersion2Answer::new().b("2"),
    );
    let (got, sent) = both!(body_kinds, json(200, r#"{"a":"x"}"#), client => client.version(&one));
    assert_eq!(got.unwrap().a.as_deref(), Some("x"));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/json; version=1")
    );
    assert_eq!(header(&sent, "accept"), Some("application/json; version=1"));
    let (_, sent) = both!(body_kinds, json(200, r#"{"a":"x"}"#), client =>
        client.version_from_json_version_2(&two));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/json; version=2")
    );
    let (got, sent) = both!(body_kinds, json(200, r#"{"b":"y"}"#), client =>
        client.version_as_json_version_2(&one));
    assert_eq!(got.unwrap().b.as_deref(), Some("y"));
    assert_eq!(header(&sent, "accept"), Some("application/json; version=2"));
    let (_, sent) = both!(body_kinds, json(200, "{}"), client => client.ld(&one));
    let profile = "application/ld+json; profile=\"https://example.com/p q\"";
    assert_eq!(header(&sent, "content-type"), Some(profile));
}

#[test]
fn json_lines_are_written_and_read() {
    let values = [NdjsonRequest::new().a(1), NdjsonRequest::new()];
    let answer = reply(200, "application/x-ndjson", "{\"a\":2}\n{}\n");
    let (got, sent) = both!(body_kinds, answer, client => client.ndjson(&values));
    assert_eq!(got.unwrap()[0].a, Some(2));
    assert_eq!(body(&sent), "{\"a\":1}\n{}\n");
    assert_eq!(header(&sent, "content-type"), Some("application/x-ndjson"));
    let (_, sent) = both!(body_kinds, nothing(), client => client.records(&[Some(1), None]));
    assert_eq!(body(&sent), "\u{1e}1\n\u{1e}null\n");
    let rows = Rows::new().body([vec![1.0, 2.5], vec![]]);
    let answer = reply(200, "application/jsonl", "[1]\n[]\n");
    let (got, sent) = both!(body_kinds, answer, client => client.rows_with(&rows));
    assert_eq!(got.unwrap(), [vec![1.0], vec![]]);
    assert_eq!(body(&sent), "[1.0,2.5]\n[]\n");
    let (got, sent) = both!(body_kinds, nothing(), client =>
        client.rows_with(&Rows::new().body([vec![f64::NAN]])));
    assert!(got.unwrap_err().is_request());
    assert_eq!(sent, []);
    let (_, sent) = both!(body_kinds, nothing(), client => client.raw_lines(b"{}\n"));
    assert_eq!(body(&sent), "{}\n");
}

#[test]
fn texts_and_bytes_are_as_they_are() {
    let answer = reply(200, "text/plain", "15");
    let (got, sent) = both!(body_kinds, answer, client => client.text_number(7));
    assert_eq!((got.unwrap(), body(&sent)), (15, "7"));
    let (_, sent) = both!(body_kinds, reply(200, "text/xml", "<a/>"), client => client.xml("<b/>"));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/problem+xml")
    );
    assert_eq!(header(&sent, "accept"), Some("text/xml"));
    let request = BytesBody::new().body([0, 255]);
    let (_, sent) = both!(body_kinds, reply(200, "application/zip", "z"), client =>
        client.bytes_body_with(&request));
    assert_eq!(sent[0].body, [0, 255]);
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/octet-stream")
    );
    let encoded = B64Request::new("AAE=").old("AA==").doc("{}");
    let (got, sent) = both!(body_kinds, json(200, "\"AA==\""), client => client.b64(&encoded));
    assert_eq!(got.unwrap(), "AA==");
    assert_eq!(body(&sent), r#"{"data":"AAE=","doc":"{}","old":"AA=="}"#);
}
