//! What is given in code: values, and surroundings other than those of the process.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use toml::Value;

use super::environment::Environment;
use super::setting::Setting;

/// What a [`SettingsBuilder`](super::SettingsBuilder) was given.
#[derive(Clone, Default)]
pub(super) struct Given {
    pub(super) explicit: BTreeMap<Setting, Value>,
    pub(super) environment: Option<Vec<(OsString, OsString)>>,
    pub(super) directory: Option<PathBuf>,
    pub(super) home_directory: Option<PathBuf>,
    pub(super) profile: Option<String>,
}

impl Given {
    /// The environment and the home directory.
    pub(super) fn surroundings(&self) -> (Environment, Option<PathBuf>) {
        let given = self.environment.clone();
        let home = match &given {
            None => std::env::home_dir(),
            Some(variables) => variables
                .iter()
                .find(|(name, _)| name == "HOME")
                .map(|(_, home)| PathBuf::from(home)),
        };
        let home = self.home_directory.clone().or(home);
        let variables = given.unwrap_or_else(|| std::env::vars_os().collect());
        let home = home.filter(|home| !home.as_os_str().is_empty());
        (Environment::new(variables), home)
    }
}
