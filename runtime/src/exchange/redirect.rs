//! Where an answer leads on to.

use http::header::LOCATION;
use http::uri::{Authority, Scheme};
use http::{Method, StatusCode, Uri};
use iri_string::types::{UriAbsoluteStr, UriReferenceStr};

use super::Exchange;
use crate::call::Answer;

impl Exchange<'_> {
    /// The address that the answer leads to, unless it is not followed: then the answer is what the caller gets.
    ///
    /// GET and HEAD follow any redirect. Everything else follows 307 and 308 only, which keep method and body, and only
    /// within the API's origin: a body may hold secrets. After a 301, 302 or 303 others would send a GET in place of a
    /// POST, which is not what the caller asked for.
    pub(super) fn redirect(&self, answer: &Answer) -> Option<Uri> {
        if self.hops >= self.hinge.terms.max_redirects {
            return None;
        }
        let sent = self.sent();
        let is_read = matches!(*sent.method(), Method::GET | Method::HEAD);
        let keeps_method = matches!(
            answer.status(),
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
        );
        let leads_on = matches!(
            answer.status(),
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER
        );
        if !(keeps_method || leads_on && is_read) {
            return None;
        }
        let base = self.base_url();
        let from = match &self.redirected {
            Some(address) => address.clone(),
            None => base.join(sent.path_and_query()).ok()?,
        };
        let location = answer.headers().get(LOCATION)?.to_str().ok()?;
        let address = resolve(&from, location)?;
        (is_read || is_same_origin(base.scheme_and_authority(), &address)).then_some(address)
    }
}

/// The absolute address that a `Location` means, without its fragment. An address of `https` never leads to `http`.
fn resolve(from: &Uri, location: &str) -> Option<Uri> {
    let from_text = from.to_string();
    let base = UriAbsoluteStr::new(&from_text).ok()?;
    let reference = UriReferenceStr::new(location).ok()?;
    let resolved = reference.resolve_against(base).to_string();
    let (address, _fragment) = resolved.split_once('#').unwrap_or((&resolved, ""));
    let address: Uri = address.parse().ok()?;
    let authority = address.authority()?;
    let scheme = address.scheme()?;
    let is_web = *scheme == Scheme::HTTPS
        || *scheme == Scheme::HTTP && from.scheme() != Some(&Scheme::HTTPS);
    (is_web && !authority.host().is_empty() && !authority.as_str().contains('@')).then_some(address)
}

/// Whether an address has the scheme, host and port of the API. The step from `http` to `https` on the default ports
/// of one host stays within the origin.
pub(super) fn is_same_origin((scheme, authority): (&Scheme, &Authority), address: &Uri) -> bool {
    let (Some(other_scheme), Some(other)) = (address.scheme(), address.authority()) else {
        return false;
    };
    let port = |scheme: &Scheme, authority: &Authority| {
        let default = if *scheme == Scheme::HTTPS { 443 } else { 80 };
        authority.port_u16().unwrap_or(default)
    };
    let ports = (port(scheme, authority), port(other_scheme, other));
    let is_upgrade =
        *scheme == Scheme::HTTP && *other_scheme == Scheme::HTTPS && ports == (80, 443);
    authority.host().eq_ignore_ascii_case(other.host())
        && (is_upgrade || scheme == other_scheme && ports.0 == ports.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(from: &'static str, location: &str) -> Option<String> {
        resolve(&Uri::from_static(from), location).map(|uri| uri.to_string())
    }

    #[test]
    fn locations_of_each_form_are_resolved() {
        let from = "http://host:4200/api/flows/1?a=b";
        let cases = [
            ("/api/flows/2", "http://host:4200/api/flows/2"),
            ("2?c=d#e", "http://host:4200/api/flows/2?c=d"),
            ("../runs", "http://host:4200/api/runs"),
            ("//other/x", "http://other/x"),
            ("https://other:1/x", "https://other:1/x"),
        ];
        for (location, expected) in cases {
            assert_eq!(
                resolved(from, location).as_deref(),
                Some(expected),
                "{location}"
            );
        }
    }

    #[test]
    fn locations_that_lead_astray_are_not_followed() {
        for location in [
            "ftp://host/",
            "file:///etc/passwd",
            "http://user:pass@host/",
            "http://",
            "\u{e4}",
        ] {
            assert_eq!(resolved("http://host/a", location), None, "{location}");
        }
        assert_eq!(resolved("https://host/a", "http://host/a"), None);
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let is_same = |base: &'static str, address: &'static str| {
            let base = Uri::from_static(base).into_parts();
            is_same_origin(
                (&base.scheme.unwrap(), &base.authority.unwrap()),
                &Uri::from_static(address),
            )
        };
        assert!(is_same("http://host:80", "http://HOST/x"));
        assert!(is_same("http://host", "https://host/x"));
        assert!(!is_same("http://host:4200", "https://host/x"));
        assert!(!is_same("https://host", "http://host/x"));
        assert!(!is_same("http://host", "http://host.evil/x"));
        assert!(!is_same("http://host", "http://host:81/x"));
    }
}
