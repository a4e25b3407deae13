//! Where an answer leads on to.

use http::header::LOCATION;
use http::uri::{Authority, Scheme};
use http::{Method, StatusCode, Uri};
use iri_string::types::{UriAbsoluteStr, UriReferenceStr};

use super::Exchange;
use crate::call::Answer;

impl Exchange<'_> {
    /// The address that the answer leads to, where it leads on.
    ///
    /// GET and HEAD follow any redirect. Everything else follows 307 and 308 only, which keep method and body, and only
    /// within the API's origin: a body may hold secrets. After a 301, 302 or 303 others would send a GET in place of a
    /// POST, which is not what the caller asked for.
    ///
    /// # Errors
    /// Why it is not followed; the answer is what the caller gets.
    pub(super) fn redirect(&self, answer: &Answer) -> Result<Option<Uri>, String> {
        let most = self.hinge.terms.max_redirects;
        let keeps_method = match answer.status() {
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => false,
            _ => return Ok(None),
        };
        if most == 0 {
            return Ok(None);
        }
        if self.hops >= most {
            return Err(format!("{most} redirects were followed (`max_redirects`)"));
        }
        let address = self.leads_to(answer)?;
        let method = self.sent().method();
        let leads_to = || format!("it leads to {}", origin(&address));
        let base = self.base_url();
        if matches!(*method, Method::GET | Method::HEAD) {
            Ok(Some(address))
        } else if !keeps_method {
            let leads_to = leads_to();
            Err(format!(
                "{leads_to}, and only a 307 or 308 is followed with a {method}"
            ))
        } else if !is_same_origin(base.scheme_and_authority(), &address) {
            let leads_to = leads_to();
            Err(format!(
                "{leads_to}, and no {method} is sent to another origin"
            ))
        } else {
            Ok(Some(address))
        }
    }

    fn leads_to(&self, answer: &Answer) -> Result<Uri, &'static str> {
        let path = self.sent().path_and_query();
        let from = match &self.redirected {
            Some(address) => address.clone(),
            None => self.base_url().join(path).map_err(|_| NOWHERE)?,
        };
        let location = answer.headers().get(LOCATION).ok_or("it says no address")?;
        resolve(&from, location.to_str().map_err(|_| NOWHERE)?)
    }
}

const NOWHERE: &str = "it leads to no address that can be followed";

/// Scheme, host and port. What stands behind them may be a secret.
fn origin(address: &Uri) -> String {
    let authority = address.authority().map_or("", Authority::as_str);
    format!("{}://{authority}", address.scheme_str().unwrap_or_default())
}

/// The absolute address that a `Location` means, without its fragment. An address of `https` never leads to `http`.
fn resolve(from: &Uri, location: &str) -> Result<Uri, &'static str> {
    let from_text = from.to_string();
    let base = UriAbsoluteStr::new(&from_text).map_err(|_| NOWHERE)?;
    let reference = UriReferenceStr::new(location).map_err(|_| NOWHERE)?;
    let resolved = reference.resolve_against(base).to_string();
    let (address, _fragment) = resolved.split_once('#').unwrap_or((&resolved, ""));
    let address: Uri = address.parse().map_err(|_| NOWHERE)?;
    let (Some(scheme), Some(authority)) = (address.scheme(), address.authority()) else {
        return Err(NOWHERE);
    };
    if *scheme == Scheme::HTTP && from.scheme() == Some(&Scheme::HTTPS) {
        return Err("it leads from https to http, which is not followed");
    }
    let is_web = *scheme == Scheme::HTTPS || *scheme == Scheme::HTTP;
    let is_place = !authority.host().is_empty() && has_good_port(authority);
    if is_web && is_place && !authority.as_str().contains('@') {
        Ok(address)
    } else {
        Err(NOWHERE)
    }
}

/// Whether the port is one, where there is one. What is none would count as the usual one.
fn has_good_port(authority: &Authority) -> bool {
    let behind_host = authority.as_str().strip_prefix(authority.host());
    matches!(behind_host, Some("" | ":")) || authority.port_u16().is_some()
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
        resolve(&Uri::from_static(from), location)
            .ok()
            .map(|uri| uri.to_string())
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
            "http://host:99999/",
            "//host:65536",
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
