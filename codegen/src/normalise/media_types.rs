//! What a media type says about how its content is written and read.

use crate::ir::{AnswerKind, BodyForm};
use crate::json::{Map, Value, json};

/// The media type without its parameters, in lower case.
pub(super) fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

pub(super) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    let is_one = essence == "application/json" || essence == "text/json";
    is_one || essence.ends_with("+json") && !is_lines(&essence)
}

/// An object whose properties are parts, or a list whose items are: a form with files, or as `multipart/mixed`.
pub(super) fn has_parts(media_type: &str) -> bool {
    matches!(
        essence(media_type).as_str(),
        "multipart/form-data" | "multipart/mixed" | "multipart/related"
    )
}

/// Whether a schema can be that of an object or a list, as far as it says it itself.
fn may_be_parts(entry: &Value) -> bool {
    entry["schema"]["type"]
        .as_str()
        .is_none_or(|kind| kind == "object" || kind == "array")
}

/// Whether a schema says what one value is, and that it is no text.
fn has_values(entry: &Value) -> bool {
    let schema = entry["schema"].as_object();
    schema.is_some_and(|schema| {
        schema.contains_key("type") || schema.contains_key("$ref") || says_parts(schema)
    }) && entry["schema"]["type"] != "string"
}

/// Whether a schema says more of a text than that it is one.
pub(super) fn says_type(entry: &Value) -> bool {
    let schema = entry["schema"].entries();
    let mut keys = schema.filter(|(key, _)| !key.starts_with("x-") && *key != "nullable");
    keys.any(|(key, value)| {
        let is_text = key == "type" && value == "string" || key == "format" && value == "binary";
        !is_text
    })
}

/// Whether a schema is made of others.
fn says_parts(schema: &Map) -> bool {
    let keys = ["allOf", "anyOf", "oneOf", "properties", "items"];
    keys.iter().any(|key| schema.contains_key(key))
}

/// What is on a line. Some descriptions speak of all lines, as a list.
pub(super) fn line(entry: &Value) -> Value {
    let schema = entry.get("schema").filter(|schema| schema.is_object());
    match schema.and_then(|schema| schema.get("items")) {
        Some(items) if entry["schema"]["type"] == "array" => items.clone(),
        _ => schema.cloned().unwrap_or_else(|| json!({})),
    }
}

/// XML and YAML are text that the caller writes and reads, and so is a form of which nothing is described.
fn is_text(media_type: &str) -> bool {
    const TEXTS: &[&str] = &[
        "application/x-www-form-urlencoded",
        "application/x-yaml",
        "application/xml",
        "application/yaml",
    ];
    let essence = essence(media_type);
    essence.starts_with("text/")
        || TEXTS.contains(&essence.as_str())
        || essence.ends_with("+xml")
        || essence.ends_with("+yaml")
}

/// What an entry of plain text says of the one value that it is: `json` of numbers and flags, which are written as JSON has
/// them, `text` of what is written as a text and has a type of its own; `pairs` of a form whose values have types of their own.
pub(super) const PLAIN: &str = "x-diptych-plain";

pub(super) fn is_plain_text(media_type: &str) -> bool {
    essence(media_type) == "text/plain"
}

/// Numbers and flags, which plain text writes as JSON does where its encoding is that of JSON.
fn is_plain_value(media_type: &str, entry: &Value) -> bool {
    let lower = media_type.to_ascii_lowercase();
    let charset = lower.split_once("charset=").map(|(_, charset)| charset);
    let is_as_json = charset.is_none_or(|charset| {
        let charset = charset.trim_start_matches('"');
        charset.starts_with("utf-8") || charset.starts_with("us-ascii")
    });
    is_as_json && entry[PLAIN] == "json"
}

/// The schema of a plain text with a type of its own.
pub(super) fn typed_text(entry: &Value) -> Option<&Value> {
    (entry[PLAIN] == "text").then_some(&entry["schema"])
}

/// Names and values, as a form of HTML without files has them.
pub(super) fn is_form(media_type: &str) -> bool {
    essence(media_type) == "application/x-www-form-urlencoded"
}

/// One JSON value after the other.
pub(super) fn is_lines(media_type: &str) -> bool {
    const LINES: &[&str] = &[
        "application/json-lines",
        "application/json-seq",
        "application/jsonl",
        "application/jsonlines",
        "application/ndjson",
        "application/stream+json",
        "application/x-json-stream",
        "application/x-jsonlines",
        "application/x-ldjson",
        "application/x-ndjson",
    ];
    let essence = essence(media_type);
    LINES.contains(&essence.as_str()) || essence.ends_with("+json-seq")
}

/// Events of the server, each with data of its own.
pub(super) fn is_events(media_type: &str) -> bool {
    essence(media_type) == "text/event-stream"
}

/// Of a range of media types, the schema says what is meant: many frameworks describe JSON as `*/*`.
fn is_range(media_type: &str) -> bool {
    matches!(essence(media_type).as_str(), "*/*" | "application/*")
}

/// What the schema of a range says of its content.
enum Meant {
    Json,
    Text,
    Bytes,
}

