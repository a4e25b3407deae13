//! Values as they are written, read as leniently as Prefect reads them.
//!
//! The functions that read say what was expected where they refuse; who calls them adds the setting and the place.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use diptych_runtime::Secret;
use serde_json::Value as Json;
use toml::Value;

/// A value as it was found.
pub(super) struct Written {
    pub(super) value: Value,
    pub(super) form: Form,
}

/// What a source can write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Text only, which may be JSON: the environment and `.env`.
    Variable,
    /// TOML, in which headers are JSON nevertheless: profiles.
    Profile,
    /// TOML with tables: settings files, and values given in code.
    Typed,
}

/// What was expected.
pub(super) type Expected = &'static str;

pub(super) fn text(written: &Written) -> Result<String, Expected> {
    match &written.value {
        Value::String(text) => Ok(text.clone()),
        _ => Err("it must be text"),
    }
}

pub(super) fn optional_text(written: &Written) -> Result<Option<String>, Expected> {
    text(written).map(Some)
}

pub(super) fn secret(written: &Written) -> Result<Option<Secret>, Expected> {
    text(written).map(|text| Some(Secret::from(text)))
}

pub(super) fn boolean(written: &Written) -> Result<bool, Expected> {
    const EXPECTED: Expected = "it must be true or false";
    match &written.value {
        Value::Boolean(value) => Ok(*value),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Ok(true),
            "0" | "false" | "f" | "no" | "n" | "off" => Ok(false),
            _ => Err(EXPECTED),
        },
        other => match integer(other) {
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            _ => Err(EXPECTED),
        },
    }
}

pub(super) fn count(written: &Written) -> Result<u32, Expected> {
    let number = integer(&written.value).and_then(|number| u32::try_from(number).ok());
    number.ok_or("it must be a whole number from 0 on")
}

pub(super) fn factor(written: &Written) -> Result<f64, Expected> {
    let number = number(&written.value).filter(|number| *number >= 0.0);
    number.ok_or("it must be a number from 0 on")
}

/// Seconds; `None` is without end.
pub(super) fn seconds(written: &Written) -> Result<Option<Duration>, Expected> {
    const EXPECTED: Expected = "it must be a number of seconds from 0 on";
    let seconds = number(&written.value).filter(|seconds| *seconds >= 0.0);
    // What is longer than the longest duration does not end either.
    Ok(Duration::try_from_secs_f64(seconds.ok_or(EXPECTED)?).ok())
}

/// HTTP statuses: one, a list, or text with commas. Where there is nothing to it, as in 0 and false, there is none.
pub(super) fn statuses(written: &Written) -> Result<BTreeSet<u16>, Expected> {
    let parsed = match (&written.value, written.form) {
        (Value::String(text), Form::Variable) => serde_json::from_str::<Value>(text).ok(),
        _ => None,
    };
    let value = parsed.as_ref().unwrap_or(&written.value);
    let read: Option<BTreeSet<u16>> = match value {
        Value::String(text) if text.is_empty() => Some(BTreeSet::new()),
        Value::String(text) => text
            .split(',')
            .map(|part| whole(part).and_then(status))
            .collect(),
        Value::Array(list) => list
            .iter()
            .map(|one| integer(one).and_then(status))
            .collect(),
        Value::Table(table) if table.is_empty() => Some(BTreeSet::new()),
        one => match integer(one) {
            Some(0) => Some(BTreeSet::new()),
            number => number.and_then(status).map(|status| [status].into()),
        },
    };
    read.ok_or("it must be HTTP statuses from 100 to 599, such as 404,500")
}

/// Headers: a table, or JSON of one. JSON of such JSON is read as well.
pub(super) fn headers(written: &Written) -> Result<BTreeMap<String, Secret>, Expected> {
    const EXPECTED: Expected = "it must be a JSON object of text, such as {\"X-Team\": \"data\"}";
    match (&written.value, written.form) {
        (Value::Table(table), Form::Typed) => table
            .iter()
            .map(|(name, value)| Some((name.clone(), Secret::from(value.as_str()?))))
            .collect::<Option<_>>(),
        (Value::String(text), _) => json_headers(text),
        _ => None,
    }
    .ok_or(EXPECTED)
}

fn json_headers(text: &str) -> Option<BTreeMap<String, Secret>> {
    let object = match serde_json::from_str(text).ok()? {
        Json::String(inner) => serde_json::from_str(&inner).ok()?,
        other => other,
    };
    let Json::Object(object) = object else {
        return None;
    };
    object
        .into_iter()
        .map(|(name, value)| Some((name, Secret::from(value.as_str()?))))
        .collect()
}

fn status(number: i64) -> Option<u16> {
    u16::try_from(number)
        .ok()
        .filter(|status| (100..600).contains(status))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float without a fraction below 2^53 is an integer"
)]
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Boolean(value) => Some(i64::from(*value)),
        Value::String(text) => whole(text),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            Some(*number as i64)
        }
        _ => None,
    }
}

/// A whole number in text, which may have a sign, underscores between its digits, and a fraction of zeros.
fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|zero| zero == b'0') => {
            whole
        }
        Some(_) => return None,
        None => text,
    };
    without_underscores(text)?.parse().ok()
}

#[expect(clippy::cast_precision_loss, reason = "no setting is that large")]
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Integer(number) => Some(*number as f64),
        Value::Boolean(value) => Some(f64::from(u8::from(*value))),
        Value::String(text) => float(text),
        _ => None,
    }
}

