//! Points in time, read as chrono reads them.
//!
//! Answers are full of times in one form, `2026-01-02T03:04:05.678901Z`, and chrono's parser, which takes any form of RFC
//! 3339, is a fifth of what decoding a page costs. This form is read here; all others, and what is malformed, by chrono.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Reads any value. A time, also in a list or a map, may leave its zone away, as those that objects have may.
pub(crate) fn read<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + 'static,
    D: Deserializer<'de>,
{
    type Of<C> = PhantomData<C>;
    type List = Vec<DateTime<Utc>>;
    type Entries = BTreeMap<String, DateTime<Utc>>;
    // Which one it is, the compiler knows: nothing is left to ask when it runs.
    if is::<T, DateTime<Utc>>() {
        seeded(Time, deserializer)
    } else if is::<T, Option<DateTime<Utc>>>() {
        seeded(Optional(Time), deserializer)
    } else if is::<T, List>() {
        seeded(Times(Of::<List>::default()), deserializer)
    } else if is::<T, Option<List>>() {
        seeded(Optional(Times(Of::<List>::default())), deserializer)
    } else if is::<T, Entries>() {
        seeded(Times(Of::<Entries>::default()), deserializer)
    } else if is::<T, Option<Entries>>() {
        seeded(Optional(Times(Of::<Entries>::default())), deserializer)
    } else {
        T::deserialize(deserializer)
    }
}

fn is<T: 'static, Other: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<Other>()
}

/// Reads what the seed reads, which is a `T`.
fn seeded<'de, T: 'static, S, D>(seed: S, deserializer: D) -> Result<T, D::Error>
where
    S: DeserializeSeed<'de, Value: 'static>,
    D: Deserializer<'de>,
{
    let mut read = Some(seed.deserialize(deserializer)?);
    let read: &mut dyn Any = &mut read;
    let read = read.downcast_mut::<Option<T>>().and_then(Option::take);
    read.ok_or_else(|| de::Error::custom("a time is of another type"))
}

/// Reads a time.
pub(super) struct Time;

/// Reads what that reads, or `null`.
pub(super) struct Optional<S>(pub(super) S);

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
        let error = match text.parse::<DateTime<FixedOffset>>() {
            Ok(read) => return Ok(read.with_timezone(&Utc)),
            Err(error) => error,
        };
        // Many servers leave the zone away, and mean UTC.
        let local = text.parse::<NaiveDateTime>();
        local
            .map(|time| time.and_utc())
            .map_err(|_| E::custom(error))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Optional<S> {
    type Value = Option<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Optional<S> {
    type Value = Option<S::Value>;

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
        self.0.deserialize(deserializer).map(Some)
    }
}

/// Reads a list or a map of times.
pub(super) struct Times<C>(pub(super) PhantomData<C>);

impl<'de> DeserializeSeed<'de> for Times<Vec<DateTime<Utc>>> {
    type Value = Vec<DateTime<Utc>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Times<Vec<DateTime<Utc>>> {
    type Value = Vec<DateTime<Utc>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut times = Vec::new();
        while let Some(time) = items.next_element_seed(Time)? {
            times.push(time);
        }
        Ok(times)
    }
}

impl<'de> DeserializeSeed<'de> for Times<BTreeMap<String, DateTime<Utc>>> {
    type Value = BTreeMap<String, DateTime<Utc>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Times<BTreeMap<String, DateTime<Utc>>> {
    type Value = BTreeMap<String, DateTime<Utc>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut times = BTreeMap::new();
        while let Some(key) = entries.next_key()? {
            times.insert(key, entries.next_value_seed(Time)?);
        }
        Ok(times)
    }
}

/// A time in UTC of the usual form, with up to nine digits of the second, and no leap second.
fn usual(text: &[u8]) -> Option<DateTime<Utc>> {
    let (whole, rest) = text.split_first_chunk::<19>()?;
    #[rustfmt::skip]
    let [y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2, b'T', h1, h2, b':', m1, m2, b':', s1, s2] = *whole else {
        return None;
    };
    let mut digits = Digits::default();
    let year = digits.number(&[y1, y2, y3, y4]);
    let (month, day) = (digits.number(&[o1, o2]), digits.number(&[d1, d2]));
    let (hour, minute) = (digits.number(&[h1, h2]), digits.number(&[m1, m2]));
    let second = digits.number(&[s1, s2]);
    let nanos = match rest {
        b"Z" => 0,
        // What Python writes.
        [b'.', u1, u2, u3, u4, u5, u6, b'Z'] => {
            let micros = digits.number(&[*u1, *u2, *u3, *u4, *u5, *u6]);
            micros.wrapping_mul(1000)
        }
        [b'.', some @ .., b'Z'] if (1..=9).contains(&some.len()) => {
            let mut nine = [b'0'; 9];
            nine.get_mut(..some.len())?.copy_from_slice(some);
            digits.number(&nine)
        }
        _ => return None,
    };
    if !digits.were_all() {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.cast_signed(), month, day)?;
    let time = date.and_hms_nano_opt(hour, minute, second, nanos)?;
    Some(time.and_utc())
}

/// Reads numbers, and remembers whether everything in them was a digit: one question at the end in place of one a digit.
#[derive(Default)]
struct Digits {
    seen: u32,
}

impl Digits {
    fn number<const LENGTH: usize>(&mut self, text: &[u8; LENGTH]) -> u32 {
        let mut number = 0_u32;
        for byte in text {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            // Only what is no digit reaches the bits above the lowest four.
            self.seen |= digit + 6;
            number = number.wrapping_mul(10).wrapping_add(digit);
        }
        number
    }

    fn were_all(&self) -> bool {
        self.seen < 16
    }
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
            "2026-11-25T02:48:23.~~~~~~Z",
            "~~~~-~~-~~T~~:~~:~~.~~~~~~~~~Z",
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
