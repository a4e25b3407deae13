//! Where each value came from, for people.

use std::fmt;

use super::layers::Resolved;
use super::{Setting, Settings, Source};

/// Every setting with its value and the place that it came from. Shown as text, it is a line for each.
#[derive(Clone, Debug)]
pub struct Explanation {
    explained: Vec<Explained>,
    warnings: Vec<String>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    setting: Setting,
    value: Option<String>,
    source: Source,
}

impl Explained {
    /// The setting.
    #[must_use]
    pub fn setting(&self) -> Setting {
        self.setting
    }

    /// The value as text; a secret is `[REDACTED]`, and what is not set is nothing.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// Where it came from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }
}

impl Explanation {
    /// The settings, in a fixed order.
    pub fn iter(&self) -> std::slice::Iter<'_, Explained> {
        self.explained.iter()
    }

    /// What is known of one setting.
    #[must_use]
    pub fn get(&self, setting: Setting) -> Option<&Explained> {
        self.iter().find(|explained| explained.setting == setting)
    }

    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            explained: explained(settings),
            warnings: settings.warnings.clone(),
        }
    }
}

impl<'e> IntoIterator for &'e Explanation {
    type Item = &'e Explained;
    type IntoIter = std::slice::Iter<'e, Explained>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self
            .iter()
            .map(|one| {
                (
                    one.setting.name(),
                    one.value().unwrap_or("not set"),
                    &one.source,
                )
            })
            .collect();
        let name = lines.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        let value = lines.iter().map(|(_, value, _)| value.chars().count());
        let value = value.max().unwrap_or(0);
        for (setting, text, source) in &lines {
            writeln!(f, "{setting:name$}  {text:value$}  {source}")?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        Ok(())
    }
}

const REDACTED: &str = "[REDACTED]";

fn explained(settings: &Settings) -> Vec<Explained> {
    fn one<T>(
        setting: Setting,
        resolved: &Resolved<T>,
        shown: impl FnOnce(&T) -> Option<String>,
    ) -> Explained {
        Explained {
            setting,
            value: shown(&resolved.value),
            source: resolved.source.clone(),
        }
    }
    fn plain<T: ToString>(setting: Setting, resolved: &Resolved<T>) -> Explained {
        one(setting, resolved, |value| Some(value.to_string()))
    }
    let s = settings;
    let hidden = |_: &_| REDACTED.to_owned();
    vec![
        one(Setting::Home, &s.home, |path| {
            Some(path.display().to_string())
        }),
        one(Setting::ProfilesPath, &s.profiles_path, |path| {
            Some(path.display().to_string())
        }),
        one(Setting::ApiUrl, &s.api_url, |url| {
            url.as_deref().map(shown_url)
        }),
        one(Setting::ApiKey, &s.api_key, |key| key.as_ref().map(hidden)),
        one(Setting::ApiAuthString, &s.api_auth_string, |auth| {
            auth.as_ref().map(hidden)
        }),
        one(
            Setting::ApiRequestTimeout,
            &s.api_request_timeout,
            |timeout| {
                let seconds = timeout.map(|timeout| format!("{} s", timeout.as_secs_f64()));
                Some(seconds.unwrap_or_else(|| "without end".to_owned()))
            },
        ),
        plain(Setting::ApiEnableHttp2, &s.api_enable_http2),
        one(Setting::ApiSslCertFile, &s.api_ssl_cert_file, Clone::clone),
        plain(
            Setting::ApiTlsInsecureSkipVerify,
            &s.api_tls_insecure_skip_verify,
        ),
        plain(Setting::ClientMaxRetries, &s.client_max_retries),
        plain(
            Setting::ClientRetryJitterFactor,
            &s.client_retry_jitter_factor,
        ),
        one(
            Setting::ClientRetryExtraCodes,
            &s.client_retry_extra_codes,
            |codes| {
                let codes: Vec<_> = codes.iter().map(u16::to_string).collect();
                Some(codes.join(","))
            },
        ),
        plain(
            Setting::ClientCsrfSupportEnabled,
            &s.client_csrf_support_enabled,
        ),
        one(
            Setting::ClientCustomHeaders,
            &s.client_custom_headers,
            |headers| {
                let headers: Vec<_> = headers
                    .keys()
                    .map(|name| format!("{name}: {REDACTED}"))
                    .collect();
                Some(headers.join(", "))
            },
        ),
        plain(
            Setting::ClientServerVersionCheckEnabled,
            &s.client_server_version_check_enabled,
        ),
        one(Setting::CloudApiUrl, &s.cloud_api_url, |url| {
            Some(shown_url(url))
        }),
        plain(
            Setting::SilenceApiUrlMisconfiguration,
            &s.silence_api_url_misconfiguration,
        ),
    ]
}

/// A URL without what may be a password in it: a client refuses such a URL, but first a person has to see which it is.
pub(super) fn shown_url(url: &str) -> String {
    if let Some((before, host)) = url.rsplit_once('@') {
        let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
        return format!("{scheme}://{REDACTED}@{host}");
    }
    match url.split_once(['?', '#']) {
        Some((before, _)) => format!("{before}{REDACTED}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        assert_eq!(shown_url("http://h:1/api"), "http://h:1/api");
        assert_eq!(shown_url("http://u:p@h/api"), "http://[REDACTED]@h/api");
        assert_eq!(shown_url("http://u:p@ss@h/api"), "http://[REDACTED]@h/api");
        assert_eq!(shown_url("http://h/api?key=x"), "http://h/api[REDACTED]");
        assert_eq!(shown_url("http://u:p#x@h/"), "http://[REDACTED]@h/");
    }
}
