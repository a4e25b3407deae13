//! From settings to a configuration of a client.

use diptych_runtime::http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode, header::AUTHORIZATION,
};
use diptych_runtime::{Authorization, Config, Error};

use super::advice;
use super::setting::Setting;
use super::settings::Settings;
use super::source::Source;
use crate::{PrefectSession, connection, retry};

impl Settings {
    /// The configuration of a client.
    ///
    /// Where both are set, the auth string is sent and not the key; a custom header `Authorization` goes before both.
    /// `api.request_timeout` limits an attempt, and three times as much a call. The certificates of `api.ssl_cert_file`
    /// stand in place of Mozilla's. What only the client itself sets (`User-Agent` and the CSRF headers) is left out of
    /// the custom headers.
    ///
    /// # Errors
    ///
    /// There is no `api.url` (no server is started in its place), or a URL, header, credential or file of certificates
    /// that can't be used.
    pub fn config(&self) -> Result<Config, Error> {
        let url = self.api_url().ok_or_else(|| self.without_url())?;
        let mut config = connection::config(url)
            .map_err(|error| not_shown(Setting::ApiUrl, &self.api_url.source, &error))?
            .default_headers(self.headers()?)
            .retry_policy(self.retry_policy()?);
        let session = self.session(&config.base_url());
        config = config.session(session);
        let timeout = self.api_request_timeout();
        config = config
            .attempt_timeout(timeout)
            .timeout(timeout.map(|timeout| timeout.saturating_mul(3)));
        if let Some(authorization) = self.authorization() {
            let (setting, source) = match authorization {
                Authorization::Basic(_) => (Setting::ApiAuthString, &self.api_auth_string.source),
                _ => (Setting::ApiKey, &self.api_key.source),
            };
            config = config
                .authorization(&authorization)
                .map_err(|error| not_shown(setting, source, &error))?;
        }
        self.with_tls(config)
    }

    fn authorization(&self) -> Option<Authorization> {
        let names = self.client_custom_headers().keys();
        if names
            .into_iter()
            .any(|name| name.eq_ignore_ascii_case(AUTHORIZATION.as_str()))
        {
            return None;
        }
        let auth_string = self.api_auth_string().cloned().map(Authorization::Basic);
        auth_string.or_else(|| self.api_key().cloned().map(Authorization::Bearer))
    }

    fn headers(&self) -> Result<HeaderMap, Error> {
        let mut headers = connection::default_headers();
        for (name, value) in self.client_custom_headers() {
            if advice::is_protected(name) {
                continue;
            }
            let wrong = |what: &str| {
                let source = &self.client_custom_headers.source;
                Error::config(format!("client.custom_headers ({source}): {what}"))
            };
            let key = HeaderName::try_from(name)
                .map_err(|_| wrong(&format!("{name:?} can't be the name of a header")))?;
            let mut value = HeaderValue::from_str(value.expose()).map_err(|_| {
                wrong(&format!(
                    "the value of {name} has characters that can't be sent"
                ))
            })?;
            value.set_sensitive(true);
            headers.insert(key, value);
        }
        Ok(headers)
    }

    fn retry_policy(&self) -> Result<diptych_runtime::StandardRetry, Error> {
        let policy = retry::with_retries(self.client_max_retries());
        let mut policy = policy.jitter(self.client_retry_jitter_factor());
        for status in self.client_retry_extra_codes() {
            let status = StatusCode::from_u16(*status)
                .map_err(|_| Error::config(format!("{status} is not an HTTP status")))?;
            policy = policy.status(status);
        }
        Ok(policy)
    }

    fn session(&self, api_url: &str) -> PrefectSession {
        let mut session = PrefectSession::new(api_url);
        if !self.client_server_version_check_enabled() {
            session = session.without_version_check();
        }
        if self.is_cloud() || !self.client_csrf_support_enabled() {
            session = session.without_csrf();
        }
        session
    }

    #[cfg(any(feature = "rustls", feature = "async"))]
    fn with_tls(&self, config: Config) -> Result<Config, Error> {
        if self.api_tls_insecure_skip_verify() {
            return Ok(config.danger_accept_invalid_certificates());
        }
        let Some(file) = self.api_ssl_cert_file() else {
            return Ok(config);
        };
        let path = self.directory().join(file);
        let source = &self.api_ssl_cert_file.source;
        let wrong = |error: &dyn std::fmt::Display| {
            let path = path.display();
            Error::config(format!("api.ssl_cert_file ({source}): {path}: {error}"))
        };
        let pem = std::fs::read(&path).map_err(|error| wrong(&error))?;
        config
            .root_certificates(&pem)
            .map_err(|error| wrong(&error))
    }

    /// Without TLS there is nothing to be set up; HTTPS is refused by the transport.
    #[cfg(not(any(feature = "rustls", feature = "async")))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as above")]
    fn with_tls(&self, config: Config) -> Result<Config, Error> {
        Ok(config)
    }

    fn without_url(&self) -> Error {
        let name = Setting::ApiUrl.variable();
        let empty = match &self.api_url.source {
            Source::Default => String::new(),
            source => format!(" ({source} is empty)"),
        };
        let mut text = format!(
            "there is no api.url{empty}: set {name}, such as http://127.0.0.1:4200/api, or choose a profile that has \
             one; no server is started here"
        );
        for warning in self.warnings() {
            text.push_str("; ");
            text.push_str(warning);
        }
        Error::config(text)
    }
}

/// What is wrong with the value of a setting that may be a secret.
fn not_shown(setting: Setting, source: &Source, error: &Error) -> Error {
    let name = setting.name();
    Error::config(format!(
        "{name} ({source}): {error}; its value is not shown here, as it may be a secret"
    ))
}

#[cfg(all(test, feature = "blocking"))]
mod tests;
