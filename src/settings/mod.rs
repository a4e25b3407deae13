//! Prefect's settings, as far as they concern a client, found where Prefect finds them.

mod advice;
mod builder;
mod connect;
mod dotenv;
mod environment;
mod explain;
mod layers;
mod paths;
mod profiles;
mod setting;
mod source;
mod toml_file;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diptych_runtime::{Error, Secret};

pub use builder::SettingsBuilder;
pub use explain::{Explained, Explanation};
pub use profiles::Profiles;
pub use setting::Setting;
pub use source::Source;

use layers::{Layers, Resolved};

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
    home: Resolved<PathBuf>,
    profiles_path: Resolved<PathBuf>,
    api_url: Resolved<Option<String>>,
    api_key: Resolved<Option<Secret>>,
    api_auth_string: Resolved<Option<Secret>>,
    api_request_timeout: Resolved<Option<Duration>>,
    api_enable_http2: Resolved<bool>,
    api_ssl_cert_file: Resolved<Option<String>>,
    api_tls_insecure_skip_verify: Resolved<bool>,
    client_max_retries: Resolved<u32>,
    client_retry_jitter_factor: Resolved<f64>,
    client_retry_extra_codes: Resolved<BTreeSet<u16>>,
    client_csrf_support_enabled: Resolved<bool>,
    client_custom_headers: Resolved<BTreeMap<String, Secret>>,
    client_server_version_check_enabled: Resolved<bool>,
    cloud_api_url: Resolved<String>,
    silence_api_url_misconfiguration: Resolved<bool>,
    profile: Option<String>,
    directory: PathBuf,
    warnings: Vec<String>,
}

impl Settings {
    /// The settings of this process: its environment, its current directory and its user's home directory. What a
    /// person should know of them goes to the log as well ([`Settings::warnings`]).
    ///
    /// # Errors
    ///
    /// A value can't be used, or a file can't be read. The error names the setting, the place, and what was expected.
    pub fn load() -> Result<Self, Error> {
        let settings = Self::builder().load()?;
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        Ok(settings)
    }

    /// Settings of which a part is given in code, the surroundings if need be.
    pub fn builder() -> SettingsBuilder {
        SettingsBuilder::default()
    }

    /// Every value and where it came from.
    #[must_use]
    pub fn explain(&self) -> Explanation {
        Explanation::of(self)
    }

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

    fn from_builder(builder: SettingsBuilder) -> Result<Self, Error> {
        let mut layers = Layers::read(builder)?;
        let warnings = std::mem::take(&mut layers.warnings);
        let mut settings = resolve(&layers, warnings)?;
        let advice = advice::of(&settings);
        settings.warnings.extend(advice);
        Ok(settings)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let explanation = self.explain();
        let values = explanation
            .iter()
            .map(|explained| (explained.setting().name(), explained.value()));
        f.debug_map().entries(values).finish()
    }
}

fn filled(secret: Option<&Secret>) -> Option<&Secret> {
    secret.filter(|secret| !secret.expose().is_empty())
}

fn resolve(layers: &Layers, warnings: Vec<String>) -> Result<Settings, Error> {
    use Setting as S;
    let home = home(layers)?;
    let minute = Some(Duration::from_secs(60));
    let cloud = "https://api.prefect.cloud/api".to_owned();
    let boolean = |setting, or| layers.resolve(setting, value::boolean, or);
    let (codes, headers) = (BTreeSet::new(), BTreeMap::new());
    Ok(Settings {
        profiles_path: profiles_path(layers, &home.value)?,
        home,
        api_url: layers.resolve(S::ApiUrl, value::optional_text, None)?,
        api_key: layers.resolve(S::ApiKey, value::secret, None)?,
        api_auth_string: layers.resolve(S::ApiAuthString, value::secret, None)?,
        api_request_timeout: layers.resolve(S::ApiRequestTimeout, value::seconds, minute)?,
        api_enable_http2: boolean(S::ApiEnableHttp2, false)?,
        api_ssl_cert_file: certificates(layers)?,
        api_tls_insecure_skip_verify: boolean(S::ApiTlsInsecureSkipVerify, false)?,
        client_max_retries: layers.resolve(S::ClientMaxRetries, value::count, 5)?,
        client_retry_jitter_factor: layers.resolve(
            S::ClientRetryJitterFactor,
            value::factor,
            0.2,
        )?,
        client_retry_extra_codes: layers.resolve(
            S::ClientRetryExtraCodes,
            value::statuses,
            codes,
        )?,
        client_csrf_support_enabled: boolean(S::ClientCsrfSupportEnabled, true)?,
        client_custom_headers: layers.resolve(S::ClientCustomHeaders, value::headers, headers)?,
        client_server_version_check_enabled: boolean(S::ClientServerVersionCheckEnabled, true)?,
        cloud_api_url: layers.resolve(S::CloudApiUrl, value::text, cloud)?,
        silence_api_url_misconfiguration: boolean(S::SilenceApiUrlMisconfiguration, false)?,
        profile: layers.profile().map(str::to_owned),
        directory: layers.directory.clone(),
        warnings,
    })
}

fn home(layers: &Layers) -> Result<Resolved<PathBuf>, Error> {
    let directory = layers.home_directory.as_deref();
    let read = |written: &_| paths::expanded(&value::text(written)?, directory);
    if let Some(home) = layers.resolve_if_set(Setting::Home, read)? {
        return Ok(home);
    }
    match paths::expanded("~/.prefect", directory) {
        Ok(value) => Ok(Resolved {
            setting: Setting::Home,
            value,
            source: Source::Default,
        }),
        Err(expected) => Err(Error::config(format!("home: {expected}, as PREFECT_HOME"))),
    }
}

fn profiles_path(layers: &Layers, home: &Path) -> Result<Resolved<PathBuf>, Error> {
    let read = |written: &_| paths::in_prefect_home(&value::text(written)?, home);
    let default = paths::normal(home.join("profiles.toml"));
    layers.resolve(Setting::ProfilesPath, read, default)
}

/// Python's `ssl` has a variable of its own, which Prefect takes as the default.
fn certificates(layers: &Layers) -> Result<Resolved<Option<String>>, Error> {
    const DEFAULT: &str = "SSL_CERT_FILE";
    let own = layers.resolve(Setting::ApiSslCertFile, value::optional_text, None)?;
    if own.source != Source::Default {
        return Ok(own);
    }
    match layers.environment.exact(DEFAULT)? {
        None => Ok(own),
        Some(file) => Ok(Resolved {
            value: Some(file.to_owned()),
            source: Source::Environment(DEFAULT.to_owned()),
            ..own
        }),
    }
}

#[cfg(test)]
mod tests;