fn meant(entry: &Value) -> Meant {
    let schema = &entry["schema"];
    let says = |key: &str| schema.get(key).is_some();
    let is_kept = schema.as_object().is_some_and(|schema| {
        let mut keys = schema.keys();
        keys.any(|key| !key.starts_with("x-"))
    });
    match schema["type"].as_str() {
        _ if schema["format"] == "binary" || says("contentMediaType") => Meant::Bytes,
        Some("string") => Meant::Text,
        _ if is_kept => Meant::Json,
        _ => Meant::Bytes,
    }
}

/// How a body of this media type is written, where it can be.
pub(super) fn body_form(media_type: &str, entry: &Value) -> Option<BodyForm> {
    match essence(media_type).as_str() {
        _ if !is_visible(media_type) => None,
        _ if is_json(media_type) || is_plain_value(media_type, entry) => Some(BodyForm::Json),
        _ if is_range(media_type) => Some(match meant(entry) {
            Meant::Json => BodyForm::Json,
            Meant::Text => BodyForm::Text,
            Meant::Bytes => BodyForm::Bytes,
        }),
        // A form that is described as a text is one that the caller writes.
        "application/x-www-form-urlencoded" if entry["schema"]["type"] == "string" => {
            Some(BodyForm::Text)
        }
        "application/x-www-form-urlencoded" => Some(BodyForm::Form),
        "multipart/form-data" => Some(BodyForm::Multipart),
        "multipart/mixed" | "multipart/related" if may_be_parts(entry) => Some(BodyForm::Multipart),
        essence if essence.starts_with("multipart/") => None,
        // What is described as one text, or not at all, is not cut into values.
        _ if is_lines(media_type) && has_values(entry) => Some(BodyForm::Lines),
        _ if is_text(media_type) => Some(BodyForm::Text),
        _ => Some(BodyForm::Bytes),
    }
}

/// How an answer of this media type is read.
pub(super) fn answer_kind(media_type: &str, entry: &Value) -> AnswerKind {
    if is_json(media_type) || is_plain_value(media_type, entry) {
        AnswerKind::Json
    } else if is_range(media_type) {
        match meant(entry) {
            Meant::Json => AnswerKind::Json,
            Meant::Text => AnswerKind::Text,
            Meant::Bytes => AnswerKind::Bytes,
        }
    } else if is_lines(media_type) {
        AnswerKind::Lines
    } else if is_events(media_type) {
        AnswerKind::Events
    } else if is_form(media_type) && entry[PLAIN] == "pairs" {
        AnswerKind::Form
    } else if is_text(media_type) {
        AnswerKind::Text
    } else {
        AnswerKind::Bytes
    }
}

/// The media type that a body is sent as: JSON before forms, those with files before those without, before text, before
/// bytes.
pub(super) fn chosen_body(content: &Map) -> Option<(&str, BodyForm)> {
    let forms = content
        .iter()
        .filter_map(|(key, entry)| Some((key, body_form(key, entry)?)));
    forms.min_by_key(|(key, form)| match form {
        BodyForm::Json if is_plain_json(key) => 0,
        BodyForm::Json => 1,
        BodyForm::Multipart => 2,
        BodyForm::Form => 3,
        BodyForm::Lines => 4,
        BodyForm::Text => 5,
        BodyForm::Bytes => 6,
    })
}

/// JSON under its own name, as every call asks for it. Another version of it is told by a parameter.
pub(super) fn is_plain_json(media_type: &str) -> bool {
    let mut parameters = media_type.split(';').skip(1).map(str::trim);
    let says_nothing = |parameter: &str| {
        parameter.is_empty() || parameter.to_ascii_lowercase().starts_with("charset=")
    };
    essence(media_type) == "application/json" && parameters.all(says_nothing)
}

/// Whether a header can say the text.
pub(super) fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// The media type that an answer is read as: plain JSON, or other JSON, or else the first.
pub(super) fn chosen_answer(content: &Map) -> Option<(&str, AnswerKind)> {
    let mut kinds = content
        .iter()
        .map(|(key, entry)| (key, answer_kind(key, entry)));
    let plain = kinds.clone().find(|(key, _)| is_plain_json(key));
    let json = || kinds.clone().find(|(_, kind)| *kind == AnswerKind::Json);
    plain.or_else(json).or_else(|| kinds.next())
}

/// Whether this is one media type, and neither a list nor a range of them.
pub(super) fn is_one(media_type: &str) -> bool {
    media_type.contains('/') && !media_type.contains(['*', ','])
}

/// What the header says: of a range of media types, the plainest one of it. Of what is left, such as `image/*`, the caller
/// says one.
pub(super) fn sent_as(media_type: &str, form: BodyForm) -> &str {
    match form {
        _ if !media_type.contains('*') => media_type,
        BodyForm::Json => "application/json",
        BodyForm::Text => "text/plain",
        _ if is_range(media_type) => "application/octet-stream",
        _ => media_type,
    }
}

