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

#[test]
fn successes_that_differ_are_told_apart_by_their_status() {
    use diptych_cases::several_answers::models::JobAnswer;
    let job = |status, media_type, text| {
        let (got, _) =
            both!(several_answers, crate::reply(status, media_type, text), client => client.job());
        got
    };
    let json = "application/json";
    let Ok(JobAnswer::Ok(result)) = job(200, json, r#"{"rows": 3}"#) else {
        panic!("not the answer of 200");
    };
    assert_eq!(result.rows, 3);
    let Ok(JobAnswer::Accepted(ticket)) = job(202, json, r#"{"ticket": "t"}"#) else {
        panic!("not the answer of 202");
    };
    assert_eq!(ticket.ticket, "t");
    let copy = job(203, "text/plain", "a copy").unwrap();
    assert_eq!(copy, JobAnswer::NonAuthoritative("a copy".to_owned()));
    assert_eq!(job(204, json, "").unwrap(), JobAnswer::NoContent);
    let rest = job(206, "application/octet-stream", "\u{1}").unwrap();
    assert_eq!(rest, JobAnswer::Success(vec![1]));
    assert!(job(200, json, r#"{"ticket": "t"}"#).is_err());
    assert!(job(404, json, "{}").is_err());
    let (got, _) =
        both!(several_answers, crate::json(201, r#"{"rows": 1}"#), client => client.same());
    assert_eq!(got.unwrap().rows, 1);
}

#[test]
fn the_media_type_of_an_answer_is_chosen_by_the_method() {
    use crate::header;
    let (got, sent) =
        both!(several_answers, json(200, r#"{"rows": 1}"#), client => client.report());
    assert_eq!(got.unwrap().rows, 1);
    assert_eq!(header(&sent, "accept"), Some("application/json, */*;q=0.5"));
    let csv = crate::reply(200, "text/csv", "a;b");
    let (got, sent) = both!(several_answers, csv, client => client.report_as_csv());
    assert_eq!(got.unwrap(), "a;b");
    assert_eq!(header(&sent, "accept"), Some("text/csv"));
    let pdf = crate::reply(200, "application/pdf", "%PDF");
    let year = diptych_cases::several_answers::requests::ReportAsPdf::new().year(1999);
    let (got, sent) = both!(several_answers, pdf, client => client.report_as_pdf_with(&year));
    assert_eq!(got.unwrap(), b"%PDF");
    assert_eq!(crate::target(&sent), "/report?year=1999");
    let short = crate::reply(200, "application/vnd.acme.short+json", r#"["a"]"#);
    let (got, sent) = both!(several_answers, short, client => client.report_as_vnd_acme_short());
    assert_eq!(got.unwrap(), ["a"]);
    assert_eq!(
        header(&sent, "accept"),
        Some("application/vnd.acme.short+json")
    );
}

#[test]
fn an_answer_stands_beside_its_value() {
    use diptych_cases::several_answers::{AsyncClient, Client, operations};
    let mut reply = json(200, r#"{"rows": 1}"#);
    reply.headers.push(("x-total", "12".to_owned()));
    let (_server, config) = crate::server(&reply);
    let client = Client::from_config(config).unwrap();
    let one = client.execute_with_answer(operations::report());
    let other = crate::on_tokio(async {
        let (_server, config) = crate::server(&reply);
        let client = AsyncClient::from_config(config).unwrap();
        client.execute_with_answer(operations::report()).await
    });
    for got in [one, other] {
        let (value, answer) = got.unwrap();
        assert_eq!((value.rows, answer.status().as_u16()), (1, 200));
        assert_eq!(answer.headers()["x-total"], "12");
    }
}

#[test]
fn json_on_each_line_is_a_list() {
    let lines = "{\"ticket\": \"a\"}\n\n{\"ticket\": \"b\"}\n";
    let log = crate::reply(200, "application/jsonl", lines);
    let (got, _) = both!(several_answers, log, client => client.log());
    let tickets: Vec<String> = got.unwrap().into_iter().map(|one| one.ticket).collect();
    assert_eq!(tickets, ["a", "b"]);
    let records = crate::reply(200, "application/json-seq", "\u{1e}1\n\u{1e}2\n");
    let (got, _) = both!(several_answers, records, client => client.records());
    assert_eq!(got.unwrap(), [1, 2]);
}

#[test]
fn a_text_is_read_in_its_encoding() {
    let mut latin = crate::reply(200, "text/plain; charset=iso-8859-1", "");
    latin.body = b"caf\xe9".to_vec();
    let (got, _) = both!(several_answers, latin, client => client.text());
    assert_eq!(got.unwrap(), "café");
}
