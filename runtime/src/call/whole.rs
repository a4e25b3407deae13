//! Whole numbers that are written with a fraction of nothing: `1.0`, `2e3`.
//!
//! JSON Schema calls them integers, and some servers write them so; serde reads them as floats only. An answer that could
//! not be read for one is read again with the numbers in their usual form.

use super::depth::end_of_text;

/// Whether a float stood where a whole number is meant.
pub(super) fn is_cause(error: &serde_json::Error) -> bool {
    error.is_data() && error.to_string().contains("invalid type: floating point")
}

/// The same JSON with whole numbers as such; nothing where there is none that was written otherwise.
pub(super) fn rewritten(json: &str) -> Option<String> {
    let mut rewritten = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(byte) = json.as_bytes().get(at) {
        match byte {
            b'"' => at = end_of_text(json.as_bytes(), at),
            b'-' | b'0'..=b'9' => {
                let end = end_of_number(json, at);
                if let Some(number) = json.get(at..end).and_then(whole) {
                    rewritten.push_str(json.get(copied..at)?);
                    rewritten.push_str(&number);
                    copied = end;
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    if copied == 0 {
        return None;
    }
    rewritten.push_str(json.get(copied..)?);
    Some(rewritten)
}

fn end_of_number(json: &str, start: usize) -> usize {
    let rest = json.get(start..).unwrap_or_default();
    let is_in = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    start + rest.bytes().take_while(is_in).count()
}

/// Digits are kept as they are where there is no exponent, as a float could not hold all of them.
fn whole(number: &str) -> Option<String> {
    let digits = match number.split_once('.') {
        Some((digits, fraction)) if fraction.bytes().all(|byte| byte == b'0') => digits.to_owned(),
        _ if number.contains(['e', 'E']) => exact(number.parse().ok()?)?,
        _ => return None,
    };
    // serde_json reads `-0` as a float.
    Some(if digits == "-0" {
        "0".to_owned()
    } else {
        digits
    })
}

/// Up to 2^53, each whole number is a float.
fn exact(number: f64) -> Option<String> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= LARGEST).then(|| format!("{number:.0}"))
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn whole_numbers_are_written_as_such() {
        let cases = [
            ("1.0", Some("1")),
            ("[1.00,-2.0, 3]", Some("[1,-2, 3]")),
            ("-0.0", Some("0")),
            ("1e3", Some("1000")),
            ("1.5e1", Some("15")),
            ("1.5", None),
            ("3", None),
            ("1e300", None),
            ("9007199254740993.0", Some("9007199254740993")),
            (
                r#"{"a 1.0":"\"2.0","b":1.0}"#,
                Some(r#"{"a 1.0":"\"2.0","b":1}"#),
            ),
            ("", None),
            ("\"", None),
            ("1.", Some("1")),
            ("-", None),
        ];
        for (json, expected) in cases {
            assert_eq!(rewritten(json).as_deref(), expected, "{json}");
        }
    }
}