/// What a method is called after that sends or reads this media type: `csv`, `vnd.acme`.
pub(super) fn word(media_type: &str) -> String {
    let essence = essence(media_type);
    let (_, parameters) = media_type.split_once(';').unwrap_or_default();
    let (kind, subtype) = essence.split_once('/').unwrap_or(("", &essence));
    let word = match subtype {
        "*" if kind == "*" => "anything",
        "*" => kind,
        "plain" => "text",
        "octet-stream" => "bytes",
        "x-www-form-urlencoded" => "form",
        "form-data" => "multipart",
        other => {
            let other = other.strip_prefix("x-").unwrap_or(other);
            other.strip_suffix("+json").unwrap_or(other)
        }
    };
    format!("{word} {parameters}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::json::{Value, json};

    use super::{answer_kind, body_form, chosen_answer, chosen_body, is_plain_json, sent_as, word};
    use crate::ir::{AnswerKind, BodyForm};

    #[test]
    fn the_media_type_says_how_a_body_is_written() {
        let form = |media_type| body_form(media_type, &Value::Null);
        for json in [
            "application/json",
            "Application/Merge-Patch+JSON",
            "application/json; charset=utf-8",
        ] {
            assert_eq!(form(json), Some(BodyForm::Json), "{json}");
        }
        assert_eq!(
            form("application/x-www-form-urlencoded"),
            Some(BodyForm::Form)
        );
        assert_eq!(form("text/csv"), Some(BodyForm::Text));
        assert_eq!(form("image/svg+xml"), Some(BodyForm::Text));
        assert_eq!(form("image/*"), Some(BodyForm::Bytes));
        assert_eq!(form("multipart/form-data"), Some(BodyForm::Multipart));
        assert_eq!(form("multipart/mixed"), Some(BodyForm::Multipart));
        assert_eq!(form("multipart/related"), Some(BodyForm::Multipart));
        assert_eq!(form("multipart/byteranges"), None);
        let list = json!({ "schema": { "type": "array", "items": {} } });
        assert_eq!(
            body_form("multipart/mixed", &list),
            Some(BodyForm::Multipart)
        );
        let text = json!({ "schema": { "type": "string" } });
        assert_eq!(body_form("multipart/mixed", &text), None);
        assert_eq!(form("text/pl\näin"), None);
    }

    #[test]
    fn the_schema_says_what_a_range_means() {
        let object = json!({ "schema": { "$ref": "#/components/schemas/Pet" } });
        let text = json!({ "schema": { "type": "string" } });
        let binary = json!({ "schema": { "type": "string", "format": "binary" } });
        let form = |entry| body_form("*/*", entry);
        assert_eq!(form(&object), Some(BodyForm::Json));
        assert_eq!(form(&text), Some(BodyForm::Text));
        assert_eq!(form(&binary), Some(BodyForm::Bytes));
        assert_eq!(form(&json!({})), Some(BodyForm::Bytes));
        assert_eq!(answer_kind("application/*", &object), AnswerKind::Json);
        assert_eq!(answer_kind("*/*", &text), AnswerKind::Text);
        assert_eq!(answer_kind("image/*", &object), AnswerKind::Bytes);
        assert_eq!(
            answer_kind("application/x-ndjson", &object),
            AnswerKind::Lines
        );
        assert_eq!(sent_as("*/*", BodyForm::Bytes), "application/octet-stream");
        assert_eq!(sent_as("*/*", BodyForm::Json), "application/json");
        assert_eq!(sent_as("text/csv", BodyForm::Text), "text/csv");
        assert_eq!(sent_as("image/*", BodyForm::Bytes), "image/*");
    }

    #[test]
    fn json_goes_before_the_others() {
        let content = json!({ "application/octet-stream": {}, "application/vnd.api+json": {}, "text/plain": {} });
        let chosen = chosen_body(content.as_object().unwrap());
        assert_eq!(chosen, Some(("application/vnd.api+json", BodyForm::Json)));
        let content = json!({ "application/hal+json": {}, "application/json; charset=utf-8": {}, "application/json;v=2": {} });
        let content = content.as_object().unwrap();
        let plain = "application/json; charset=utf-8";
        assert_eq!(chosen_body(content), Some((plain, BodyForm::Json)));
        assert_eq!(chosen_answer(content), Some((plain, AnswerKind::Json)));
    }

    #[test]
    fn a_parameter_makes_another_media_type_but_for_the_charset() {
        assert!(is_plain_json("application/json"));
        assert!(is_plain_json("application/json; charset=utf-8"));
        for other in [
            "application/json;version=2",
            "application/json; charset=utf-8; v=1",
            "text/json",
        ] {
            assert!(!is_plain_json(other), "{other}");
        }
    }

    #[test]
    fn media_types_have_words() {
        assert_eq!(word("text/csv"), "csv");
        assert_eq!(word("application/octet-stream"), "bytes");
        assert_eq!(word("application/x-ndjson"), "ndjson");
        assert_eq!(word("application/vnd.acme+json"), "vnd.acme");
        assert_eq!(word("image/*"), "image");
        assert_eq!(word("application/json;version=2"), "json version=2");
    }
}
