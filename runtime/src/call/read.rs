//! How the body of a successful answer is read.

use bytes::Bytes;
use http::HeaderMap;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_json::de::Read;

use super::answer::Answer;
pub use super::form::{form, form_or_nothing};
use super::read_error::ReadError;
use super::{charset, depth, list, whole};
use crate::model::object::time;
use crate::model::{EventParts, ServerEvent};

/// Reads a JSON body. A time may leave its zone away, and is in UTC then. What nests deeper than 127 levels is read as a text, its JSON; `1.0` is read where a whole number is
/// meant, and an empty body where null may stand.
///
/// # Errors
/// The body is not JSON, or does not have the form of `T`.
pub fn json<T: DeserializeOwned + 'static>(answer: &Answer) -> Result<T, ReadError> {
    parsed(
        answer,
        |bytes| whole_of(serde_json::Deserializer::from_slice(bytes)),
        |text| whole_of(serde_json::Deserializer::from_str(text)),
    )
}

fn whole_of<'de, R: Read<'de>, T: DeserializeOwned + 'static>(
    mut json: serde_json::Deserializer<R>,
) -> serde_json::Result<T> {
    let value = time::read(&mut json)?;
    json.end()?;
    Ok(value)
}

/// Reads a JSON body that is a list, as [`json`] does, in one piece of memory.
///
/// # Errors
/// As of [`json`].
pub fn list<T: DeserializeOwned + 'static>(answer: &Answer) -> Result<Vec<T>, ReadError> {
    parsed(
        answer,
        |bytes| {
            list::read(
                &mut serde_json::Deserializer::from_slice(bytes),
                bytes.len(),
            )
        },
        |text| list::read(&mut serde_json::Deserializer::from_str(text), text.len()),
    )
}

/// What some servers put before a text in UTF-8. JSON should not have it, and who reads it may pass over it (RFC 8259,
/// section 8.1).
pub(super) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads a body with these parsers, of which that of texts is quicker.
fn parsed<T>(
    answer: &Answer,
    of_bytes: fn(&[u8]) -> serde_json::Result<T>,
    of_text: fn(&str) -> serde_json::Result<T>,
) -> Result<T, ReadError> {
    // Of a text, serde_json need not look at each string in it once more.
    let body = answer.body();
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let Ok(text) = std::str::from_utf8(body) else {
        let read = of_bytes(body);
        return read.map_err(|error| ReadError::json(answer, body, error));
    };
    let error = match of_text(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    // Some servers write nothing where null is meant.
    if text.trim_ascii().is_empty()
        && let Ok(null) = of_text("null")
    {
        return Ok(null);
    }
    match readable(text, &error) {
        None => Err(ReadError::json(answer, body, error)),
        Some(text) => {
            let read = of_text(&text);
            read.map_err(|error| ReadError::json(answer, text.as_bytes(), error))
        }
    }
}

/// What can be read in place of a text that could not, where something can.
fn readable(text: &str, error: &serde_json::Error) -> Option<String> {
    if depth::is_cause(error) {
        let shortened = depth::shortened(text)?;
        tracing::warn!("an answer nests so deep that what is deepest is read as a text");
        return Some(shortened);
    }
    if whole::is_cause(error) {
        return whole::rewritten(text);
    }
    None
}

/// Passes over the body.
///
/// # Errors
/// None: the type is that of the other readers.
pub fn nothing(_answer: &Answer) -> Result<(), ReadError> {
    Ok(())
}

/// Reads a text, in UTF-8 where its media type says nothing else.
///
/// # Errors
/// The body is not in the encoding that its media type says.
pub fn text(answer: &Answer) -> Result<String, ReadError> {
    charset::text(answer)
}

/// Reads the JSON of each line; a record separator before it, as of `application/json-seq`, and empty lines are passed over.
///
/// # Errors
/// A line is not JSON, or does not have the form of `T`.
pub fn lines<T: DeserializeOwned + 'static>(answer: &Answer) -> Result<Vec<T>, ReadError> {
    let pieces = pieces(answer.body());
    let is_one = pieces.len() == 1;
    let values = pieces
        .into_iter()
        .map(|(index, piece)| part(answer, piece.to_vec(), (!is_one).then_some(("line", index))));
    values.collect()
}

