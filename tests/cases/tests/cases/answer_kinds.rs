//! Answers of every form: by status first, then by media type; errors with the types that their statuses say.

use diptych_cases::answer_kinds::headers;
use diptych_cases::answer_kinds::models::{Missing, Problem, SseAnswer, TextAnswer, ThreeAnswer};
use diptych_cases::answer_kinds::operations;

use crate::{both, header, json, nothing, reply, server};

#[test]
fn created_with_headers() {
    let answer = json(201, r#"{"id": 3}"#)
        .header("Location", "/things/3")
        .header("X-Count", "7");
    let (server, config) = server(&answer);
    let client = diptych_cases::answer_kinds::Client::from_config(config).unwrap();
    let (got, answer) = client.execute_with_answer(operations::created()).unwrap();
    assert_eq!(got.id, 3);
    let headers = headers::Created::try_from(&answer).unwrap();
    assert_eq!(
        (headers.location.as_str(), headers.x_count),
        ("/things/3", Some(7))
    );
    drop(server);
}

#[test]
fn errors_have_the_types_of_their_statuses() {
    let problem = reply(
        422,
        "application/problem+json",
        r#"{"title": "bad", "status": 422}"#,
    );
    let (got, _) = both!(answer_kinds, problem, client => client.created());
    let error = got.unwrap_err();
    assert_eq!(error.body_as::<Problem>().unwrap().unwrap().title, "bad");
    let (got, _) = both!(answer_kinds, json(404, r#"{"what": "x"}"#), client => client.created());
    assert_eq!(
        got.unwrap_err().body_as::<Missing>().unwrap().unwrap().what,
        "x"
    );
    let (got, _) = both!(answer_kinds, json(500, r#"{"title": "t"}"#), client => client.created());
    assert_eq!(
        got.unwrap_err()
            .body_as::<Problem>()
            .unwrap()
            .unwrap()
            .title,
        "t"
    );
    let (got, _) = both!(answer_kinds, json(400, r#"{"title": "t"}"#), client => client.only4xx());
    assert!(got.is_err());
    let (got, _) = both!(answer_kinds, nothing(), client => client.only4xx());
    got.unwrap();
}

#[test]
fn one_of_several_successes() {
    let three = |answer| both!(answer_kinds, answer, client => client.three()).0;
    let ok = three(json(200, r#"{"title": "t"}"#)).unwrap();
    assert!(matches!(ok, ThreeAnswer::Ok(problem) if problem.title == "t"));
    assert_eq!(
        three(json(201, "[1, 2]")).unwrap(),
        ThreeAnswer::Created(vec![1, 2])
    );
    assert_eq!(three(json(202, "")).unwrap(), ThreeAnswer::Accepted);
    assert!(three(json(409, r#"{"what": "w"}"#)).is_err());
    let text = |answer| {
        both!(answer_kinds, answer, client => client.text())
            .0
            .unwrap()
    };
    assert_eq!(
        text(reply(200, "text/plain", "t")),
        TextAnswer::Ok("t".to_owned())
    );
    let part = reply(206, "application/octet-stream", "p");
    assert_eq!(text(part), TextAnswer::PartialContent(b"p".to_vec()));
}

#[test]
fn what_is_described_in_few_words() {
    let (got, _) = both!(answer_kinds, json(200, "5"), client => client.lower());
    assert_eq!(got.unwrap(), 5);
    let (got, _) = both!(answer_kinds, json(200, "\"s\""), client => client.default_only());
    assert_eq!(got.unwrap(), "s");
    let (got, _) = both!(answer_kinds, json(200, "{\"any\": 1}"), client => client.none());
    got.unwrap();
    let (got, _) = both!(answer_kinds, json(200, "null"), client => client.nullable());
    assert_eq!(got.unwrap(), None);
    let (got, _) =
        both!(answer_kinds, json(200, "\"2026-01-02T03:04:05+01:00\""), client => client.scalar());
    assert_eq!(got.unwrap().to_rfc3339(), "2026-01-02T02:04:05+00:00");
    let (got, _) = both!(answer_kinds, nothing(), client => client.multi());
    assert_eq!(got.unwrap(), None);
    let (got, sent) =
        both!(answer_kinds, reply(200, "text/csv", "a;b"), client => client.multi_as_csv());
    assert_eq!(got.unwrap().as_deref(), Some("a;b"));
    assert_eq!(header(&sent, "accept"), Some("text/csv"));
    let (got, sent) = both!(answer_kinds, reply(200, "image/jpeg", "j"), client => client.image());
    assert_eq!(
        (got.unwrap().as_slice(), header(&sent, "accept")),
        (&b"j"[..], Some("image/jpeg"))
    );
    let (got, _) = both!(answer_kinds, reply(200, "text/html", "h"), client => client.text_star());
    assert_eq!(got.unwrap(), "h");
    let (got, _) = both!(answer_kinds, json(200, r#"{"title": "t"}"#), client => client.star());
    assert_eq!(got.unwrap().title, "t");
    let (got, _) = both!(answer_kinds, reply(200, "application/x-www-form-urlencoded", "a=b"), client =>
        client.form_answer());
    assert_eq!(got.unwrap().a.as_deref(), Some("b"));
}

#[test]
fn pieces() {
    let events =
        "event: e\ndata: {\"what\":\ndata: \"w\"}\n\n: nothing\n\ndata: {\"title\": \"t\"}\n\n";
    let (got, _) =
        both!(answer_kinds, reply(200, "text/event-stream", events), client => client.sse());
    let got = got.unwrap();
    assert!(matches!(&got[0].data, SseAnswer::Missing(missing) if missing.what == "w"));
    assert_eq!(got[0].event.as_deref(), Some("e"));
    assert!(matches!(&got[1].data, SseAnswer::Problem(problem) if problem.title == "t"));
    let lines = "{\"title\": \"a\"}\n{\"title\": \"b\", \"status\": 1}";
    let (got, _) =
        both!(answer_kinds, reply(200, "application/jsonl", lines), client => client.jsonl_array());
    assert_eq!(got.unwrap().len(), 2);
    let records = "\u{1e}{\"title\": \"a\"}\n\u{1e}{\"title\":\n\"b\"}\n";
    let (got, _) =
        both!(answer_kinds, reply(200, "application/json-seq", records), client => client.seq());
    assert_eq!(got.unwrap()[1].title, "b");
}
