//! What is given in code: values, and surroundings other than those of the process.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use diptych_runtime::{Error, Secret};
use toml::Value;

use super::given::Given;
use super::resolve;
use super::setting::Setting;
use super::settings::Settings;

/// Settings of which a part is given in code. What isn't is looked up, in the surroundings of the process unless others
/// are given.
#[derive(Clone, Default)]
#[must_use]
pub struct SettingsBuilder {
    given: Given,
}

impl Settings {
    /// The settings of this process: its environment, its current directory and its user's home directory. What a
    /// person should know of them goes to the log as well, once ([`Settings::warnings`]).
    ///
    /// # Errors
    ///
    /// A value can't be used, or a file can't be read. The error names the setting, the place, and what was expected.
    pub fn load() -> Result<Self, Error> {
        let settings = Self::builder().load()?;
        for warning in settings.warnings() {
            if is_new(warning) {
                tracing::warn!("{warning}");
            }
        }
        Ok(settings)
    }

    /// Settings of which a part is given in code, the surroundings if need be.
    pub fn builder() -> SettingsBuilder {
        SettingsBuilder::default()
    }
}

/// What was logged already: a program that loads its settings twice need not read it twice.
static LOGGED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn is_new(warning: &str) -> bool {
    let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
    logged.insert(warning.to_owned())
}

impl SettingsBuilder {
    /// Looks everything up.
    ///
    /// # Errors
    ///
    /// As [`Settings::load`], or the [profile](Self::profile) that was asked for does not exist.
    pub fn load(self) -> Result<Settings, Error> {
        resolve::settings(self.given)
    }

    /// Takes these environment variables in place of those of the process.
    pub fn environment<N: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        self.given.environment = Some(variables.collect());
        self
    }

    /// Looks for `.env`, `prefect.toml` and `pyproject.toml` in this directory in place of the current one. Relative
    /// paths begin there, too.
    pub fn directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.given.directory = Some(path.into());
        self
    }

    /// Takes this directory for `~`. Unless set, it is `HOME` of the environment that was given, or what the system
    /// says.
    pub fn home_directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.given.home_directory = Some(path.into());
        self
    }

    /// Takes this profile, whichever is active. One that comes with Prefect is found as well.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.given.profile = Some(name.into());
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
        let seconds = timeout.into().map(|timeout| timeout.as_secs_f64());
        // Rounding can lead beyond the longest duration, which is without end as well.
        let seconds = seconds.filter(|seconds| Duration::try_from_secs_f64(*seconds).is_ok());
        let seconds = seconds.unwrap_or(f64::INFINITY);
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
        self.given.explicit.insert(setting, value.into());
        self
    }
}

impl fmt::Debug for SettingsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values, and those of the environment, may be secrets.
        f.debug_struct("SettingsBuilder")
            .field("explicit", &self.given.explicit.keys())
            .field("directory", &self.given.directory)
            .field("home_directory", &self.given.home_directory)
            .field("profile", &self.given.profile)
            .finish_non_exhaustive()
    }
}
