//! What published descriptions do beside the specification.

use diptych_cases::as_published::models::{
    Either, Note, NotesKind, ReadingUnit, Role, Sensor, SentWebhook,
};
use diptych_cases::as_published::requests;

use crate::{both, json, target};

#[test]
fn a_parameter_may_have_its_type_itself_or_none() {
    let request = requests::Notes::new().first(3);
    let kind = NotesKind::Short;
    let (got, sent) =
        both!(as_published, json(200, "[]"), client => client.notes_with(&kind, "a b", &request));
    assert_eq!(target(&sent), "/notes/short?first=3&said=a%20b");
    assert!(got.unwrap().is_empty());
}

#[test]
fn a_schema_that_was_pasted_means_its_own_definitions() {
    let text = r#"[{"text": null, "role": "tool"}, {"text": "t"}]"#;
    let (got, _) =
        both!(as_published, json(200, text), client => client.notes(&NotesKind::Long, ""));
    let notes: Vec<Note> = got.unwrap();
    assert_eq!(notes[0].role, Some(Role::Tool));
    assert_eq!(
        (notes[0].text.as_deref(), notes[1].text.as_deref()),
        (None, Some("t"))
    );
}

#[test]
fn a_reference_may_lead_anywhere() {
    let text = r#"{"unit": "µs", "event": {"id": 1}, "sensor": {"kind": "k"}, "whole": {"a": "1"}, "either": {"kind": "Other"}}"#;
    let (got, _) = both!(as_published, json(200, text), client => client.unit());
    let reading = got.unwrap();
    assert_eq!(reading.unit, Some(ReadingUnit::Micros));
    assert_eq!(reading.event.unwrap().id, 1);
    assert_eq!(reading.whole.unwrap().a.as_deref(), Some("1"));
    let sensor = |kind: &str| -> Sensor {
        serde_json::from_value(serde_json::json!({"kind": kind})).unwrap()
    };
    assert_eq!(reading.sensor, Some(sensor("k")));
    assert_eq!(reading.either, Some(Either::Other(sensor("Other"))));
    assert_eq!(SentWebhook::new(2).id, 2);
}

#[test]
fn types_and_flags_may_have_the_words_of_other_languages() {
    let text = r#"{"flag": true, "day": "2026-01-02", "at": "2026-01-02T03:04:05Z", "key": "00000000-0000-0000-0000-000000000001", "some": [1], "sum": 0.5, "by": {"a": "b"}}"#;
    let request = requests::Words::new().long(5_000_000_000);
    let (got, sent) =
        both!(as_published, json(200, text), client => client.words_with(&[1, 2], &request));
    assert_eq!(target(&sent), "/words?many=1,2&long=5000000000");
    assert!(sent[0].body.is_empty());
    let words = got.unwrap();
    assert!(words.flag);
    assert_eq!(words.day.unwrap().to_string(), "2026-01-02");
    assert_eq!(words.at.unwrap().timestamp(), 1_767_323_045);
    assert_eq!(words.key.unwrap().as_u128(), 1);
    assert_eq!(words.some.unwrap(), serde_json::json!([1]));
    assert!((words.sum.unwrap() - 0.5).abs() < f32::EPSILON);
    assert_eq!(words.by["a"], "b");
}
