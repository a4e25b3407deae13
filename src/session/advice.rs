//! What a person has to change, told from an outcome.

use diptych_runtime::http::StatusCode;
use diptych_runtime::http::header::{CONTENT_TYPE, LOCATION};
use diptych_runtime::{Answer, TransportError, TransportErrorKind};
use serde_json::Value;

use crate::PREFECT_VERSION;

/// Whether the answer is that of a server, or of an address, that does not know the operation.
///
/// The router's own words differ from those of Prefect, which says what was not found; a page is what the server's user
/// interface answers wherever the API is not.
pub(super) fn is_unserved(answer: &Answer) -> bool {
    match answer.status() {
        StatusCode::NOT_FOUND => says_only(answer, "Not Found"),
        StatusCode::METHOD_NOT_ALLOWED => says_only(answer, "Method Not Allowed"),
        status => status.is_success() && !begins_as_json(answer) && is_page(answer),
    }
}

/// Whether the body is no page by its first byte: nearly all answers are looked at no further.
fn begins_as_json(answer: &Answer) -> bool {
    matches!(answer.body().first(), Some(b'{' | b'[' | b'"'))
}

pub(super) fn is_page(answer: &Answer) -> bool {
    let media_type = answer.headers().get(CONTENT_TYPE);
    media_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// Whether the body is this detail and nothing else, or no JSON at all.
fn says_only(answer: &Answer, detail: &str) -> bool {
    let body: Result<Value, _> = serde_json::from_slice(answer.body());
    body.map_or(true, |body| body == serde_json::json!({ "detail": detail }))
}

/// What to change, for the text of an error.
pub(super) fn of(api_url: &str, outcome: Result<&Answer, &TransportError>) -> Option<String> {
    match outcome {
        Ok(answer) if is_unserved(answer) => Some(about_address(api_url)),
        Ok(answer) if answer.status() == StatusCode::UNAUTHORIZED => Some(
            "the server wants to know who the client is: set PREFECT_API_AUTH_STRING (api.auth_string) for a server of \
             your own, PREFECT_API_KEY (api.key) for Prefect Cloud"
                .to_owned(),
        ),
        Ok(answer) if answer.status().is_redirection() && answer.headers().contains_key(LOCATION) => {
            Some("PREFECT_API_URL (api.url) must name the address that the server has now".to_owned())
        }
        Ok(answer) if answer.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Some(PROXY_USER.to_owned())
        }
        Ok(_) => None,
        Err(error) => about_failure(error).map(str::to_owned),
    }
}

fn about_address(api_url: &str) -> String {
    if api_url.ends_with("/api") || api_url.contains("/api/") {
        return format!(
            "{api_url} does not know this operation: its server is older or newer than Prefect {PREFECT_VERSION}, or \
             PREFECT_API_URL (api.url) names something else"
        );
    }
    format!(
        "{api_url} does not know this operation: PREFECT_API_URL (api.url) lacks `/api` at its end, as in \
         http://127.0.0.1:4200/api"
    )
}

const PROXY_USER: &str = "the proxy wants to know who the client is: HTTP_PROXY and HTTPS_PROXY hold it as \
                          http://user:password@host:port";

fn about_failure(error: &TransportError) -> Option<&'static str> {
    match error.kind() {
        TransportErrorKind::Connect => {}
        TransportErrorKind::Timeout => {
            return Some(
                "unless the call has a limit of its own, PREFECT_API_REQUEST_TIMEOUT (api.request_timeout) says how long \
                 an attempt may take",
            );
        }
        _ => return None,
    }
    let text = error.to_string();
    let has = |words: &[&str]| words.iter().any(|words| text.contains(words));
    if has(&["certificate", "UnknownIssuer", "CaUsedAsEndEntity"]) {
        return Some(
            "PREFECT_API_SSL_CERT_FILE (api.ssl_cert_file) names the certificates that are trusted",
        );
    }
    if has(&["InvalidContentType"]) {
        return Some("see PREFECT_API_URL (api.url)");
    }
    if has(&["answers 407"]) {
        return Some(PROXY_USER);
    }
    if has(&["os error 24)", "os error 23)", "proxy", "tunnel"]) {
        return None;
    }
    Some("is a server running there, and does PREFECT_API_URL (api.url) name it?")
}

