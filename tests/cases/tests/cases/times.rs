//! Points in time without a zone are in UTC.

use crate::{both, json, reply};

#[test]
fn lists_and_maps_may_leave_the_zone_away() {
    let text = r#"{
        "list": ["2026-01-02T03:04:05", "2026-01-02T03:04:05.5Z", "2026-01-02T05:04:05+02:00"],
        "maybe": ["2026-01-02T03:04:05.25"],
        "map": {"a": "2026-01-02T03:04:05"},
        "more": "2026-01-02T03:04:05"
    }"#;
    let (got, _) = both!(times, json(200, text), client => client.all());
    let got = got.unwrap();
    let shown = |time: &chrono::DateTime<chrono::Utc>| time.to_rfc3339();
    let list: Vec<String> = got.list.iter().map(shown).collect();
    let expected = [
        "2026-01-02T03:04:05+00:00",
        "2026-01-02T03:04:05.500+00:00",
        "2026-01-02T03:04:05+00:00",
    ];
    assert_eq!(list, expected);
    assert_eq!(
        shown(&got.maybe.unwrap()[0]),
        "2026-01-02T03:04:05.250+00:00"
    );
    assert_eq!(shown(&got.map["a"]), expected[0]);
    assert_eq!(shown(&got.additional["more"]), expected[0]);
    let (got, _) =
        both!(times, json(200, r#"{"list": [], "maybe": null}"#), client => client.all());
    let got = got.unwrap();
    assert_eq!((got.list.len(), got.maybe), (0, None));
    let (got, _) = both!(times, json(200, r#"{"list": ["now"]}"#), client => client.all());
    assert!(got.unwrap_err().to_string().contains("list[0]"));
    let form = reply(
        200,
        "application/x-www-form-urlencoded",
        "at=2026-01-02T03%3A04%3A05",
    );
    let (got, _) = both!(times, form, client => client.form());
    assert_eq!(shown(&got.unwrap().at[0]), expected[0]);
}
