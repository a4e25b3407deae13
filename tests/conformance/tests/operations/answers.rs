//! Every operation through both faces: the same answers and errors, whatever the server says.

use diptych_runtime::Answer;
use diptych_runtime::http::{HeaderMap, StatusCode};
use prefect_conformance::{
    AnswerKind, Answered, Faces, Failure, Fallible, Findings, Leave, Outcome, Recorder, Reply,
    answers, cases, document, entries, is_same, mutations,
};
use serde_json::Value;

#[test]
fn hazard_23_every_operation_reads_the_same_answer() -> Fallible<()> {
    let (document, recorder) = (document()?, Recorder::start()?);
    let faces = Faces::new(&recorder)?;
    let mut findings = Findings::default();
    for entry in entries() {
        let case = cases(&document, entry).swap_remove(0);
        for answer in answers(&document, entry) {
            let place = format!("{} {}", entry.name, answer.name);
            recorder.reply(&answer.reply);
            let pair = (entry.faces)(&case, &faces)?;
            findings.check(pair.are_equal && pair.blocking == pair.asynchronous, || {
                format!("{place}: {pair:?}")
            });
            findings.check(is_read(&answer, &pair.blocking), || {
                format!("{place}: {:?} came of {}", pair.blocking, answer.value)
            });
        }
    }
    findings.none();
    Ok(())
}

fn is_read(answer: &Answered, outcome: &Outcome) -> bool {
    let leave = Leave {
        nulls: answer.name.ends_with("Nulls"),
        new_fields: answer.name == "NewFields",
        defaults: answer.name == "least",
        constants: answer.name == "NewConstants",
    };
    outcome
        .as_ref()
        .is_ok_and(|value| is_same(&answer.value, value, leave))
}

#[test]
fn progenitor_reads_the_same() -> Fallible<()> {
    let (document, recorder) = (document()?, Recorder::start()?);
    let faces = Faces::new(&recorder)?;
    let mut findings = Findings::default();
    for entry in entries()
        .iter()
        .filter(|entry| entry.answer == AnswerKind::Json)
    {
        let case = cases(&document, entry).swap_remove(0);
        let answer = answers(&document, entry).swap_remove(0);
        recorder.reply(&answer.reply);
        let theirs = (entry.reference)(&case, &faces)?.0;
        findings.check(theirs.as_ref() == Ok(&answer.value), || {
            format!("{}: {theirs:?} came of {}", entry.name, answer.value)
        });
    }
    findings.none();
    Ok(())
}

