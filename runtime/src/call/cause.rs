//! Causes of a failure in words, for people.

use std::error::Error;

/// How much of the causes is shown, in characters.
const SHOWN: usize = 300;

/// What HTTP libraries say above the cause, which says nothing of its own.
const EMPTY_WORDS: [&str; 13] = [
    "error sending request",
    "client error (Connect)",
    "client error (SendRequest)",
    "client error (Canceled)",
    "operation was canceled",
    "connection error",
    "request or response body error",
    "error reading a body from connection",
    "error decoding response body",
    "tcp connect error",
    "dns error",
    "error resolving DNS",
    "tunnel error: failed to create underlying connection",
];

/// What reqwest says of a proxy that opens no tunnel, and what that means.
const OF_TUNNELS: [(&str, &str); 4] = [
    (
        "tunnel error: unsuccessful",
        "the proxy refuses to connect to there",
    ),
    (
        "tunnel error: proxy authorization required",
        "the proxy answers 407 Proxy Authentication Required",
    ),
    (
        "tunnel error: unexpected end of file",
        "the proxy closes the connection",
    ),
    (
        "tunnel error: proxy response headers too long",
        "the answer of the proxy has no end",
    ),
];

/// An error and its causes on one line, the outermost first. What another one repeats is left out, and so are
/// credentials in a URL.
pub(super) fn of(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        next = error.source();
        let text = error.to_string();
        let text = text.strip_prefix("io: ").unwrap_or(&text);
        let meant = OF_TUNNELS.iter().find(|(said, _)| *said == text);
        let text = meant.map_or(text, |(_, meant)| meant).to_owned();
        let is_said = words.iter().any(|said| said.contains(&text));
        // The last one always counts: there is nothing else.
        let is_empty = EMPTY_WORDS.contains(&text.as_str()) && next.is_some();
        if !is_said && !is_empty {
            words.push(text);
        }
    }
    let mut text = without_credentials(&one_line(&words.join(": "), SHOWN));
    if let Some(advice) = advice(&text) {
        text.push_str("; ");
        text.push_str(advice);
    }
    text
}

/// The beginning of a text, on one line.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut line: String = text.chars().take(most).map(plain).collect();
    if text.chars().nth(most).is_some() {
        line.push('…');
    }
    line
}

/// What can be told from the cause alone.
fn advice(text: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|words| text.contains(words));
    if has(&["os error 24)", "os error 23)"]) {
        return Some("raise the limit of open files (`ulimit -n`), or lower `max_connections`");
    }
    if has(&["InvalidContentType", "WRONG_VERSION_NUMBER"]) {
        return Some(
            "the server does not speak TLS there: its URL may begin with http:// and not with https://",
        );
    }
    if has(&["CertificateRequired"]) {
        return Some("the server wants a certificate of the client, which has none");
    }
    if has(&["invalid HTTP version"]) {
        return Some(
            "what answers there does not speak HTTP: its URL may have to begin with https://",
        );
    }
    None
}

/// A text without `user:password@` behind a `://`.
fn without_credentials(text: &str) -> String {
    let mut parts = text.split("://");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|c: char| c == '/' || c.is_whitespace())
            .unwrap_or(part.len());
        let (authority, rest) = part.split_at(end);
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        clean.push_str("://");
        clean.push_str(host);
        clean.push_str(rest);
    }
    clean
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Told(&'static str, Option<Box<Told>>);

    impl fmt::Display for Told {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Told {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_ref().map(|inner| &**inner as _)
        }
    }

    fn chain(words: &[&'static str]) -> String {
        let error = words
            .iter()
            .rev()
            .fold(None, |inner, words| Some(Box::new(Told(words, inner))));
        of(&*error.unwrap())
    }

    #[test]
    fn the_cause_is_said_once_and_on_one_line() {
        let refused = "Connection refused (os error 111)";
        assert_eq!(
            chain(&[
                "error sending request",
                "client error (Connect)",
                "tcp connect error",
                refused
            ]),
            refused
        );
        assert_eq!(
            chain(&["client error (Connect)", "tunnel error: unsuccessful"]),
            "the proxy refuses to connect to there"
        );
        assert_eq!(
            chain(&["io: Connection refused (os error 111)", refused]),
            refused
        );
        assert_eq!(chain(&["error sending request"]), "error sending request");
        assert_eq!(chain(&["a\nb"]), "a b");
        assert_eq!(
            chain(&[Box::leak("x".repeat(400).into_boxed_str())])
                .chars()
                .count(),
            SHOWN + 1
        );
    }

    #[test]
    fn a_password_in_a_url_is_left_out() {
        assert_eq!(
            chain(&["proxy http://u:p@h:3128/x refused, not https://h"]),
            "proxy http://h:3128/x refused, not https://h"
        );
    }

    #[test]
    fn what_to_do_is_said_where_the_cause_tells_it() {
        assert!(chain(&["Too many open files (os error 24)"]).contains("ulimit -n"));
        assert!(
            chain(&["received corrupt message of type InvalidContentType"]).contains("http://")
        );
    }
}
