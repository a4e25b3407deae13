//! What a success of an operation says: by its status first, then by its media type.

use std::collections::BTreeMap;

use crate::ir::AnswerKind;
use crate::json::{Map, Value, json};
use crate::loss::Loss;
use crate::normalise::media_types::{
    chosen_answer, is_one, is_plain_json, is_visible, line, says_type, typed_text,
};
use crate::notes;
use crate::pointer::Pointer;
use crate::walk::{ANSWERS, single};

/// What is known about the answers of an operation.
pub(super) struct AnswerNote {
    /// How the first success with a body is read.
    pub(super) kind: AnswerKind,
    pub(super) may_be_empty: bool,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) accept: Option<String>,
    pub(super) headers: Vec<AnswerHeader>,
    pub(super) errors: BTreeMap<String, String>,
}

/// What one status of a success says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// `200`, or `2XX` for those that have none of their own.
    pub status: String,
    /// How the body is read, where there is one.
    pub kind: Option<AnswerKind>,
}

/// A success as it is read.
struct Success {
    status: String,
    kind: Option<AnswerKind>,
    media_type: String,
    content: Option<Value>,
}

/// Keeps the successes. The errors need no types: the client's error keeps whatever bytes came.
pub(super) fn settle(
    place: &Pointer,
    operation: &mut Map,
    forced: Option<AnswerKind>,
    losses: &mut Vec<Loss>,
) -> AnswerNote {
    let (successes, errors) = parted(operation);
    let headers = headers(&successes);
    let mut successes: Vec<Success> = successes
        .into_iter()
        .map(|(status, response)| {
            let place = place.child(&status).child("content");
            success(&place, status, &response, forced, losses)
        })
        .collect();
    let may_be_empty = successes.iter().any(|success| success.kind.is_none());
    // The first that has a body gives the type, where they do not differ.
    let first = successes.iter().position(|success| success.kind.is_some());
    let first = first.unwrap_or(0);
    let outcomes = outcomes(&successes);
    let mut responses = successes.iter_mut().map(|success| {
        let mut response = json!({ "description": "" });
        if let Some(content) = success.content.take() {
            response["content"] = content;
        }
        (success.status.clone(), response)
    });
    let mut responses: Vec<(String, Value)> = responses.by_ref().collect();
    let kept = if responses.is_empty() {
        ("200".to_owned(), json!({ "description": "" }))
    } else {
        responses.remove(first)
    };
    operation.insert(
        "responses".to_owned(),
        Value::Object([kept].into_iter().collect()),
    );
    if !outcomes.is_empty() {
        operation.insert(
            ANSWERS.to_owned(),
            Value::Object(responses.into_iter().collect()),
        );
    }
    let kept = successes.get(first);
    AnswerNote {
        kind: kept
            .and_then(|success| success.kind)
            .unwrap_or(AnswerKind::Json),
        may_be_empty,
        outcomes,
        accept: accept(kept, &successes),
        headers,
        errors,
    }
}

/// The successes, and the words of the others.
fn parted(operation: &mut Map) -> (Vec<(String, Value)>, BTreeMap<String, String>) {
    let all = match operation.remove("responses") {
        Some(Value::Object(responses)) => responses,
        _ => Map::new(),
    };
    let (mut successes, mut others): (Vec<_>, Vec<_>) = all
        .into_iter()
        .map(|(status, response)| (status.into_owned(), response))
        .filter(|(status, _)| !status.starts_with("x-"))
        .partition(|(status, _)| status.starts_with('2'));
    // Without a success of its own, what is said of all others is said of a success too.
    if successes.is_empty()
        && let Some(index) = others.iter().position(|(status, _)| status == "default")
    {
        successes.push(others.remove(index));
    }
    let errors = others.into_iter().map(|(status, response)| {
        let words = response["description"].as_str().unwrap_or_default();
        (status, words.to_owned())
    });
    (successes, errors.collect())
}

/// A header of a success.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerHeader {
    /// Its name.
    pub name: String,
    /// The type of its text, as a schema.
    pub schema: Value,
    /// Whether each success has it.
    pub required: bool,
    /// Whether the description calls it deprecated.
    pub deprecated: bool,
    /// What the description says of it.
    pub description: String,
}

