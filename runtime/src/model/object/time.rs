//! Points in time, read as chrono reads them.
//!
//! Answers are full of times in one form, `2026-01-02T03:04:05.678901Z`, and chrono's parser, which takes any form of RFC
//! 3339, is a fifth of what decoding a page costs. This form is read here; all others, and what is malformed, by chrono.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::de::{self, DeserializeSeed, Deserializer, Visitor};

/// Reads a time.
pub(super) struct Time;

/// Reads a time or `null`.
pub(super) struct OptionalTime;

impl<'de> DeserializeSeed<'de> for Time {
    type Value = DateTime<Utc>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Time {
    type Value = DateTime<Utc>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 formatted date and time string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<DateTime<Utc>, E> {
        if let Some(time) = usual(text.as_bytes()) {
            return Ok(time);
        }
        let read = text.parse::<DateTime<FixedOffset>>().map_err(E::custom)?;
        Ok(read.with_timezone(&Utc))
    }
}

impl<'de> DeserializeSeed<'de> for OptionalTime {
    type Value = Option<DateTime<Utc>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for OptionalTime {
    type Value = Option<DateTime<Utc>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("option")
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Time.deserialize(deserializer).map(Some)
    }
}

/// A time in UTC of the usual form, with up to nine digits of the second, and no leap second.
fn usual(text: &[u8]) -> Option<DateTime<Utc>> {
    let (whole, rest) = text.split_first_chunk::<19>()?;
    #[rustfmt::skip]
    let [y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2, b'T', h1, h2, b':', m1, m2, b':', s1, s2] = *whole else {
        return None;
    };
    let nanos = match rest {
        b"Z" => 0,
        [b'.', digits @ .., b'Z'] => nanoseconds(digits)?,
        _ => return None,
    };
    let year = pair(y1, y2)? * 100 + pair(y3, y4)?;
    let date = NaiveDate::from_ymd_opt(year.cast_signed(), pair(o1, o2)?, pair(d1, d2)?)?;
    let time = date.and_hms_nano_opt(pair(h1, h2)?, pair(m1, m2)?, pair(s1, s2)?, nanos)?;
    Some(time.and_utc())
}

fn nanoseconds(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let mut nanos = 0;
    for position in 0..9 {
        let next = digits.get(position).map_or(Some(0), |&byte| digit(byte))?;
        nanos = nanos * 10 + next;
    }
    Some(nanos)
}

fn pair(tens: u8, ones: u8) -> Option<u32> {
    Some(digit(tens)? * 10 + digit(ones)?)
}

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differs(text: &str) -> bool {
        let chronos = text.parse::<DateTime<FixedOffset>>();
        let ours = usual(text.as_bytes());
        ours.is_some_and(|ours| chronos.map(|time| time.with_timezone(&Utc)) != Ok(ours))
    }

    #[test]
    fn the_usual_form_is_read_without_chrono() {
        for text in [
            "2026-11-25T02:48:23.630364Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999Z",
            "2024-02-29T12:00:00.5Z",
        ] {
            assert!(usual(text.as_bytes()).is_some() && !differs(text), "{text}");
        }
        for text in [
            "2026-11-25T02:48:23+00:00",
            "2023-02-29T12:00:00Z",
            "2026-11-25T24:00:00Z",
            "2026-11-25T23:59:60Z",
            "2026-11-25T23:59:59.Z",
            "2026-11-25T23:59:59.1234567890Z",
            "2026-11-25 02:48:23Z",
        ] {
            assert_eq!(usual(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_read_here_chrono_reads_alike() {
        let mut random = fastrand::Rng::with_seed(8);
        let letters = b"0123456789-:.TZtz+ \n/;\xc3\xa4";
        for round in 0..200_000 {
            let time = DateTime::from_timestamp(
                random.i64(-62_167_219_200..253_402_300_800),
                random.u32(0..1_000_000_000),
            );
            let time = time.expect("within the years of four digits");
            let format = [
                "%Y-%m-%dT%H:%M:%SZ",
                "%Y-%m-%dT%H:%M:%S.%6fZ",
                "%Y-%m-%dT%H:%M:%S%.fZ",
            ];
            let mut text = time.format(format[round % 3]).to_string().into_bytes();
            for _ in 0..random.usize(0..3) {
                let (at, letter) = (
                    random.usize(0..text.len()),
                    letters[random.usize(0..letters.len())],
                );
                match random.u8(0..3) {
                    0 => text[at] = letter,
                    1 => text.insert(at, letter),
                    _ => drop(text.remove(at)),
                }
            }
            let text = String::from_utf8_lossy(&text);
            assert!(!differs(&text), "{text}");
        }
    }
}
