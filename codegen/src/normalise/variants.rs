//! Gives each further media type of a body or an answer an operation of its own, beside the one that it is a variant of:
//! the caller chooses by method, and one that is added later renames nothing.
//!
//! Of media types that say the same, such as `text/json` beside `application/json`, the first is enough.

use super::Document;
use super::media_types::{answer_kind, body_form, chosen_answer, chosen_body, essence};
use crate::config::Config;
use crate::error::Result;
use crate::ir::{AnswerKind, BodyForm};
use crate::json::{Map, Value, json};
use crate::notes;
use crate::pointer::Pointer;
use crate::walk::{ANSWERS, VARIANT, method_name, methods, single};

/// The variants of one operation. More are a loss, as all others of its media types.
const MOST: usize = 8;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, config: &Config) -> Result<()> {
    let Some(Value::Object(paths)) = document.root.get_mut("paths") else {
        return Ok(());
    };
    let mut lost = Vec::new();
    for (path, item) in paths {
        let methods = methods(item);
        let Some(item) = item.as_object_mut() else {
            continue;
        };
        // What a description has at the places of later passes is not theirs.
        item.retain(|key, _| !key.starts_with(VARIANT));
        let mut variants = Map::new();
        for method in &methods {
            let Some(Value::Object(operation)) = item.get_mut(method) else {
                continue;
            };
            operation.remove(ANSWERS);
            if method == "head" {
                without_bodies(operation);
            }
            let place = Pointer::root().child("paths").child(path).child(method);
            lost.extend(
                say_ranges(operation)
                    .into_iter()
                    .map(|range| (place.clone(), range)),
            );
            let key = format!("{} {path}", method_name(method));
            if !config.responses.contains_key(&key) {
                of_answer(method, operation, &mut variants);
            }
            of_body(method, operation, &mut variants);
            ask_content_type(operation);
        }
        let all = variants.values_mut().filter_map(Value::as_object_mut);
        all.for_each(ask_content_type);
        item.extend(variants);
    }
    for (place, range) in lost {
        document.lose(
            place,
            range,
            "another media type beside it says what is sent or read",
        );
    }
    Ok(())
}

/// What is described of the answers' bodies is that of `GET`: no answer to `HEAD` has one.
fn without_bodies(operation: &mut Map) {
    let responses = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut);
    for response in responses.into_iter().flat_map(Map::values_mut) {
        if let Some(response) = response.as_object_mut() {
            response.remove("content");
        }
    }
}

/// The key of a variant, beside those of the methods.
fn key(method: &str, way: &str, media_type: &str) -> String {
    format!("{VARIANT}{method} {way} {media_type}")
}

/// Says of `*/*` what is meant, as later passes take from its schema what tells it. The result are those that give way to
/// what is described beside them.
fn say_ranges(operation: &mut Map) -> Vec<&'static str> {
    let mut lost = Vec::new();
    let responses = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut);
    let responses = responses.into_iter().flat_map(Map::values_mut);
    let answers: Vec<&mut Value> = responses.collect();
    for part in answers {
        lost.extend(say_range(part, answer_kind));
    }
    if let Some(body) = operation.get_mut("requestBody") {
        lost.extend(say_range(body, |media_type, entry| {
            match body_form(media_type, entry) {
                Some(BodyForm::Json) => AnswerKind::Json,
                Some(BodyForm::Text) => AnswerKind::Text,
                _ => AnswerKind::Bytes,
            }
        }));
    }
    lost
}

fn say_range(part: &mut Value, kind: impl Fn(&str, &Value) -> AnswerKind) -> Vec<&'static str> {
    let mut lost = Vec::new();
    let Some(content) = part.get_mut("content").and_then(Value::as_object_mut) else {
        return lost;
    };
    for range in ["*/*", "application/*"] {
        let Some(mut entry) = content.remove(range) else {
            continue;
        };
        let said = match kind(range, &entry) {
            AnswerKind::Json => "application/json",
            AnswerKind::Text => "text/*",
            _ => {
                entry = json!({});
                range
            }
        };
        match content.get(said) {
            Some(other) if bare(other) != bare(&entry) => lost.push(range),
            Some(_) => {}
            None => drop(content.insert(said.to_owned(), entry)),
        }
    }
    lost
}

/// A body of `image/*` has the media type that the caller says.
fn ask_content_type(operation: &mut Map) {
    let body = operation.get("requestBody").cloned().unwrap_or_default();
    let content = body["content"].as_object();
    let Some((media_type, BodyForm::Bytes)) = content.and_then(chosen_body) else {
        return;
    };
    if !super::media_types::sent_as(media_type, BodyForm::Bytes).contains('*') {
        return;
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.push(json!({
            "name": "Content-Type",
            "in": "header",
            "required": body["required"] == true,
            "description": format!("The media type of the body, such as one of `{media_type}`."),
            "schema": { "type": "string" },
        }));
    }
}

