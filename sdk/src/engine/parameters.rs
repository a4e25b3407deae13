//! Parameters: a value of the user's type as JSON by name, and back.

use prefect_client::json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Error;
use crate::pydantic::field_names;

/// The name of what is no object, and so has no names.
pub(crate) const ONLY: &str = "parameter";

/// Parameters by name: the fields of a struct, or the entries of a map. Nothing (`()`) is no parameters; any other value is
/// one, `parameter`.
pub(crate) fn to_parameters<P: Serialize>(parameters: &P) -> Result<Map<String, Value>, Error> {
    let value = json::to_value(parameters);
    let value =
        value.map_err(|error| Error::invalid("the parameters have no JSON").because(error))?;
    Ok(match value {
        Value::Object(parameters) => parameters,
        Value::Null => Map::new(),
        other => Map::from_iter([(ONLY.to_owned(), other)]),
    })
}

/// The user's type again; or what does not fit, with the parameter's name.
pub(crate) fn read_parameters<P: DeserializeOwned>(
    parameters: &Map<String, Value>,
) -> Result<P, String> {
    let whole = Value::Object(parameters.clone());
    let error = match serde_path_to_error::deserialize(whole) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    // What has no names may be meant.
    let has_names = field_names::<P>().is_some_and(|names| !names.is_empty());
    let nameless = match parameters.get(ONLY) {
        // A struct would be read of a list, too.
        _ if has_names => None,
        Some(only) if parameters.len() == 1 => Some(only.clone()),
        None if parameters.is_empty() => Some(Value::Null),
        _ => None,
    };
    if let Some(Ok(read)) = nameless.map(P::deserialize) {
        return Ok(read);
    }
    let (path, error) = (error.path().to_string(), error.into_inner());
    let place = if path == "." {
        String::new()
    } else {
        format!("{path}: ")
    };
    Err(format!(
        "Flow run received invalid parameters:\n - {place}{error}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Order {
        number: u32,
        note: Option<String>,
    }

    fn read<P: DeserializeOwned>(value: Value) -> Result<P, String> {
        match value {
            Value::Object(parameters) => read_parameters(&parameters),
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn parameters_are_there_and_back() {
        let order = Order {
            number: 3,
            note: None,
        };
        let parameters = to_parameters(&order).unwrap();
        assert_eq!(
            Value::Object(parameters.clone()),
            json!({"number": 3, "note": null})
        );
        assert_eq!(read_parameters::<Order>(&parameters), Ok(order));
        read_parameters::<()>(&to_parameters(&()).unwrap()).unwrap();
        let two = to_parameters(&(1, 2)).unwrap();
        assert_eq!(Value::Object(two.clone()), json!({"parameter": [1, 2]}));
        assert_eq!(read_parameters::<(u8, u8)>(&two), Ok((1, 2)));
        assert!(to_parameters(&f64::NAN).unwrap_err().is_invalid());
    }

    #[test]
    fn the_names_of_parameters_are_not_gone_around() {
        for given in [json!([3, "x"]), json!({"number": 3})] {
            let wrong = read::<Order>(json!({"parameter": given})).unwrap_err();
            assert!(wrong.contains("missing field `number`"), "{wrong}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told_by_its_name() {
        let wrong = read::<Order>(json!({"number": "x"})).unwrap_err();
        assert!(
            wrong.contains("- number: invalid type: string \"x\""),
            "{wrong}"
        );
        let missing = read::<Order>(json!({})).unwrap_err();
        assert!(missing.contains("- missing field `number`"), "{missing}");
    }
}