/// A number in text: underscores may be anywhere within it, but not beside spaces.
fn float(text: &str) -> Option<f64> {
    let is_placed = !text.starts_with('_') && !text.ends_with('_') && !text.contains("__");
    let plain = text.trim().parse().ok();
    plain.or_else(|| text.replace('_', "").parse().ok().filter(|_| is_placed))
}

fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let placed = |(at, _)| is_digit(usize::checked_sub(at, 1)) && is_digit(Some(at + 1));
    text.match_indices('_')
        .all(placed)
        .then(|| text.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(text: &str) -> Written {
        Written {
            value: Value::String(text.to_owned()),
            form: Form::Variable,
        }
    }

    fn typed(toml: &str) -> Written {
        let mut table: toml::Table = format!("value = {toml}").parse().unwrap();
        Written {
            value: table.remove("value").unwrap(),
            form: Form::Typed,
        }
    }

    #[test]
    fn truth_has_many_words() {
        for yes in ["true", "TRUE", "1", "on", "Yes", "t", "y"] {
            assert_eq!(boolean(&variable(yes)), Ok(true), "{yes}");
        }
        for no in ["false", "0", "oFF", "no", "f", "n"] {
            assert_eq!(boolean(&variable(no)), Ok(false), "{no}");
        }
        for neither in ["", " true ", "01", "1.0", "2", "maybe"] {
            assert!(boolean(&variable(neither)).is_err(), "{neither}");
        }
        assert_eq!(boolean(&typed("1.0")), Ok(true));
        assert!(boolean(&typed("2")).is_err());
        assert!(boolean(&typed("[true]")).is_err());
    }

    #[test]
    fn numbers_are_written_in_python_s_ways() {
        for five in ["5", " 5 ", "+5", "5.0", "0_5", "00005"] {
            assert_eq!(count(&variable(five)), Ok(5), "{five}");
        }
        for bad in [
            "",
            "5.",
            "5.5",
            "_5",
            "5_",
            "5__0",
            "1e2",
            "-1",
            "0x10",
            "٥",
            "99999999999999999999",
        ] {
            assert!(count(&variable(bad)).is_err(), "{bad}");
        }
        assert_eq!(count(&typed("3.0")), Ok(3));
        for (text, expected) in [
            (".5", 0.5),
            ("9_e0", 9.0),
            ("1_000.5", 1000.5),
            ("1e2", 100.0),
            ("\t5.\n", 5.0),
        ] {
            assert_eq!(factor(&variable(text)), Ok(expected), "{text}");
        }
        for bad in ["", "-0.1", "nan", "0x10", "1e", "a", "_1", "1_0 "] {
            assert!(factor(&variable(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_timeout_may_be_without_end_but_not_below_zero() {
        assert_eq!(
            seconds(&variable("1.5")),
            Ok(Some(Duration::from_millis(1500)))
        );
        assert_eq!(seconds(&variable("Infinity")), Ok(None));
        assert_eq!(seconds(&typed("inf")), Ok(None));
        assert_eq!(seconds(&variable("1e300")), Ok(None));
        for bad in ["-1", "nan", "-inf", ""] {
            assert!(seconds(&variable(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn statuses_are_one_or_many() {
        for both in [
            "503,504",
            "503, 504",
            "[504, 503]",
            "[\"503\", 504.0]",
            "\"503,504\"",
        ] {
            assert_eq!(statuses(&variable(both)), Ok([503, 504].into()), "{both}");
        }
        for none in ["", "0", "false", "[]", "{}", "\"\""] {
            assert_eq!(statuses(&variable(none)), Ok([].into()), "{none}");
        }
        for bad in [
            "503,",
            "503,,504",
            "true",
            "[0]",
            "99",
            "600",
            "503;504",
            " ",
            "{\"503\": 1}",
        ] {
            assert!(statuses(&variable(bad)).is_err(), "{bad}");
        }
        assert_eq!(statuses(&typed("[503, '504']")), Ok([503, 504].into()));
        assert!(
            statuses(&typed("'[503]'")).is_err(),
            "only variables hold JSON"
        );
    }

    #[test]
    fn headers_are_json_or_a_table() {
        let read = |written: &Written| {
            let headers = headers(written)?;
            let plain = headers
                .iter()
                .map(|(name, value)| (name.clone(), value.expose().to_owned()));
            Ok::<Vec<_>, Expected>(plain.collect())
        };
        let expected = vec![("X-A".to_owned(), "b".to_owned())];
        for good in [
            r#"{"X-A": "b"}"#,
            r#""{\"X-A\": \"b\"}""#,
            r#"{"X-A": "a", "X-A": "b"}"#,
        ] {
            assert_eq!(read(&variable(good)), Ok(expected.clone()), "{good}");
        }
        assert_eq!(read(&typed("{ X-A = 'b' }")), Ok(expected));
        for bad in [
            "",
            "X-A: b",
            "[]",
            r#"{"X-A": 1}"#,
            r#"{"X-A": null}"#,
            "\"\"",
            "\"null\"",
        ] {
            assert!(headers(&variable(bad)).is_err(), "{bad}");
        }
        let table = typed("{ X-A = 'b' }").value;
        let form = Form::Profile;
        assert!(headers(&Written { value: table, form }).is_err());
    }
}