/// Reads the events of the server, whose data is JSON. What ends with `[DONE]`, as many do, says no more by it. Data of a kind
/// of event that is not known yet may be a text, where `T` takes one.
///
/// # Errors
/// The data of an event is not JSON and no text that `T` takes, or does not have the form of `T`.
pub fn events<T: DeserializeOwned + 'static>(
    answer: &Answer,
) -> Result<Vec<ServerEvent<T>>, ReadError> {
    let events = EventParts::all_of(&text(answer)?);
    let is_one = events.len() == 1;
    let events = events.into_iter().filter(|event| event.data != "[DONE]");
    let events = events.enumerate().map(|(index, event)| {
        event.with(|data| {
            let data = Bytes::from(data);
            let place = (!is_one).then_some(("event", index));
            part(answer, data.clone(), place).or_else(|error| of_text(&data).ok_or(error))
        })
    });
    events.collect()
}

/// A text that is no JSON, as a value.
fn of_text<T: DeserializeOwned>(data: &[u8]) -> Option<T> {
    if serde_json::from_slice::<IgnoredAny>(data).is_ok() {
        return None;
    }
    let text = std::str::from_utf8(data).ok()?;
    serde_json::from_value(Value::from(text)).ok()
}

/// Reads the JSON of a part of an answer, which an error names where it is not the only one.
fn part<T: DeserializeOwned + 'static>(
    answer: &Answer,
    part: impl Into<Bytes>,
    place: Option<(&str, usize)>,
) -> Result<T, ReadError> {
    let part = Answer::new(answer.status(), HeaderMap::new(), part);
    json(&part).map_err(|error| match place {
        Some((word, index)) => error.in_part(word, index),
        None => error,
    })
}

/// Reads the events of the server, whose data is text.
///
/// # Errors
/// The body is no text.
pub fn text_events(answer: &Answer) -> Result<Vec<ServerEvent<String>>, ReadError> {
    Ok(EventParts::all_of(&text(answer)?))
}

/// The lines that are not empty, with their numbers; or the records, which may go over several lines.
fn pieces(body: &[u8]) -> Vec<(usize, &[u8])> {
    if !body.contains(&RECORD) {
        let lines = by_line(body).enumerate();
        return lines.filter(|(_, line)| !line.is_empty()).collect();
    }
    let mut records: Vec<&[u8]> = Vec::new();
    for record in body.split(|byte| *byte == RECORD) {
        if serde_json::from_slice::<IgnoredAny>(record).is_ok() {
            records.push(record.trim_ascii());
        } else {
            // What follows without a separator is on lines of its own.
            records.extend(by_line(record).filter(|line| !line.is_empty()));
        }
    }
    records.into_iter().enumerate().collect()
}

fn by_line(part: &[u8]) -> impl Iterator<Item = &[u8]> {
    part.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii)
}

/// What begins a record of `application/json-seq`.
const RECORD: u8 = 0x1e;

/// Takes the body as it is.
///
/// # Errors
/// None: the type is that of the other readers.
pub fn bytes(answer: &Answer) -> Result<Vec<u8>, ReadError> {
    Ok(answer.body().to_vec())
}

/// Reads a JSON body, or nothing where the body is empty.
///
/// # Errors
/// The body is neither empty nor JSON, or does not have the form of `T`.
pub fn json_or_nothing<T: DeserializeOwned + 'static>(
    answer: &Answer,
) -> Result<Option<T>, ReadError> {
    if answer.body().trim_ascii().is_empty() {
        return Ok(None);
    }
    json(answer)
}