/// Statuses and bodies that are no success, with the detail that is read from them.
const ERRORS: &[(u16, &str, &str, Option<&str>)] = &[
    (
        401,
        "application/json",
        r#"{"exception_message":"Unauthorized"}"#,
        Some("Unauthorized"),
    ),
    (
        404,
        "application/json",
        r#"{"detail":"Flow not found"}"#,
        Some("Flow not found"),
    ),
    (
        409,
        "application/json",
        r#"{"detail":"it exists","more":["ü"]}"#,
        Some("it exists"),
    ),
    (
        422,
        "application/json",
        r#"{"exception_message":"x","exception_detail":[{"loc":["body","name"],"msg":"no"}]}"#,
        Some("body.name: no"),
    ),
    (422, "text/plain", "no JSON at all", None),
    (
        404,
        "text/html",
        "<html><body>Not Found</body></html>",
        None,
    ),
    (404, "application/json", "", None),
    (
        500,
        "application/json",
        r#"{"exception_message":"Internal Server Error"}"#,
        Some("Internal Server Error"),
    ),
    (502, "text/plain; charset=utf-8", "upstream: nö", None),
    (
        500,
        "text/html; charset=utf-8",
        "<html><body>Internal Server Error</body></html>",
        None,
    ),
    (500, "application/json", r#"{"exception_message":"#, None),
    (503, "text/plain", "", None),
];

#[test]
fn hazard_24_every_operation_reads_the_same_error() -> Fallible<()> {
    let (document, recorder) = (document()?, Recorder::start()?);
    let faces = Faces::new(&recorder)?;
    let mut findings = Findings::default();
    for entry in entries() {
        let case = cases(&document, entry).swap_remove(0);
        for (status, content_type, body, detail) in ERRORS {
            recorder.reply(&reply(*status, content_type, body));
            let pair = (entry.faces)(&case, &faces)?;
            let is_kept = |failure: &Failure| {
                failure.status == Some(*status)
                    && failure.detail.as_deref() == *detail
                    && failure.body.as_deref() == Some(body.as_bytes())
                    && failure.operation == Some(entry.name)
                    && !failure.is_decode
            };
            let is_fine =
                pair.blocking == pair.asynchronous && pair.blocking.as_ref().is_err_and(is_kept);
            findings.check(is_fine, || format!("{} {status}: {pair:?}", entry.name));
        }
    }
    findings.none();
    Ok(())
}

#[test]
fn a_success_that_is_no_json_is_a_typed_error_or_is_not_read() -> Fallible<()> {
    let (document, recorder) = (document()?, Recorder::start()?);
    let faces = Faces::new(&recorder)?;
    let mut findings = Findings::default();
    let bodies = [
        ("text/html", "<p>a proxy</p>"),
        ("application/json", "{\"cut"),
        ("application/json", ""),
    ];
    for entry in entries() {
        let case = cases(&document, entry).swap_remove(0);
        for (content_type, body) in bodies {
            recorder.reply(&reply(200, content_type, body));
            let pair = (entry.faces)(&case, &faces)?;
            // An empty body is null where anything is allowed.
            let is_fine = match &pair.blocking {
                Ok(value) => entry.answer != AnswerKind::Json || body.is_empty() && value.is_null(),
                Err(failure) => {
                    failure.is_decode && failure.body.as_deref() == Some(body.as_bytes())
                }
            };
            findings.check(is_fine && pair.blocking == pair.asynchronous, || {
                format!("{} {body:?}: {pair:?}", entry.name)
            });
        }
    }
    findings.none();
    Ok(())
}

#[test]
fn a_broken_answer_is_a_located_error_and_never_a_panic() -> Fallible<()> {
    let document = document()?;
    let mut findings = Findings::default();
    for entry in entries()
        .iter()
        .filter(|entry| entry.answer == AnswerKind::Json)
    {
        let case = cases(&document, entry).swap_remove(0);
        let answer = answers(&document, entry).swap_remove(0);
        let mutations = mutations(&answer.value);
        let broken = mutations
            .iter()
            .map(|mutation| json_answer(&mutation.value))
            .collect();
        let outcomes = (entry.data)(&case, broken)?.outcomes;
        for (mutation, outcome) in mutations.iter().zip(&outcomes) {
            // A constant outside a union is not looked at: the client knows it.
            let is_unread = mutation
                .place
                .ends_with("upstream_dependencies[0].input_type");
            let is_fine = match outcome {
                Ok(_) if is_unread => true,
                // What has another type is refused, or kept as it came: in a union, or where anything may stand.
                Ok(after) if mutation.what == "wrong" => is_same(
                    &mutation.value,
                    after,
                    Leave {
                        defaults: true,
                        constants: true,
                        ..Leave::default()
                    },
                ),
                Ok(_) => true,
                Err(failure) => is_located(failure, &mutation.place),
            };
            findings.check(is_fine, || {
                format!(
                    "{} {} {}: {outcome:?}",
                    entry.name, mutation.place, mutation.what
                )
            });
        }
        // The sample of an answer that can be anything says so.
        let is_anything = answer.value.get("anything").is_some();
        findings.check(is_anything != outcomes.iter().any(Result::is_err), || {
            format!("{}: nothing is refused", entry.name)
        });
    }
    findings.none();
    Ok(())
}

fn reply(status: u16, content_type: &str, body: &str) -> Reply {
    Reply {
        status,
        content_type: content_type.to_owned(),
        body: body.into(),
    }
}

fn json_answer(value: &Value) -> Answer {
    Answer::new(StatusCode::OK, HeaderMap::new(), value.to_string())
}

/// The path is the place that was changed, or one that holds it.
fn is_located(failure: &Failure, place: &str) -> bool {
    let Some(path) = failure.json_path.as_deref().filter(|_| failure.is_decode) else {
        return false;
    };
    if path == "." {
        // Only what stands at the top is held by the whole itself.
        return !place.trim_start_matches('.').contains(['.', '[']) || place.starts_with('[');
    }
    let rest = place.strip_prefix(path);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
