//! Points in time without a zone are in UTC.

use chrono::{DateTime, Utc};
use diptych_cases::times::models::EitherAnswer;

use crate::{both, json, reply};

const LOCAL: &str = r#""2026-01-02T03:04:05""#;

fn time() -> DateTime<Utc> {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

#[test]
fn an_answer_may_be_one() {
    let (got, _) = both!(times, json(200, LOCAL), client => client.moment());
    assert_eq!(got.unwrap(), time());
    let (got, _) = both!(times, json(200, LOCAL), client => client.maybe_moment());
    assert_eq!(got.unwrap(), Some(time()));
    let (got, _) = both!(times, json(200, "null"), client => client.maybe_moment());
    assert_eq!(got.unwrap(), None);
    let (got, _) = both!(times, json(200, "7"), client => client.moment());
    assert!(got.is_err());
}

#[test]
fn an_answer_may_have_several() {
    let list = format!("[{LOCAL}, {LOCAL}]");
    let (got, _) = both!(times, json(200, &list), client => client.moments());
    assert_eq!(got.unwrap(), [time(), time()]);
    let map = format!(r#"{{"a": {LOCAL}}}"#);
    let (got, _) = both!(times, json(200, &map), client => client.moments_by_name());
    assert_eq!(got.unwrap()["a"], time());
    let lines = reply(200, "application/jsonl", &format!("{LOCAL}\n{LOCAL}\n"));
    let (got, _) = both!(times, lines, client => client.logged());
    assert_eq!(got.unwrap(), [time(), time()]);
}

#[test]
fn a_branch_of_a_union_may_be_one() {
    let text = format!("[{LOCAL}, 1, [{LOCAL}]]");
    let (got, _) = both!(times, json(200, &text), client => client.either());
    let [one, number, list] = got.unwrap().try_into().unwrap();
    assert_eq!(one, EitherAnswer::DateTime(time()));
    assert_eq!(number, EitherAnswer::Integer(1));
    assert_eq!(list, EitherAnswer::DateTimeList(vec![time()]));
}

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
