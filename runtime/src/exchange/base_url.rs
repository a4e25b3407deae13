//! Where the API is.

use http::Uri;
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use iri_string::types::{UriAbsoluteStr, UriReferenceStr};

use crate::call::Error;

/// The base URL of an API: scheme, authority, and a path without a slash at its end.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    scheme: Scheme,
    authority: Authority,
    path: String,
}

impl BaseUrl {
    /// Takes a URL apart. Its text is never part of an error: it may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        if text.contains(['?', '#']) {
            return Err(refused("it has a query or a fragment"));
        }
        if text.contains(char::is_whitespace) {
            return Err(refused("it has a blank or a line break in it or at an end"));
        }
        // What has no scheme is no URL either, but this says what to change.
        let begins_with = |scheme: &str| {
            let begin = text.get(..scheme.len());
            begin.is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
        };
        if !begins_with("http://") && !begins_with("https://") {
            return Err(refused("it does not begin with http:// or https://"));
        }
        let not_a_url = || refused("it is not a URL");
        let uri: Uri = text.parse().map_err(|_| not_a_url())?;
        let parts = uri.into_parts();
        let scheme = parts.scheme.ok_or_else(not_a_url)?;
        let authority = parts
            .authority
            .filter(|authority| !authority.host().is_empty());
        let authority = authority.ok_or_else(|| refused("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(refused(
                "it holds credentials, which belong into the authorization",
            ));
        }
        let behind_host = authority.as_str().strip_prefix(authority.host());
        if behind_host.is_some_and(|port| !port.is_empty()) && authority.port_u16().is_none() {
            return Err(refused("its port is not a number below 65536"));
        }
        let path = parts
            .path_and_query
            .as_ref()
            .map_or("/", PathAndQuery::path);
        let path = path.trim_end_matches('/').to_owned();
        if path
            .split('/')
            .any(|segment| segment == "." || segment == "..")
        {
            return Err(refused("its path has a segment of dots"));
        }
        Ok(Self {
            scheme,
            authority,
            path,
        })
    }

    /// The base URL that an address means which is relative to another one (RFC 3986), such as `/v1` to that of a
    /// description.
    pub(crate) fn resolve(base: &str, relative: &str) -> Result<String, Error> {
        let base = UriAbsoluteStr::new(base).map_err(|_| refused("it is not a URL"))?;
        let relative = UriReferenceStr::new(relative)
            .map_err(|_| refused("what is relative to it is not a URL"))?;
        let resolved = relative.resolve_against(base).to_string();
        Ok(Self::parse(&resolved)?.text())
    }

    /// The whole address of a path and query.
    pub(crate) fn join(&self, path_and_query: &str) -> Result<Uri, http::Error> {
        let mut text = String::with_capacity(self.path.len() + path_and_query.len());
        text.push_str(&self.path);
        text.push_str(path_and_query);
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(PathAndQuery::try_from(text)?);
        Ok(Uri::from_parts(parts)?)
    }

    pub(crate) fn scheme_and_authority(&self) -> (&Scheme, &Authority) {
        (&self.scheme, &self.authority)
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The URL as text.
    pub(crate) fn text(&self) -> String {
        format!("{}://{}{}", self.scheme, self.authority, self.path)
    }
}

fn refused(why: &str) -> Error {
    Error::config(format!("the base URL cannot be used: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(base: &str) -> String {
        let base = BaseUrl::parse(base).unwrap();
        base.join("/flows/1?a=b").unwrap().to_string()
    }

    #[test]
    fn a_base_path_is_kept_and_a_slash_at_the_end_is_fine() {
        assert_eq!(
            joined("http://localhost:4200/api"),
            "http://localhost:4200/api/flows/1?a=b"
        );
        assert_eq!(
            joined("http://localhost:4200/api/"),
            "http://localhost:4200/api/flows/1?a=b"
        );
        assert_eq!(joined("https://[::1]"), "https://[::1]/flows/1?a=b");
        assert_eq!(joined("HTTP://host"), "http://host/flows/1?a=b");
    }

    #[test]
    fn what_has_no_scheme_is_told_so() {
        for url in ["", "host", "/api", "host:80/api", "ftp://host", "httpx://h"] {
            let error = BaseUrl::parse(url).unwrap_err().to_string();
            assert!(error.contains("begin with http:// or https://"), "{error}");
        }
        assert!(BaseUrl::parse("HTTP://host/api").is_ok());
    }

    #[test]
    fn other_urls_are_refused_without_being_shown() {
        let urls = [
            "",
            "host",
            "/api",
            "host:80",
            "ftp://host",
            "http://",
            "http://h/a?key=s3cret",
            "http://h/#s3cret",
            "http://user:s3cret@h/",
            "http://h/a/../s3cret",
            "http://a b/",
            "http://h:99999/",
            "http://h:x/",
        ];
        for url in urls {
            let error = BaseUrl::parse(url).unwrap_err();
            assert!(error.is_config(), "{url}");
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{url}");
        }
    }
}
