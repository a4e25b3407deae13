//! The names of runs, made of their parameters.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::Error;
use crate::results::filled;

/// How the name of a run is made: of a format string of Python's, which is filled in with the parameters, or computed.
///
/// ```
/// use prefect_sdk::flows::RunName;
///
/// let written = RunName::from("load-{day}");
/// let computed = RunName::computed(|parameters| format!("load {} things", parameters.len()));
/// # drop((written, computed));
/// ```
#[derive(Clone)]
pub struct RunName(Making);

#[derive(Clone)]
enum Making {
    Format(String),
    Computed(Arc<Compute>),
}

type Compute = dyn Fn(&Map<String, Value>) -> String + Send + Sync;

impl RunName {
    /// A name that is computed from the parameters.
    #[must_use]
    pub fn computed(
        compute: impl Fn(&Map<String, Value>) -> String + Send + Sync + 'static,
    ) -> Self {
        Self(Making::Computed(Arc::new(compute)))
    }

    pub(super) fn of(&self, parameters: &Map<String, Value>) -> Result<String, Error> {
        match &self.0 {
            Making::Computed(compute) => Ok(compute(parameters)),
            Making::Format(format) => filled(format, &Value::Object(parameters.clone()))
                .map_err(|why| Error::invalid(format!("the name of the run `{format}`: {why}"))),
        }
    }
}

impl From<&str> for RunName {
    fn from(format: &str) -> Self {
        Self(Making::Format(format.to_owned()))
    }
}

impl From<String> for RunName {
    fn from(format: String) -> Self {
        Self(Making::Format(format))
    }
}

impl fmt::Debug for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Making::Format(format) => f.debug_tuple("RunName").field(format).finish(),
            Making::Computed(_) => f.debug_tuple("RunName").finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_is_filled_in_or_computed() {
        let Value::Object(parameters) = json!({"day": "monday", "n": 2.5}) else {
            panic!("an object")
        };
        let name = |name: RunName| name.of(&parameters);
        assert_eq!(name("{day}-{n:.2f}".into()).unwrap(), "monday-2.50");
        let count = RunName::computed(|parameters| parameters.len().to_string());
        assert_eq!(name(count).unwrap(), "2");
        assert!(name("{other}".into()).unwrap_err().is_invalid());
    }
}