fn of_body(method: &str, operation: &mut Map, variants: &mut Map) {
    let Some(content) = operation
        .get_mut("requestBody")
        .and_then(|body| body.get_mut("content")?.as_object_mut())
    else {
        return;
    };
    let Some((chosen, form)) = chosen_body(content) else {
        return;
    };
    let chosen = chosen.to_owned();
    let mut said = vec![Said::of_body(form, &chosen, &content[&chosen])];
    let mut taken = Vec::new();
    for (media_type, entry) in content.iter() {
        let Some(form) = body_form(media_type, entry).filter(|_| said.len() <= MOST) else {
            continue;
        };
        // Of a range, there is no telling what the caller would send.
        let is_range = media_type.contains('*');
        let says = Said::of_body(form, media_type, entry);
        if media_type != chosen && !is_range && !said.contains(&says) {
            said.push(says);
            taken.push((media_type.to_owned(), entry.clone()));
        }
    }
    for (media_type, _) in &taken {
        content.remove(media_type);
    }
    for (media_type, entry) in taken {
        let mut variant = operation.clone();
        let mut body = variant["requestBody"].take();
        body["required"] = json!(true);
        body["content"] = single(media_type.clone(), entry);
        variant.insert("requestBody".to_owned(), body);
        variants.insert(key(method, "from", &media_type), Value::Object(variant));
    }
}

fn of_answer(method: &str, operation: &mut Map, variants: &mut Map) {
    let whole = operation.clone();
    let mut said = Vec::new();
    let responses = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut);
    for (status, response) in responses.into_iter().flatten() {
        let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else {
            continue;
        };
        let Some((chosen, kind)) = chosen_answer(content).filter(|_| status.starts_with('2'))
        else {
            continue;
        };
        let chosen = chosen.to_owned();
        let first = Said::of_answer(kind, &chosen, &content[&chosen]);
        let is_variant = |media_type: &str, entry: &Value| {
            let kind = answer_kind(media_type, entry);
            let says = Said::of_answer(kind, media_type, entry);
            let is_one_value = !matches!(kind, AnswerKind::Lines | AnswerKind::Events);
            // What is described by the schema of the JSON is the same, written otherwise.
            let is_same = says == first
                || is_one_value && entry["schema"].is_object() && bare(entry) == first.schema();
            (media_type != chosen && !media_type.contains('*') && !is_same).then_some(says)
        };
        let mut taken = Vec::new();
        for (media_type, entry) in content.iter() {
            if let Some(says) = is_variant(media_type, entry).filter(|_| said.len() < MOST)
                && !said.contains(&(media_type.to_owned(), says.clone()))
            {
                said.push((media_type.to_owned(), says));
                taken.push(media_type.to_owned());
            }
        }
        content.retain(|media_type, _| taken.iter().all(|taken| taken != media_type));
    }
    for (media_type, _) in said {
        let key = key(method, "as", &media_type);
        if !variants.contains_key(&key) {
            variants.insert(key, answering(whole.clone(), &media_type));
        }
    }
}

/// The operation with the answers of one media type, where they have it.
fn answering(mut operation: Map, media_type: &str) -> Value {
    if let Some(Value::Object(responses)) = operation.get_mut("responses") {
        // A success without it would not come.
        responses.retain(|status, response| {
            let content = response["content"].as_object();
            let has_it = content
                .is_none_or(|content| content.is_empty() || content.contains_key(media_type));
            has_it || !status.starts_with('2')
        });
        for response in responses.values_mut() {
            if let Some(Value::Object(content)) = response.get_mut("content")
                && content.contains_key(media_type)
            {
                content.retain(|key, _| key == media_type);
            }
        }
    }
    if let Some(Value::Object(content)) = operation
        .get_mut("requestBody")
        .and_then(|body| body.get_mut("content"))
        && let Some((chosen, _)) = chosen_body(content)
    {
        let chosen = chosen.to_owned();
        content.retain(|key, _| *key == chosen);
    }
    Value::Object(operation)
}

/// What a media type says, by which it is told from others.
#[derive(Clone, PartialEq)]
enum Said {
    /// A value of this schema, in this form.
    Value(BodyForm, String),
    /// Text or bytes of this media type.
    Raw(String),
}

impl Said {
    fn of_body(form: BodyForm, media_type: &str, entry: &Value) -> Self {
        match form {
            BodyForm::Text | BodyForm::Bytes => Self::Raw(essence(media_type)),
            form => Self::Value(form, bare(entry)),
        }
    }

    fn of_answer(kind: AnswerKind, media_type: &str, entry: &Value) -> Self {
        match kind {
            AnswerKind::Text | AnswerKind::Bytes => Self::Raw(essence(media_type)),
            AnswerKind::Json => Self::Value(BodyForm::Json, bare(entry)),
            AnswerKind::Lines => Self::Value(BodyForm::Text, bare(entry)),
            AnswerKind::Events => Self::Value(BodyForm::Bytes, bare(entry)),
            AnswerKind::Form => Self::Value(BodyForm::Form, bare(entry)),
        }
    }

    fn schema(&self) -> String {
        match self {
            Self::Value(_, schema) => schema.clone(),
            Self::Raw(_) => String::new(),
        }
    }
}

/// The schema as text, without notes.
fn bare(entry: &Value) -> String {
    notes::bare(&entry["schema"]).to_string()
}
