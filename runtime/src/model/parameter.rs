//! Values in a path, a query or a header.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use uuid::Uuid;

use super::secret::Secret;

/// A value that can stand in a path, a query or a header.
pub trait ParameterValue {
    /// Writes the value as text; a list writes one text per item.
    fn write(&self, out: &mut ParameterValues);
}

/// The texts of one parameter.
#[derive(Default)]
pub struct ParameterValues {
    pub(crate) items: Vec<String>,
    /// Why a value can't be sent.
    pub(crate) refused: Option<&'static str>,
}

impl ParameterValues {
    /// Adds one text.
    pub fn push(&mut self, value: impl Into<String>) {
        self.items.push(value.into());
    }

    /// The texts of a value.
    pub(crate) fn of(value: &(impl ParameterValue + ?Sized)) -> Self {
        let mut values = Self::default();
        value.write(&mut values);
        values
    }

    fn push_finite(&mut self, text: String, is_finite: bool) {
        if !is_finite {
            self.refused = Some("NaN and infinity can't be sent");
        }
        self.push(text);
    }
}

impl ParameterValue for str {
    fn write(&self, out: &mut ParameterValues) {
        out.push(self);
    }
}

impl ParameterValue for String {
    fn write(&self, out: &mut ParameterValues) {
        out.push(self.as_str());
    }
}

impl ParameterValue for Cow<'_, str> {
    fn write(&self, out: &mut ParameterValues) {
        out.push(self.as_ref());
    }
}

impl ParameterValue for Secret {
    fn write(&self, out: &mut ParameterValues) {
        out.push(self.expose());
    }
}

impl ParameterValue for DateTime<Utc> {
    fn write(&self, out: &mut ParameterValues) {
        out.push(date_time_text(self));
    }
}

impl<T: ParameterValue + ?Sized> ParameterValue for &T {
    fn write(&self, out: &mut ParameterValues) {
        (**self).write(out);
    }
}

impl<T: ParameterValue> ParameterValue for [T] {
    fn write(&self, out: &mut ParameterValues) {
        for item in self {
            item.write(out);
        }
    }
}

impl<T: ParameterValue> ParameterValue for Vec<T> {
    fn write(&self, out: &mut ParameterValues) {
        self.as_slice().write(out);
    }
}

macro_rules! as_displayed {
    ($($name:ty),*) => {$(
        impl ParameterValue for $name {
            fn write(&self, out: &mut ParameterValues) {
                out.push(self.to_string());
            }
        }
    )*};
}

as_displayed!(
    bool, i8, i16, i32, i64, i128, u8, u16, u32, u64, u128, NaiveDate
);

impl ParameterValue for Uuid {
    fn write(&self, out: &mut ParameterValues) {
        let mut text = Uuid::encode_buffer();
        out.push(&*self.hyphenated().encode_lower(&mut text));
    }
}

impl ParameterValue for f32 {
    fn write(&self, out: &mut ParameterValues) {
        out.push_finite(self.to_string(), self.is_finite());
    }
}

impl ParameterValue for f64 {
    fn write(&self, out: &mut ParameterValues) {
        out.push_finite(self.to_string(), self.is_finite());
    }
}

/// The one place that says how a point in time is written: RFC 3339, the same text as chrono's `Serialize` gives
/// in a body.
fn date_time_text(value: &DateTime<Utc>) -> String {
    value.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: &(impl ParameterValue + ?Sized)) -> String {
        ParameterValues::of(value).items.join("|")
    }

    #[test]
    fn values_are_written_as_text() {
        assert_eq!(one("a b"), "a b");
        assert_eq!(one(&true), "true");
        assert_eq!(one(&-3_i64), "-3");
        assert_eq!(one(&0.5_f64), "0.5");
        assert_eq!(one(&Uuid::nil()), "00000000-0000-0000-0000-000000000000");
        assert_eq!(one(&vec!["a", "b"]), "a|b");
        assert_eq!(one(&Vec::<String>::new()), "");
        assert_eq!(one(&NaiveDate::default()), "1970-01-01");
    }

    #[test]
    fn a_time_reads_as_in_a_body() {
        for text in ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.120Z"] {
            let time: DateTime<Utc> = text.parse().unwrap();
            assert_eq!(one(&time), text);
            assert_eq!(
                serde_json::to_string(&time).unwrap(),
                format!("\"{}\"", one(&time))
            );
        }
    }
}