/// Reads a text, or nothing where the body is empty.
///
/// # Errors
/// As of [`text`].
pub fn text_or_nothing(answer: &Answer) -> Result<Option<String>, ReadError> {
    if answer.body().is_empty() {
        return Ok(None);
    }
    text(answer).map(Some)
}

/// Reads a text that is one value, such as a date, without the white space around it.
///
/// # Errors
/// As of [`text`], and the text is no such value.
pub fn plain<T: DeserializeOwned + 'static>(answer: &Answer) -> Result<T, ReadError> {
    let text = text(answer)?;
    let json = Value::from(text.trim_start_matches('\u{feff}').trim()).to_string();
    let read = serde_json::from_str(&json);
    read.map_err(|error| ReadError::json(answer, json.as_bytes(), error))
}

/// Reads a text that is one value, or nothing where the body is empty.
///
/// # Errors
/// As of [`plain`].
pub fn plain_or_nothing<T: DeserializeOwned + 'static>(
    answer: &Answer,
) -> Result<Option<T>, ReadError> {
    if answer.body().trim_ascii().is_empty() {
        return Ok(None);
    }
    plain(answer).map(Some)
}

/// Takes the body as it is, or nothing where it is empty.
///
/// # Errors
/// None: the type is that of the other readers.
pub fn bytes_or_nothing(answer: &Answer) -> Result<Option<Vec<u8>>, ReadError> {
    Ok((!answer.body().is_empty()).then(|| answer.body().to_vec()))
}

