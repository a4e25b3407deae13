//! Answers that nest deeper than `serde_json` reads.
//!
//! Somebody else may have stored such a value, and it must not make the page that it is on unreadable. So what is too
//! deep is kept as a text: its JSON. Nothing recurses meanwhile, however deep it is.

use serde::de::IgnoredAny;

/// How many levels `serde_json` reads.
const READABLE: usize = 127;

/// Whether the parser gave up for the depth.
pub(super) fn is_cause(error: &serde_json::Error) -> bool {
    error.is_syntax() && error.to_string().starts_with("recursion limit exceeded")
}

/// The same JSON, with each array and object that is too deep as a text; nothing if one of them is malformed.
pub(super) fn shortened(json: &str) -> Option<String> {
    let mut shortened = String::with_capacity(json.len());
    let (mut depth, mut copied, mut at) = (0_usize, 0, 0);
    while let Some(byte) = json.as_bytes().get(at) {
        match byte {
            b'"' => at = end_of_text(json.as_bytes(), at),
            b'[' | b'{' if depth == READABLE => {
                let end = at + length(json.get(at..)?)?;
                shortened.push_str(json.get(copied..at)?);
                shortened.push_str(&serde_json::to_string(json.get(at..end)?).ok()?);
                (copied, at) = (end, end);
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    shortened.push_str(json.get(copied..)?);
    Some(shortened)
}

/// How long the value is that a text begins with. The parser passes over one of any depth without recursion.
fn length(json: &str) -> Option<usize> {
    let mut values = serde_json::Deserializer::from_str(json).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(values.byte_offset())
}

/// Where the text that begins at `start` has its last quote, or the input its end.
pub(super) fn end_of_text(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn nested(levels: usize) -> String {
        "[".repeat(levels) + &"]".repeat(levels)
    }

    #[test]
    fn what_is_too_deep_is_a_text_and_the_rest_as_it_was() {
        for around in ["{}", r#"{"a\"]": [1, "}", {}], "b": "[[["}"#] {
            let deep = format!("[{around}, {{\"v\": {}}}, {around}]", nested(10_000));
            let error = serde_json::from_str::<Value>(&deep).unwrap_err();
            assert!(is_cause(&error), "{error}");
            let read: Value = serde_json::from_str(&shortened(&deep).unwrap()).unwrap();
            let around: Value = serde_json::from_str(around).unwrap();
            assert_eq!((&read[0], &read[2]), (&around, &around));
            let mut inner = &read[1]["v"];
            for _ in 0..READABLE - 2 {
                inner = &inner[0];
            }
            assert_eq!(inner, &json!(nested(10_000 - READABLE + 2)));
        }
    }

    #[test]
    fn what_is_deep_enough_to_read_stays() {
        let readable = nested(READABLE);
        assert!(serde_json::from_str::<Value>(&readable).is_ok());
        assert_eq!(shortened(&readable).unwrap(), readable);
        assert!(serde_json::from_str::<Value>(&nested(READABLE + 1)).is_err());
        assert!(shortened(&nested(READABLE + 1)).unwrap().contains("\"[]\""));
    }

    #[test]
    fn what_is_malformed_stays_an_error() {
        let open = "[".repeat(1 << 20);
        assert_eq!(shortened(&open), None);
        assert_eq!(shortened(&format!("{open}\"")), None);
        let mixed = format!("{}{{]{}", "[".repeat(200), "]".repeat(200));
        assert_eq!(shortened(&mixed), None);
        for odd in ["", "\"", "\"\\", "]]]]", "ä"] {
            assert_eq!(shortened(odd).unwrap(), odd);
        }
    }
}
