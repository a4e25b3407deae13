//! The values of all settings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use diptych_runtime::Secret;

use super::layers::Resolved;

/// Prefect's settings, as far as they concern a client.
///
/// Each value comes from the first of these that has it, as in Prefect:
///
/// 1. what is given in code ([`Settings::builder`]);
/// 2. environment variables, in upper or lower case. An empty one counts, and hides what follows;
/// 3. `.env` in the current directory;
/// 4. `prefect.toml` in the current directory;
/// 5. the table `tool.prefect` of `pyproject.toml` in the current directory;
/// 6. the active profile: the one that `PREFECT_PROFILE` names, else the one that the file calls active. The file is
///    what `PREFECT_PROFILES_PATH`, or `profiles_path` in 3 to 5, names, else `profiles.toml` in `PREFECT_HOME` or in
///    `~/.prefect`, else the one that comes with Prefect;
/// 7. the default.
///
/// [`Settings::explain`] says which it was. The `prefect` package resolves the same values from the same surroundings,
/// which a test verifies. It differs where this is stricter:
///
/// - a value that can't be used is an error here even where Prefect fails at the first request only (a negative
///   timeout), or ignores it (a table in a settings file where a text is expected);
/// - a whole group as JSON in one variable (`PREFECT_API={"url": …}`) is refused;
/// - `~name` in `PREFECT_HOME`, the home directory of another user, is refused;
/// - settings of the server, the workers and so on are not looked at, and what is wrong with them is not noticed;
/// - a profile of `profiles.toml` that is not active is not looked at either, but has to be a table.
///
/// Directories of secret files, which Prefect's settings library knows, are not switched on in Prefect. The number of
/// connections is no setting of Prefect: see [`Config::max_connections`](crate::Config::max_connections).
pub struct Settings {
    pub(super) home: Resolved<PathBuf>,
    pub(super) profiles_path: Resolved<PathBuf>,
    pub(super) api_url: Resolved<Option<String>>,
    pub(super) api_key: Resolved<Option<Secret>>,
    pub(super) api_auth_string: Resolved<Option<Secret>>,
    pub(super) api_request_timeout: Resolved<Option<Duration>>,
    pub(super) api_enable_http2: Resolved<bool>,
    pub(super) api_ssl_cert_file: Resolved<Option<String>>,
    pub(super) api_tls_insecure_skip_verify: Resolved<bool>,
    pub(super) client_max_retries: Resolved<u32>,
    pub(super) client_retry_jitter_factor: Resolved<f64>,
    pub(super) client_retry_extra_codes: Resolved<BTreeSet<u16>>,
    pub(super) client_csrf_support_enabled: Resolved<bool>,
    pub(super) client_custom_headers: Resolved<BTreeMap<String, Secret>>,
    pub(super) client_server_version_check_enabled: Resolved<bool>,
    pub(super) cloud_api_url: Resolved<String>,
    pub(super) silence_api_url_misconfiguration: Resolved<bool>,
    pub(super) profile: Option<String>,
    pub(super) directory: PathBuf,
    pub(super) warnings: Vec<String>,
}

impl Settings {
    /// What a person should know although nothing is wrong: an active profile that does not exist, an `api.url` that is
    /// hardly meant, a line of `.env` that was left out.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The profile that counts; none in Prefect's test mode (`PREFECT_TEST_MODE`).
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// The directory of the settings files, in which relative paths begin.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// `home`: Prefect's own directory.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home.value
    }

    /// `profiles_path`: the file of the profiles, which need not exist.
    #[must_use]
    pub fn profiles_path(&self) -> &Path {
        &self.profiles_path.value
    }

    /// `api.url`, unless it is empty.
    #[must_use]
    pub fn api_url(&self) -> Option<&str> {
        self.api_url.value.as_deref().filter(|url| !url.is_empty())
    }

    /// `api.key`, unless it is empty.
    #[must_use]
    pub fn api_key(&self) -> Option<&Secret> {
        filled(self.api_key.value.as_ref())
    }

    /// `api.auth_string`, unless it is empty.
    #[must_use]
    pub fn api_auth_string(&self) -> Option<&Secret> {
        filled(self.api_auth_string.value.as_ref())
    }

    /// `api.request_timeout`; `None` is without end.
    #[must_use]
    pub fn api_request_timeout(&self) -> Option<Duration> {
        self.api_request_timeout.value
    }

    /// `api.enable_http2`. It has no effect: this client speaks HTTP/1.1.
    #[must_use]
    pub fn api_enable_http2(&self) -> bool {
        self.api_enable_http2.value
    }

    /// `api.ssl_cert_file`, unless it is empty. A relative path begins in the [`directory`](Self::directory).
    #[must_use]
    pub fn api_ssl_cert_file(&self) -> Option<&Path> {
        let file = self.api_ssl_cert_file.value.as_deref();
        file.filter(|file| !file.is_empty()).map(Path::new)
    }

    /// `api.tls_insecure_skip_verify`.
    #[must_use]
    pub fn api_tls_insecure_skip_verify(&self) -> bool {
        self.api_tls_insecure_skip_verify.value
    }

    /// `client.max_retries`.
    #[must_use]
    pub fn client_max_retries(&self) -> u32 {
        self.client_max_retries.value
    }

    /// `client.retry_jitter_factor`.
    #[must_use]
    pub fn client_retry_jitter_factor(&self) -> f64 {
        self.client_retry_jitter_factor.value
    }

    /// `client.retry_extra_codes`.
    #[must_use]
    pub fn client_retry_extra_codes(&self) -> &BTreeSet<u16> {
        &self.client_retry_extra_codes.value
    }

    /// `client.csrf_support_enabled`. With Prefect Cloud there is no CSRF token, whatever it says.
    #[must_use]
    pub fn client_csrf_support_enabled(&self) -> bool {
        self.client_csrf_support_enabled.value
    }

    /// `client.custom_headers`, with those that are [left out](Self::config).
    #[must_use]
    pub fn client_custom_headers(&self) -> &BTreeMap<String, Secret> {
        &self.client_custom_headers.value
    }

    /// `client.server_version_check_enabled`.
    #[must_use]
    pub fn client_server_version_check_enabled(&self) -> bool {
        self.client_server_version_check_enabled.value
    }

    /// `cloud.api_url`.
    #[must_use]
    pub fn cloud_api_url(&self) -> &str {
        &self.cloud_api_url.value
    }

    /// Whether the API is Prefect Cloud's: its URL begins with `cloud.api_url`.
    #[must_use]
    pub fn is_cloud(&self) -> bool {
        let cloud = self.cloud_api_url();
        let url = self.api_url();
        !cloud.is_empty() && url.is_some_and(|url| url.starts_with(cloud))
    }
}

fn filled(secret: Option<&Secret>) -> Option<&Secret> {
    secret.filter(|secret| !secret.expose().is_empty())
}
