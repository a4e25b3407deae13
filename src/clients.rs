//! How clients are made: of a URL, or of the settings.

use diptych_runtime::{Config, Error};

#[cfg(any(feature = "blocking", feature = "async"))]
use crate::connection::config;
use crate::settings::Settings;

/// A configuration from the settings of this process: environment, settings files and profiles, as Prefect reads them.
///
/// # Errors
///
/// As [`Settings::load`] and [`Settings::config`].
pub fn config_from_env() -> Result<Config, Error> {
    Settings::load()?.config()
}

#[cfg(feature = "blocking")]
impl crate::PrefectClient {
    /// A client of the API at `api_url`, such as `http://127.0.0.1:4200/api`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// As [`config`].
    pub fn new(api_url: &str) -> Result<Self, Error> {
        Self::from_config(config(api_url)?)
    }

    /// A client from Prefect's [`Settings`]: environment, settings files and profiles. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// As [`config_from_env`].
    pub fn from_env() -> Result<Self, Error> {
        Self::from_config(config_from_env()?)
    }
}

#[cfg(feature = "async")]
impl crate::AsyncPrefectClient {
    /// A client of the API at `api_url`, such as `http://127.0.0.1:4200/api`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// As [`config`].
    pub fn new(api_url: &str) -> Result<Self, Error> {
        Self::from_config(config(api_url)?)
    }

    /// A client from Prefect's [`Settings`]: environment, settings files and profiles. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// As [`config_from_env`].
    pub fn from_env() -> Result<Self, Error> {
        Self::from_config(config_from_env()?)
    }
}