/// Reads any JSON; an empty body reads as `null`.
///
/// # Errors
/// The body is not JSON.
pub fn any(answer: &Answer) -> Result<Value, ReadError> {
    if answer.body().trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    json(answer)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;
    use http::header::CONTENT_TYPE;
    use http::{HeaderMap, HeaderValue, StatusCode};

    fn answer(media_type: &'static str, body: &'static str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        Answer::new(StatusCode::OK, headers, body)
    }

    #[test]
    fn nothing_is_null_where_null_may_stand() {
        for body in ["", " \n", "null"] {
            let answer = answer("application/json", body);
            assert_eq!(json::<Option<i64>>(&answer).unwrap(), None);
        }
        let said = json::<i64>(&answer("application/json", "")).unwrap_err();
        assert!(said.to_string().contains("an empty body came"), "{said}");
        assert!(list::<i64>(&answer("application/json", "")).is_err());
    }

    #[test]
    fn json_is_read_whatever_it_is_called() {
        for media_type in ["application/json", "application/hal+json", "text/plain"] {
            assert_eq!(json::<i64>(&answer(media_type, "3")).unwrap(), 3);
        }
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        let marked = answer("application/json", "\u{feff}[1, 2.0]");
        assert_eq!(json::<Vec<i64>>(&marked).unwrap(), [1, 2]);
        assert_eq!(list::<i64>(&marked).unwrap(), [1, 2]);
        assert_eq!(any(&marked).unwrap()[0], 1);
        assert_eq!(
            json_or_nothing::<Vec<i64>>(&marked).unwrap().unwrap(),
            [1, 2]
        );
        let error = json::<Vec<i64>>(&answer("application/json", "\u{feff}[1, []]")).unwrap_err();
        assert_eq!(error.json_path(), Some("[1]"));
        let jsonl = answer("application/jsonl", "\u{feff}1\n2");
        assert_eq!(lines::<i64>(&jsonl).unwrap(), [1, 2]);
        assert_eq!(plain::<i64>(&answer("text/plain", "\u{feff}x")).ok(), None);
        let date = answer("text/plain", "\u{feff}2026-11-27");
        assert_eq!(plain::<String>(&date).unwrap(), "2026-11-27");
    }

    #[test]
    fn html_in_place_of_json_is_named() {
        let error = json::<i64>(&answer("text/html; charset=utf-8", "<p>")).unwrap_err();
        assert_eq!(error.to_string(), "JSON was expected, text/html came");
        assert_eq!(error.json_path(), None);
        let error = json::<i64>(&answer("application/json", "")).unwrap_err();
        assert_eq!(error.to_string(), "JSON was expected, an empty body came");
    }

    #[test]
    fn the_path_that_failed_is_named() {
        let error = json::<Vec<i64>>(&answer("application/json", "[1,\"x\"]")).unwrap_err();
        assert_eq!(error.json_path(), Some("[1]"));
        assert!(
            error.to_string().starts_with("[1]: invalid type"),
            "{error}"
        );
    }

    #[test]
    fn values_are_not_repeated() {
        let answer = answer("application/json", r#"["hunter2, expected"]"#);
        let error = json::<Vec<i64>>(&answer).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(
            shown.contains("[0]: invalid type: string, expected i64"),
            "{shown}"
        );
        assert!(error.source().is_none());
    }

    #[test]
    fn a_value_that_is_too_deep_leaves_the_others_readable() {
        let deep = format!("[1, {}{}, 3]", "[".repeat(500), "]".repeat(500));
        let whole = Answer::new(StatusCode::OK, HeaderMap::new(), deep);
        let read: Vec<Value> = json(&whole).unwrap();
        assert_eq!((&read[0], &read[2]), (&Value::from(1), &Value::from(3)));
        let error = json::<Vec<i64>>(&whole).unwrap_err();
        assert_eq!(error.json_path(), Some("[1]"));
        for (before, bytes) in [("", 1 << 20), (r#"{"later":"#, 1 << 20)] {
            let open = format!("{before}{}", "[".repeat(bytes));
            let open = Answer::new(StatusCode::OK, HeaderMap::new(), open);
            assert!(any(&open).is_err());
        }
    }

    #[test]
    fn a_whole_number_may_be_written_as_a_float() {
        let read = json::<Vec<i64>>(&answer("application/json", "[1, 2.0, 3e2]"));
        assert_eq!(read.unwrap(), [1, 2, 300]);
        let error = json::<Vec<i64>>(&answer("application/json", "[1.0, 2.5]")).unwrap_err();
        assert_eq!(error.json_path(), Some("[1]"));
    }

    #[test]
    fn other_bodies_are_read() {
        assert_eq!(any(&answer("application/json", " ")).unwrap(), Value::Null);
        assert_eq!(
            any(&answer("application/json", "[]")).unwrap(),
            Value::Array(vec![])
        );
        let maybe = json_or_nothing::<i64>;
        assert_eq!(maybe(&answer("application/json", "")).unwrap(), None);
        assert_eq!(maybe(&answer("application/json", "null")).unwrap(), None);
        assert_eq!(maybe(&answer("application/json", "3")).unwrap(), Some(3));
        assert!(maybe(&answer("application/json", "x")).is_err());
        assert_eq!(text(&answer("text/csv", "a,b")).unwrap(), "a,b");
        assert_eq!(bytes(&answer("image/png", "x")).unwrap(), b"x");
        let sequence = answer("application/json-seq", "\x1e1\n\x1e2\r\n\n3");
        assert_eq!(lines::<i64>(&sequence).unwrap(), [1, 2, 3]);
        let record = answer("application/json-seq", "\x1e[\n1,\n2\n]\n\x1ex");
        assert_eq!(pieces(record.body()).len(), 2);
        let broken = lines::<Vec<i64>>(&record).unwrap_err();
        assert!(broken.to_string().starts_with("line 2: "), "{broken}");
        let broken = lines::<i64>(&answer("application/jsonl", "1\nx")).unwrap_err();
        assert!(broken.to_string().starts_with("line 2: "), "{broken}");
        nothing(&answer("text/html", "<p>")).unwrap();
        let no_text = Answer::new(StatusCode::OK, HeaderMap::new(), vec![0xff]);
        assert!(text(&no_text).is_err());
    }
}