/// The headers, but for that which says what the body is.
fn headers(successes: &[(String, Value)]) -> Vec<AnswerHeader> {
    let mut found: BTreeMap<String, (AnswerHeader, usize)> = BTreeMap::new();
    for (_, response) in successes {
        for (name, header) in response["headers"].entries() {
            let key = name.to_ascii_lowercase();
            if key == "content-type" || !is_name(name) {
                continue;
            }
            let header = AnswerHeader {
                name: name.to_owned(),
                schema: header["schema"].clone(),
                required: header["required"] == true,
                deprecated: header["deprecated"] == true,
                description: text(header),
            };
            let (known, count) = found.entry(key).or_insert((header.clone(), 0));
            *count += 1;
            known.required &= header.required;
            if known.schema != header.schema {
                known.schema = json!({ "type": "string" });
            }
        }
    }
    let headers = found.into_values().map(|(header, count)| AnswerHeader {
        required: header.required && count == successes.len(),
        ..header
    });
    headers.collect()
}

/// Whether a header can have the name.
fn is_name(name: &str) -> bool {
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(may_stand)
}

fn text(part: &Value) -> String {
    part["description"].as_str().unwrap_or_default().to_owned()
}

fn success(
    place: &Pointer,
    status: String,
    response: &Value,
    forced: Option<AnswerKind>,
    losses: &mut Vec<Loss>,
) -> Success {
    let raw = json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } });
    if let Some(kind) = forced.filter(|kind| *kind != AnswerKind::Json) {
        return Success {
            status,
            kind: Some(kind),
            media_type: String::new(),
            content: Some(raw),
        };
    }
    let content = response["content"].as_object();
    let chosen = content.and_then(|content| Some((content, chosen_answer(content)?)));
    let Some((content, (media_type, kind))) = chosen else {
        return Success {
            status,
            kind: None,
            media_type: String::new(),
            content: None,
        };
    };
    for other in content.keys().filter(|key| *key != media_type) {
        losses.push(Loss {
            pointer: place.child(other),
            what: format!("the answer as {other}"),
            why: format!("it is read as {media_type}"),
        });
    }
    let entry = &content[media_type];
    let read = match kind {
        AnswerKind::Json => read_as("application/json", schema(entry)),
        AnswerKind::Lines => read_as(media_type, line(entry)),
        AnswerKind::Events => read_as(media_type, schema(entry)),
        AnswerKind::Form => {
            if entry["encoding"]
                .as_object()
                .is_some_and(|said| !said.is_empty())
            {
                losses.push(Loss {
                    pointer: place.child(media_type).child("encoding"),
                    what: "the encoding".to_owned(),
                    why: "a form that is answered is read as one of HTML".to_owned(),
                });
            }
            read_as(media_type, schema(entry))
        }
        AnswerKind::Text if typed_text(entry).is_some() => read_as(media_type, schema(entry)),
        AnswerKind::Text | AnswerKind::Bytes => {
            if says_type(entry) || entry["itemSchema"].is_object() {
                losses.push(Loss {
                    pointer: place.child(media_type).child("schema"),
                    what: "the type".to_owned(),
                    why: format!("{media_type} is read as it is"),
                });
            }
            raw
        }
    };
    Success {
        status,
        kind: Some(kind),
        media_type: media_type.to_owned(),
        content: Some(read),
    }
}

fn read_as(media_type: &str, schema: Value) -> Value {
    single(media_type, single("schema", schema))
}

fn schema(entry: &Value) -> Value {
    let schema = entry.get("schema").filter(|schema| schema.is_object());
    schema.cloned().unwrap_or_else(|| json!({}))
}

/// What each status says, where two that have a body differ.
fn outcomes(successes: &[Success]) -> Vec<Outcome> {
    let mut with_body = successes.iter().filter(|success| success.kind.is_some());
    let says = |success: &Success| (success.kind, success.content.as_ref().map(notes::bare));
    let Some(first) = with_body.next().map(says) else {
        return Vec::new();
    };
    if with_body.all(|other| says(other) == first) {
        return Vec::new();
    }
    let outcomes = successes.iter().map(|success| Outcome {
        status: success.status.clone(),
        kind: success.kind,
    });
    outcomes.collect()
}

/// Every call asks for JSON, and takes what comes. What is described as something else is asked for, with what other
/// statuses have.
fn accept(first: Option<&Success>, successes: &[Success]) -> Option<String> {
    let mut asked: Vec<&str> = Vec::new();
    for success in first.into_iter().chain(successes) {
        let media_type = success.media_type.as_str();
        if is_one(media_type) && is_visible(media_type) && !asked.contains(&media_type) {
            asked.push(media_type);
        }
    }
    (!asked.iter().all(|asked| is_plain_json(asked))).then(|| asked.join(", "))
}
