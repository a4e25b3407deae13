//! The cases of an operation, and the answers that it can be given.

use serde_json::{Map, Value, json};

use crate::{AnswerKind, Case, Entry, Reply, Sampler, Sent, Twist};

/// Text that must be encoded in a path or a query.
const AWKWARD: &str = "a/b c%2F+?\u{fc}\u{4e2d}&=#\"'";

/// How many of the branches of unions are tried; more than any union has.
const BRANCHES: usize = 24;

/// An answer, and the value that it holds.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Which of the operation's answers it is.
    pub name: String,
    /// The value; null, where there is none.
    pub value: Value,
    /// The answer itself.
    pub reply: Reply,
}

/// What an operation is called with: everything first, then the least, every branch of every union, nulls, and awkward
/// text.
#[must_use]
pub fn cases(document: &Value, entry: &Entry) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for (name, sampler) in samplers(document, &[Twist::Nulls, Twist::TellingNulls]) {
        add(&mut cases, name, sent(entry, &sampler, document, None));
    }
    let sampler = Sampler::new(document);
    let awkward = sent(entry, &sampler, document, Some(AWKWARD));
    add(&mut cases, "awkward".to_owned(), awkward);
    cases
}

/// The answers of a success: everything first, then the least, every branch of every union, and every twist.
#[must_use]
pub fn answers(document: &Value, entry: &Entry) -> Vec<Answered> {
    let twists = [
        Twist::Nulls,
        Twist::NewTexts,
        Twist::NewConstants,
        Twist::NewFields,
    ];
    let mut answers: Vec<Answered> = Vec::new();
    for (name, sampler) in samplers(document, &twists) {
        let answer = answered(name, entry, &sampler, document);
        if answers.iter().all(|known| known.value != answer.value) {
            answers.push(answer);
        }
    }
    answers
}

fn samplers<'d>(document: &'d Value, twists: &[Twist]) -> Vec<(String, Sampler<'d>)> {
    let most = Sampler::new(document);
    let least = Sampler {
        everything: false,
        ..most
    };
    let mut samplers = vec![("most".to_owned(), most), ("least".to_owned(), least)];
    samplers.extend(
        (1..BRANCHES).map(|branch| (format!("branch {branch}"), Sampler { branch, ..most })),
    );
    samplers.extend(twists.iter().map(|twist| {
        (
            format!("{twist:?}"),
            Sampler {
                twist: *twist,
                ..most
            },
        )
    }));
    samplers
}

fn add(cases: &mut Vec<Case>, name: String, sent: Sent) {
    if cases.iter().all(|known| known.sent != sent) {
        cases.push(Case { name, sent });
    }
}

fn sent<'d>(
    entry: &Entry,
    sampler: &Sampler<'d>,
    document: &'d Value,
    awkward: Option<&str>,
) -> Sent {
    let operation = document.pointer(entry.pointer).unwrap_or(&Value::Null);
    let mut sent = Sent::default();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let is_ours = entry
            .client_headers
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name));
        if is_ours || !(sampler.everything || parameter["required"] == true) {
            continue;
        }
        let (values, is_text) = match parameter["in"].as_str() {
            Some("path") => (&mut sent.path, true),
            Some("query") => (&mut sent.query, true),
            _ => (&mut sent.header, false),
        };
        add_parameter(
            values,
            name,
            &parameter["schema"],
            sampler,
            awkward.filter(|_| is_text),
        );
    }
    let body = &operation["requestBody"]["content"]["application/json"];
    sent.body = body.get("schema").and_then(|schema| sampler.sample(schema));
    sent
}

/// A parameter has no null: what may be null is left out.
fn add_parameter<'d>(
    values: &mut Map<String, Value>,
    name: &str,
    schema: &'d Value,
    sampler: &Sampler<'d>,
    awkward: Option<&str>,
) {
    let Some(value) = sampler.sample(schema).filter(|value| !value.is_null()) else {
        return;
    };
    let is_free = schema["type"] == "string" && schema.get("format").is_none()
        || schema["anyOf"]
            .as_array()
            .is_some_and(|all| all.contains(&json!({ "type": "string" })));
    let value = match awkward.filter(|_| is_free) {
        Some(text) => json!(text),
        None if is_free && value.is_string() => json!("plain-text"),
        None => value,
    };
    values.insert(name.to_owned(), value);
}

fn answered<'d>(
    name: String,
    entry: &Entry,
    sampler: &Sampler<'d>,
    document: &'d Value,
) -> Answered {
    let responses = document
        .pointer(entry.pointer)
        .map_or(&Value::Null, |operation| &operation["responses"]);
    let success = responses
        .as_object()
        .and_then(|all| all.iter().find(|(status, _)| status.starts_with('2')));
    let (status, response) = success.map_or(("200", &Value::Null), |(status, response)| {
        (status.as_str(), response)
    });
    let schema = response["content"]["application/json"].get("schema");
    let value = match entry.answer {
        AnswerKind::Nothing => Value::Null,
        AnswerKind::Text | AnswerKind::Bytes => json!("level,message\ninfo,\u{fc}\n"),
        AnswerKind::Json => schema
            .and_then(|schema| sampler.sample(schema))
            .unwrap_or(Value::Null),
    };
    let (content_type, body) = match (entry.answer, &value) {
        (AnswerKind::Text | AnswerKind::Bytes, Value::String(text)) => {
            ("text/csv; charset=utf-8", text.clone().into_bytes())
        }
        (AnswerKind::Nothing, _) => ("application/json", Vec::new()),
        (_, value) => ("application/json", value.to_string().into_bytes()),
    };
    let reply = Reply {
        status: status.parse().unwrap_or(200),
        content_type: content_type.to_owned(),
        body,
    };
    Answered { name, value, reply }
}
