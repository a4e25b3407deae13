//! What a media type says about how its content is written and read.

use serde_json::{Map, Value};

use crate::ir::BodyForm;

/// The media type without its parameters, in lower case.
fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

pub(super) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}

/// A form with files.
pub(super) fn is_multipart_form(media_type: &str) -> bool {
    body_form(media_type) == Some(BodyForm::Multipart)
}

/// XML is text that the caller writes and reads.
pub(super) fn is_text(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence.starts_with("text/") || essence == "application/xml" || essence.ends_with("+xml")
}

/// How a body of this media type is written, where it can be.
pub(super) fn body_form(media_type: &str) -> Option<BodyForm> {
    let is_visible = media_type.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    match essence(media_type).as_str() {
        _ if !is_visible => None,
        _ if is_json(media_type) => Some(BodyForm::Json),
        "application/x-www-form-urlencoded" => Some(BodyForm::Form),
        "multipart/form-data" => Some(BodyForm::Multipart),
        essence if essence.starts_with("multipart/") => None,
        _ if is_text(media_type) => Some(BodyForm::Text),
        _ => Some(BodyForm::Bytes),
    }
}

/// The media type that a body is sent as: JSON before forms, those with files before those without, before text, before
/// bytes.
pub(super) fn chosen_body(content: &Map<String, Value>) -> Option<(&str, BodyForm)> {
    let forms = content
        .keys()
        .filter_map(|key| Some((key.as_str(), body_form(key)?)));
    forms.min_by_key(|(_, form)| match form {
        BodyForm::Json => 0,
        BodyForm::Multipart => 1,
        BodyForm::Form => 2,
        BodyForm::Text => 3,
        BodyForm::Bytes => 4,
    })
}

/// Whether this is one media type, and neither a list nor a range of them.
pub(super) fn is_one(media_type: &str) -> bool {
    media_type.contains('/') && !media_type.contains(['*', ','])
}

/// What the header says: of a range of media types, the plainest one of it.
pub(super) fn sent_as(media_type: &str) -> &str {
    match essence(media_type).as_str() {
        "*/*" | "application/*" => "application/octet-stream",
        "text/*" => "text/plain",
        _ => media_type,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{body_form, chosen_body, sent_as};
    use crate::ir::BodyForm;

    #[test]
    fn the_media_type_says_how_a_body_is_written() {
        for json in [
            "application/json",
            "Application/Merge-Patch+JSON",
            "application/json; charset=utf-8",
        ] {
            assert_eq!(body_form(json), Some(BodyForm::Json), "{json}");
        }
        assert_eq!(
            body_form("application/x-www-form-urlencoded"),
            Some(BodyForm::Form)
        );
        assert_eq!(body_form("text/csv"), Some(BodyForm::Text));
        assert_eq!(body_form("image/svg+xml"), Some(BodyForm::Text));
        assert_eq!(body_form("image/*"), Some(BodyForm::Bytes));
        assert_eq!(body_form("multipart/form-data"), Some(BodyForm::Multipart));
        assert_eq!(body_form("multipart/mixed"), None);
        assert_eq!(body_form("text/pl\näin"), None);
        assert_eq!(sent_as("*/*"), "application/octet-stream");
        assert_eq!(sent_as("text/csv"), "text/csv");
    }

    #[test]
    fn json_goes_before_the_others() {
        let content = json!({ "application/octet-stream": {}, "application/vnd.api+json": {}, "text/plain": {} });
        let chosen = chosen_body(content.as_object().unwrap());
        assert_eq!(chosen, Some(("application/vnd.api+json", BodyForm::Json)));
    }
}
