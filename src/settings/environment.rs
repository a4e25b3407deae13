//! The environment, as it is or as it is given.

use std::ffi::OsString;

use diptych_runtime::Error;

/// Variables in their order.
pub(super) struct Environment(Vec<(String, OsString)>);

/// What Prefect looks at for its test mode, where profiles do not count. Any value is a yes.
const TEST_MODES: [&str; 4] = [
    "PREFECT_TEST_MODE",
    "PREFECT_UNIT_TEST_MODE",
    "PREFECT_TESTING_UNIT_TEST_MODE",
    "PREFECT_TESTING_TEST_MODE",
];

impl Environment {
    pub(super) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        // No name that is looked for has anything but ASCII.
        let named = variables
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Self(named.collect())
    }

    /// The variable of exactly this name, unless it is empty.
    ///
    /// # Errors
    /// The value is not text.
    pub(super) fn exact(&self, name: &str) -> Result<Option<&str>, Error> {
        let mut found = self.0.iter().rev().filter(|(other, _)| other == name);
        let Some((name, value)) = found.next() else {
            return Ok(None);
        };
        text(name, value).map(|value| Some(value).filter(|value| !value.is_empty()))
    }

    /// The variable of this name in upper or lower case, as it is spelled, with its value. The last one counts.
    ///
    /// # Errors
    /// The value is not text.
    pub(super) fn in_any_case(&self, name: &str) -> Result<Option<(&str, &str)>, Error> {
        let is_wanted = |(other, _): &&(String, OsString)| other.eq_ignore_ascii_case(name);
        let Some((name, value)) = self.0.iter().rev().find(is_wanted) else {
            return Ok(None);
        };
        Ok(Some((name, text(name, value)?)))
    }

    /// The value of a variable that a `.env` file names.
    pub(super) fn for_expansion(&self, name: &str) -> Option<String> {
        let mut found = self.0.iter().rev().filter(|(other, _)| other == name);
        found
            .next()
            .map(|(_, value)| value.to_string_lossy().into_owned())
    }

    pub(super) fn is_test_mode(&self) -> bool {
        let is_set = |name: &&str| {
            self.0
                .iter()
                .any(|(other, value)| other == *name && !value.is_empty())
        };
        TEST_MODES.iter().any(is_set)
    }
}

fn text<'v>(name: &str, value: &'v OsString) -> Result<&'v str, Error> {
    let not_text = || Error::config(format!("environment variable {name}: it is not UTF-8"));
    value.to_str().ok_or_else(not_text)
}
