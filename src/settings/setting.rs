//! The settings that a client knows, by the names that Prefect gives them.

/// A setting of Prefect that concerns a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Setting {
    /// `home`: Prefect's own directory, `~/.prefect` unless set.
    Home,
    /// `profiles_path`: the file of the profiles, `profiles.toml` in `home` unless set.
    ProfilesPath,
    /// `api.url`: where the API is.
    ApiUrl,
    /// `api.key`: the key for Prefect Cloud.
    ApiKey,
    /// `api.auth_string`: `user:password` for a server of one's own; it goes before the key.
    ApiAuthString,
    /// `api.request_timeout`, in seconds; 60 unless set.
    ApiRequestTimeout,
    /// `api.enable_http2`: read, but without effect, as this client speaks HTTP/1.1.
    ApiEnableHttp2,
    /// `api.ssl_cert_file`: root certificates in PEM; the variable `SSL_CERT_FILE` unless set.
    ApiSslCertFile,
    /// `api.tls_insecure_skip_verify`: whether any certificate is accepted.
    ApiTlsInsecureSkipVerify,
    /// `client.max_retries`: 5 unless set.
    ClientMaxRetries,
    /// `client.retry_jitter_factor`: 0.2 unless set.
    ClientRetryJitterFactor,
    /// `client.retry_extra_codes`: further statuses after which a call is tried again.
    ClientRetryExtraCodes,
    /// `client.csrf_support_enabled`: on unless set.
    ClientCsrfSupportEnabled,
    /// `client.custom_headers`: headers for every request.
    ClientCustomHeaders,
    /// `client.server_version_check_enabled`: on unless set.
    ClientServerVersionCheckEnabled,
    /// `cloud.api_url`: what the URL of an API in Prefect Cloud begins with.
    CloudApiUrl,
    /// `silence_api_url_misconfiguration`: whether nothing is said about an unlikely `api.url`.
    SilenceApiUrlMisconfiguration,
}

impl Setting {
    /// The name, as in the settings files: `api.url`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::ProfilesPath => "profiles_path",
            Self::ApiUrl => "api.url",
            Self::ApiKey => "api.key",
            Self::ApiAuthString => "api.auth_string",
            Self::ApiRequestTimeout => "api.request_timeout",
            Self::ApiEnableHttp2 => "api.enable_http2",
            Self::ApiSslCertFile => "api.ssl_cert_file",
            Self::ApiTlsInsecureSkipVerify => "api.tls_insecure_skip_verify",
            Self::ClientMaxRetries => "client.max_retries",
            Self::ClientRetryJitterFactor => "client.retry_jitter_factor",
            Self::ClientRetryExtraCodes => "client.retry_extra_codes",
            Self::ClientCsrfSupportEnabled => "client.csrf_support_enabled",
            Self::ClientCustomHeaders => "client.custom_headers",
            Self::ClientServerVersionCheckEnabled => "client.server_version_check_enabled",
            Self::CloudApiUrl => "cloud.api_url",
            Self::SilenceApiUrlMisconfiguration => "silence_api_url_misconfiguration",
        }
    }

    /// The name as an environment variable, and in `.env` and profiles: `PREFECT_API_URL`. None of these settings has
    /// an older name.
    #[must_use]
    pub fn variable(self) -> String {
        format!("PREFECT_{}", self.name().replace('.', "_").to_uppercase())
    }

    /// Whether the value is never shown.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(
            self,
            Self::ApiKey | Self::ApiAuthString | Self::ClientCustomHeaders
        )
    }

    /// Whether a variable may hold JSON; `null` is then as good as no variable.
    pub(super) fn may_be_json(self) -> bool {
        matches!(
            self,
            Self::ClientCustomHeaders | Self::ClientRetryExtraCodes
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_after_the_setting() {
        assert_eq!(Setting::ApiUrl.variable(), "PREFECT_API_URL");
        let jitter = Setting::ClientRetryJitterFactor;
        assert_eq!(jitter.variable(), "PREFECT_CLIENT_RETRY_JITTER_FACTOR");
        assert_eq!(Setting::Home.variable(), "PREFECT_HOME");
    }
}