#[cfg(test)]
mod tests {
    use diptych_runtime::http::{HeaderMap, HeaderValue};

    use super::*;

    fn answer(status: u16, media_type: &'static str, body: &'static str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        let media_type = HeaderValue::from_static(media_type);
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, media_type)]);
        Answer::new(status, headers, body)
    }

    #[test]
    fn a_route_that_is_not_there_is_no_thing_that_is_not_there() {
        let json = "application/json";
        for unserved in [
            answer(404, json, r#"{"detail":"Not Found"}"#),
            answer(405, json, r#"{"detail":"Method Not Allowed"}"#),
            answer(404, "text/html", "<html>"),
            answer(404, "text/plain", "404 page not found"),
            answer(200, "text/html; charset=utf-8", "<html>"),
        ] {
            assert!(is_unserved(&unserved), "{unserved:?}");
        }
        for served in [
            answer(404, json, r#"{"detail":"Flow not found"}"#),
            answer(404, json, r#"{"exception_message":"Automation not found"}"#),
            answer(200, json, "[]"),
            answer(502, "text/html", "<html>"),
        ] {
            assert!(!is_unserved(&served), "{served:?}");
        }
    }

    #[test]
    fn a_server_that_has_moved_is_a_matter_of_its_address() {
        let to = (
            LOCATION,
            HeaderValue::from_static("https://host/api/flows/"),
        );
        let headers = HeaderMap::from_iter([to]);
        let moved = Answer::new(StatusCode::MOVED_PERMANENTLY, headers, "");
        assert!(
            of("http://host/api", Ok(&moved))
                .unwrap()
                .contains("PREFECT_API_URL")
        );
        let unchanged = answer(304, "application/json", "");
        assert_eq!(of("http://host/api", Ok(&unchanged)), None);
    }

    #[test]
    fn a_proxy_that_asks_for_a_user_is_told_one_by_its_variable() {
        let refused = |why: &'static str| TransportError::new(TransportErrorKind::Connect, why);
        let blocking =
            refused("the proxy http://h:1 does not connect to s:443: it answers 407 Proxy …");
        let asynchronous = refused("tunnel error: proxy authorization required");
        for refused in [blocking, asynchronous] {
            assert_eq!(
                of("https://s/api", Err(&refused)).as_deref(),
                Some(PROXY_USER)
            );
        }
        let plain = answer(407, "text/plain", "no");
        assert_eq!(of("http://s/api", Ok(&plain)).as_deref(), Some(PROXY_USER));
        let late = of("http://s/api", Err(&TransportError::timeout())).unwrap();
        assert!(late.contains("PREFECT_API_REQUEST_TIMEOUT"), "{late}");
    }

    #[test]
    fn the_setting_that_is_wrong_is_named() {
        let missing = answer(404, "application/json", r#"{"detail":"Not Found"}"#);
        let said = |url| of(url, Ok(&missing)).unwrap();
        assert!(said("http://host:4200").contains("lacks `/api`"));
        for whole in [
            "http://host:4200/api",
            "https://api.prefect.cloud/api/accounts/1/workspaces/2",
        ] {
            let text = said(whole);
            assert!(text.contains("older") && text.contains(whole), "{text}");
        }
        let failed = |cause: &'static str| {
            let error = TransportError::new(TransportErrorKind::Connect, cause);
            of("http://host/api", Err(&error)).unwrap_or_default()
        };
        assert!(failed("Connection refused (os error 111)").contains("PREFECT_API_URL"));
        assert!(
            failed("invalid peer certificate: UnknownIssuer").contains("PREFECT_API_SSL_CERT_FILE")
        );
        assert_eq!(failed("Too many open files (os error 24)"), "");
    }
}
