//! What is given in code: values, and surroundings other than those of the process.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use diptych_runtime::{Error, Secret};
use toml::Value;

use super::environment::Environment;
use super::{Setting, Settings};

/// Settings of which a part is given in code. What isn't is looked up, in the surroundings of the process unless others
/// are given.
#[derive(Clone, Default)]
#[must_use]
pub struct SettingsBuilder {
    pub(super) explicit: BTreeMap<Setting, Value>,
    pub(super) environment: Option<Vec<(OsString, OsString)>>,
    pub(super) directory: Option<PathBuf>,
    pub(super) home_directory: Option<PathBuf>,
    pub(super) profile: Option<String>,
}

impl SettingsBuilder {
    /// Looks everything up.
    ///
    /// # Errors
    ///
    /// As [`Settings::load`], or the [profile](Self::profile) that was asked for does not exist.
    pub fn load(self) -> Result<Settings, Error> {
        Settings::from_builder(self)
    }

    /// Takes these environment variables in place of those of the process.
    pub fn environment<N: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        self.environment = Some(variables.collect());
        self
    }

    /// Looks for `.env`, `prefect.toml` and `pyproject.toml` in this directory in place of the current one. Relative
    /// paths begin there, too.
    pub fn directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.directory = Some(path.into());
        self
    }

    /// Takes this directory for `~`. Unless set, it is `HOME` of the environment that was given, or what the system
    /// says.
    pub fn home_directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.home_directory = Some(path.into());
        self
    }

    /// Takes this profile, whichever is active. One that comes with Prefect is found as well.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Sets `api.url`.
    pub fn api_url(self, url: impl Into<String>) -> Self {
        self.set(Setting::ApiUrl, url.into())
    }

    /// Sets `api.key`.
    pub fn api_key(self, key: impl Into<Secret>) -> Self {
        self.set(Setting::ApiKey, key.into().expose())
    }

    /// Sets `api.auth_string`, which is `user:password`.
    pub fn api_auth_string(self, auth_string: impl Into<Secret>) -> Self {
        self.set(Setting::ApiAuthString, auth_string.into().expose())
    }

    /// Sets `api.request_timeout`; `None` is without end.
    pub fn api_request_timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        let timeout = timeout.into();
        let seconds = timeout.map_or(f64::INFINITY, |timeout| timeout.as_secs_f64());
        self.set(Setting::ApiRequestTimeout, seconds)
    }

    /// Sets `api.ssl_cert_file`.
    pub fn api_ssl_cert_file(self, path: impl Into<String>) -> Self {
        self.set(Setting::ApiSslCertFile, path.into())
    }

    /// Sets `api.tls_insecure_skip_verify`.
    pub fn api_tls_insecure_skip_verify(self, skip: bool) -> Self {
        self.set(Setting::ApiTlsInsecureSkipVerify, skip)
    }

    /// Sets `client.max_retries`.
    pub fn client_max_retries(self, retries: u32) -> Self {
        self.set(Setting::ClientMaxRetries, retries)
    }

    /// Sets `client.retry_jitter_factor`.
    pub fn client_retry_jitter_factor(self, factor: f64) -> Self {
        self.set(Setting::ClientRetryJitterFactor, factor)
    }

    /// Sets `client.retry_extra_codes`.
    pub fn client_retry_extra_codes(self, statuses: impl IntoIterator<Item = u16>) -> Self {
        let statuses = statuses.into_iter().map(i64::from);
        self.set(Setting::ClientRetryExtraCodes, statuses.collect::<Vec<_>>())
    }

    /// Sets `client.csrf_support_enabled`.
    pub fn client_csrf_support_enabled(self, enabled: bool) -> Self {
        self.set(Setting::ClientCsrfSupportEnabled, enabled)
    }

    /// Sets `client.custom_headers`.
    pub fn client_custom_headers<N: Into<String>, V: Into<Secret>>(
        self,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let headers = headers.into_iter().map(|(name, value)| {
            let value: Secret = value.into();
            (name.into(), Value::from(value.expose()))
        });
        self.set(
            Setting::ClientCustomHeaders,
            headers.collect::<toml::Table>(),
        )
    }

    /// Sets `client.server_version_check_enabled`.
    pub fn client_server_version_check_enabled(self, enabled: bool) -> Self {
        self.set(Setting::ClientServerVersionCheckEnabled, enabled)
    }

    /// Sets `cloud.api_url`.
    pub fn cloud_api_url(self, url: impl Into<String>) -> Self {
        self.set(Setting::CloudApiUrl, url.into())
    }

    fn set(mut self, setting: Setting, value: impl Into<Value>) -> Self {
        self.explicit.insert(setting, value.into());
        self
    }

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

impl fmt::Debug for SettingsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values, and those of the environment, may be secrets.
        f.debug_struct("SettingsBuilder")
            .field("explicit", &self.explicit.keys())
            .field("directory", &self.directory)
            .field("home_directory", &self.home_directory)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
