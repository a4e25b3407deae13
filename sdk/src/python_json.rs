//! JSON as Python writes it, byte for byte: what both languages compute checksums and keys of.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// As `json.dumps(value, sort_keys=True)`.
pub(crate) fn dumps(value: &Value) -> String {
    let mut text = String::new();
    write_json(&mut text, value);
    text
}

fn write_json(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => write_number(text, number),
        Value::String(string) => write_string(text, string),
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write_json(text, value);
            }
            text.push(']');
        }
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            // The order of bytes in UTF-8 is that of code points.
            entries.sort_by(|one, other| one.0.cmp(other.0));
            text.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write_string(text, key);
                text.push_str(": ");
                write_json(text, value);
            }
            text.push('}');
        }
    }
}

pub(crate) fn write_number(text: &mut String, number: &Number) {
    match number.as_f64() {
        Some(float) if number.is_f64() => text.push_str(&float_text(float)),
        _ => {
            let _ = write!(text, "{number}");
        }
    }
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for letter in string.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            ' '..='~' => text.push(letter),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text.push('"');
}

/// As Python's `repr`: the shortest digits that mean the number, with an exponent below 1e-4 and from 1e16.
pub(crate) fn float_text(float: f64) -> String {
    if !float.is_finite() {
        return format!("{float}").to_lowercase();
    }
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    // The exponent of zero is zero.
    if (-4..16).contains(&exponent) {
        let plain = format!("{float}");
        let point = if plain.contains('.') { "" } else { ".0" };
        return format!("{plain}{point}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_written_as_python_writes_them() {
        let written = |value: Value| dumps(&value);
        let floats = [
            (0.5, "0.5"),
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (5e-324, "5e-324"),
        ];
        for (float, text) in floats {
            assert_eq!(written(json!(float)), text);
        }
        assert_eq!(written(json!(u64::MAX)), "18446744073709551615");
        assert_eq!(written(json!(i64::MIN)), "-9223372036854775808");
        assert_eq!(
            written(json!("ä\u{1F600}\u{7f}/<\u{1}\"")),
            r#""\u00e4\ud83d\ude00\u007f/<\u0001\"""#
        );
        assert_eq!(
            written(json!({"b": [1, null], "a": true})),
            r#"{"a": true, "b": [1, null]}"#
        );
    }
}
