//! Each setting looked up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use diptych_runtime::Error;

use super::given::Given;
use super::layers::{Layers, Resolved};
use super::setting::Setting;
use super::settings::Settings;
use super::source::Source;
use super::{advice, paths, value};

/// Looks everything up.
///
/// # Errors
/// A value can't be used, or a file can't be read.
pub(super) fn settings(given: Given) -> Result<Settings, Error> {
    let mut layers = Layers::read(given)?;
    let warnings = std::mem::take(&mut layers.warnings);
    let mut settings = resolve(&layers, warnings)?;
    let advice = advice::of(&settings);
    settings.warnings.extend(advice);
    Ok(settings)
}

fn resolve(layers: &Layers, warnings: Vec<String>) -> Result<Settings, Error> {
    use Setting as S;
    let home = home(layers)?;
    let minute = Some(Duration::from_mins(1));
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
