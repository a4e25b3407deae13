//! Where each value came from, for people.

use std::fmt;

use diptych_runtime::Secret;

use super::layers::Resolved;
use super::setting::Setting;
use super::settings::Settings;
use super::source::Source;

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

    fn of(settings: &Settings) -> Self {
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

impl Settings {
    /// Every value and where it came from.
    #[must_use]
    pub fn explain(&self) -> Explanation {
        Explanation::of(self)
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

const REDACTED: &str = "[REDACTED]";

fn explained(s: &Settings) -> Vec<Explained> {
    vec![
        one(&s.home, |path| Some(path.display().to_string())),
        one(&s.profiles_path, |path| Some(path.display().to_string())),
        one(&s.api_url, |url| url.as_deref().map(shown_url)),
        secret(&s.api_key),
        secret(&s.api_auth_string),
        one(&s.api_request_timeout, |timeout| {
            Some(timeout.map_or("without end".to_owned(), |timeout| {
                format!("{} s", timeout.as_secs_f64())
            }))
        }),
        plain(&s.api_enable_http2),
        one(&s.api_ssl_cert_file, Clone::clone),
        plain(&s.api_tls_insecure_skip_verify),
        plain(&s.client_max_retries),
        plain(&s.client_retry_jitter_factor),
        list(&s.client_retry_extra_codes, u16::to_string),
        plain(&s.client_csrf_support_enabled),
        list(&s.client_custom_headers, |(name, _)| {
            format!("{name}: {REDACTED}")
        }),
        plain(&s.client_server_version_check_enabled),
        one(&s.cloud_api_url, |url| Some(shown_url(url))),
        plain(&s.silence_api_url_misconfiguration),
    ]
}

fn one<T>(resolved: &Resolved<T>, shown: impl FnOnce(&T) -> Option<String>) -> Explained {
    Explained {
        setting: resolved.setting,
        value: shown(&resolved.value),
        source: resolved.source.clone(),
    }
}

fn plain<T: ToString>(resolved: &Resolved<T>) -> Explained {
    one(resolved, |value| Some(value.to_string()))
}

fn secret(resolved: &Resolved<Option<Secret>>) -> Explained {
    one(resolved, |secret| {
        secret.as_ref().map(|_| REDACTED.to_owned())
    })
}

/// Several values; none is as good as nothing.
fn list<'s, L, I>(resolved: &'s Resolved<L>, shown: impl FnMut(I) -> String) -> Explained
where
    &'s L: IntoIterator<Item = I>,
{
    let shown: Vec<_> = resolved.value.into_iter().map(shown).collect();
    Explained {
        setting: resolved.setting,
        value: (!shown.is_empty()).then(|| shown.join(", ")),
        source: resolved.source.clone(),
    }
}

/// A URL without what may be a password in it: a client refuses such a URL, but first a person has to see which it is.
pub(super) fn shown_url(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let without_query = |text: &str| match text.split_once(['?', '#']) {
        Some((before, _)) => format!("{before}{REDACTED}"),
        None => text.to_owned(),
    };
    match rest.rsplit_once('@') {
        None => scheme + &without_query(rest),
        // An `@` of a query: what stands behind it is a part of a secret.
        Some((before, _)) if before.contains('/') && before.contains(['?', '#']) => {
            scheme + REDACTED
        }
        Some((_, host)) => format!("{scheme}{REDACTED}@{}", without_query(host)),
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
        assert_eq!(
            shown_url("http://u:p@h/api?key=x"),
            "http://[REDACTED]@h/api[REDACTED]"
        );
        assert_eq!(shown_url("http://h/api?key=s3@cret"), "http://[REDACTED]");
        assert_eq!(shown_url("u:p@h"), "[REDACTED]@h");
    }
}
