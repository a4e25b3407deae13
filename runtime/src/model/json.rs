//! The JSON of a value, as a client would send it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::checked::{Checked, Inner, Place};

/// Why a value has no JSON, and where in it: it is not finite, nests too deep, has a key that is no text, or says so itself.
#[derive(Debug)]
pub struct WriteError {
    place: String,
    refused: Option<&'static str>,
    source: serde_json::Error,
}

/// The JSON value of a value.
///
/// # Errors
/// It has none; numbers that are not finite do not become `null`, as with [`serde_json::to_value`].
pub fn to_value(value: &(impl Serialize + ?Sized)) -> Result<Value, WriteError> {
    let place = Place::default();
    let written = value.serialize(Checked::new(serde_json::value::Serializer, &place));
    written.map_err(|error| WriteError::new(&place, error))
}

/// The JSON text of a value.
///
/// # Errors
/// It has none; numbers that are not finite do not become `null`, as with [`serde_json::to_string`].
pub fn to_string(value: &(impl Serialize + ?Sized)) -> Result<String, WriteError> {
    let text = String::from_utf8(to_vec(value)?);
    text.map_err(|error| WriteError {
        place: ".".to_owned(),
        refused: None,
        source: serde::ser::Error::custom(error),
    })
}

/// The JSON text of a value, which any serializer of JSON then writes as it stands.
///
/// # Errors
/// As [`to_string`].
pub fn to_raw_value(value: &(impl Serialize + ?Sized)) -> Result<Box<RawValue>, WriteError> {
    let place = Place::default();
    let written = serde_json::value::to_raw_value(&Inner::whole(value, &place));
    written.map_err(|error| WriteError::new(&place, error))
}

/// The JSON text of a value, as bytes.
///
/// # Errors
/// As [`to_string`].
pub fn to_vec(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, WriteError> {
    let (mut bytes, place) = (Vec::new(), Place::default());
    let mut serializer = serde_json::Serializer::new(&mut bytes);
    let written = value.serialize(Checked::new(&mut serializer, &place));
    written.map_err(|error| WriteError::new(&place, error))?;
    Ok(bytes)
}

impl WriteError {
    pub(crate) fn new(place: &Place, source: serde_json::Error) -> Self {
        Self {
            place: place.to_string(),
            refused: place.refused(),
            source,
        }
    }

    /// The place in the value, for example `parameters.rates[2]`; `.` is the whole of it.
    #[must_use]
    pub fn json_path(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, refused, .. } = self;
        write!(f, "{place}: {}", refused.unwrap_or("it has no JSON"))
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // What this crate refuses is said already.
        self.refused.is_none().then_some(&self.source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::{BTreeMap, HashMap};

    #[derive(Serialize)]
    struct Plan {
        rates: Vec<Rate>,
        by_name: BTreeMap<String, (u8, Option<f32>)>,
    }

    #[derive(Serialize)]
    enum Rate {
        Fixed(f64),
        Free { at_most: f64 },
        Pair(f32, f32),
    }

    fn place(value: &impl Serialize) -> String {
        let (one, other) = (to_value(value).unwrap_err(), to_vec(value).unwrap_err());
        assert_eq!(one.to_string(), other.to_string());
        assert_eq!(one.to_string(), to_string(value).unwrap_err().to_string());
        assert_eq!(
            one.to_string(),
            to_raw_value(value).unwrap_err().to_string()
        );
        one.json_path().to_owned()
    }

    fn plan(rate: Rate) -> Plan {
        Plan {
            rates: vec![Rate::Fixed(1.0), rate],
            by_name: BTreeMap::new(),
        }
    }

    #[test]
    fn what_is_finite_is_written_as_serde_json_writes_it() {
        let plan = Plan {
            rates: vec![
                Rate::Fixed(0.5),
                Rate::Free { at_most: 1e300 },
                Rate::Pair(1.5, -0.0),
            ],
            by_name: BTreeMap::from([("ä\n".to_owned(), (1, Some(0.25)))]),
        };
        assert_eq!(
            to_value(&plan).unwrap(),
            serde_json::to_value(&plan).unwrap()
        );
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(to_string(&plan).unwrap(), text);
        let raw = to_raw_value(&plan).unwrap();
        assert_eq!(to_string(&[&raw]).unwrap(), format!("[{text}]"));
        let odd = (
            1_i128,
            u128::MAX,
            'c',
            (),
            HashMap::from([(3, true)]),
            None::<u8>,
        );
        assert_eq!(
            to_string(&odd).unwrap(),
            serde_json::to_string(&odd).unwrap()
        );
        let value = json!({"a": [null, 1.5, {"b": "c"}], "n": u64::MAX});
        assert_eq!(to_value(&value).unwrap(), value);
    }

    #[test]
    fn what_is_not_finite_is_refused_by_its_place() {
        assert_eq!(place(&f64::NAN), ".");
        assert_eq!(place(&Some(f32::INFINITY)), ".");
        assert_eq!(place(&[1.0, f64::NEG_INFINITY]), "[1]");
        assert_eq!(place(&plan(Rate::Fixed(f64::NAN))), "rates[1].Fixed");
        let free = Rate::Free { at_most: f64::NAN };
        assert_eq!(place(&plan(free)), "rates[1].at_most");
        assert_eq!(place(&plan(Rate::Pair(0.0, f32::NAN))), "rates[1][1]");
        let by_name = BTreeMap::from([("a b".to_owned(), (1, Some(f32::NAN)))]);
        let plan = Plan {
            rates: Vec::new(),
            by_name,
        };
        assert_eq!(place(&plan), "by_name.a b[1]");
        let text = to_value(&plan).unwrap_err().to_string();
        assert_eq!(text, "by_name.a b[1]: NaN and infinity have no JSON");
    }

    #[test]
    fn what_is_too_deep_to_be_read_again_is_refused() {
        let nested = |levels| (1..levels).fold(json!([]), |inner, _| Value::Array(vec![inner]));
        assert!(to_value(&nested(120)).is_ok());
        assert_eq!(place(&nested(121)), "[0]".repeat(120));
        // However deep it is, the stack is not used up.
        let mut deep = nested(10_000);
        assert!(to_vec(&deep).is_err());
        while let Some(inner) = deep.get_mut(0).map(Value::take) {
            deep = inner;
        }
    }

    #[test]
    fn keys_that_are_no_texts_are_refused() {
        let error = to_value(&json!({})).and_then(|_| to_vec(&HashMap::from([(vec![1], 1)])));
        let error = error.unwrap_err();
        assert!(std::error::Error::source(&error).is_some(), "{error}");
    }
}
