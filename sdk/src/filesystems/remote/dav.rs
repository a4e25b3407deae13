//! `webdav://`: folders of a server that speaks `WebDAV`.

use http::HeaderMap;
use opendal::Operator;
use opendal::services::Webdav;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::super::address::Base;
use super::headers::headers;
use super::opened::{Opened, operator};
use super::settings::Settings;
use crate::Error;

/// Only Python's speed depends on it.
const PASSED_OVER: [&str; 1] = ["chunk_size"];

/// Python's library sends the whole path to the server that `base_url` names: what stands between the slashes is the first
/// folder.
pub(super) fn open(base: &Base, settings: &mut Settings<'_>) -> Result<Opened, Error> {
    let url = settings.text("base_url")?;
    let url = url.filter(|url| url.starts_with("http://") || url.starts_with("https://"));
    let url = url.ok_or_else(|| {
        let text = "a storage of WebDAV has a `base_url` that begins with `http://` or `https://`";
        Error::invalid(text)
    })?;
    let (url, of_url) = without_user(&url);
    let mut builder = Webdav::default()
        .endpoint(url.trim_end_matches('/'))
        .root(&base.netloc);
    if let Some((user, password)) = settings.pair("auth")?.or(of_url) {
        builder = builder.username(&user).password(&password);
    }
    let sent: HeaderMap = headers(settings, &["headers."])?;
    let timeout = settings.seconds("timeout")?;
    settings.pass_over(&PASSED_OVER);
    let mut opened = Opened::new(operator(base, Operator::new(builder))?);
    opened.headers = sent;
    opened.timeout = timeout;
    Ok(opened)
}

/// What may not be shown of the settings, where a service tells only a part of a longer text.
pub(super) fn secrets(settings: &Map<String, Value>) -> Vec<String> {
    let url = settings.get("base_url").and_then(Value::as_str);
    let user = url.and_then(|url| without_user(url).1);
    user.into_iter().map(|(_, password)| password).collect()
}

/// An address, and the user and the password that were in it.
fn without_user(url: &str) -> (String, Option<(String, String)>) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some((user, host)) = rest[..end].rsplit_once('@') else {
        return (url.to_owned(), None);
    };
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let url = format!("{scheme}://{host}{}", &rest[end..]);
    (url, Some((decoded(user), decoded(password))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_in_an_address_is_taken_out_of_it() {
        let (url, user) = without_user("https://some%40body:s3%3Acret@host:1/a@b?c");
        assert_eq!(url, "https://host:1/a@b?c");
        let user = user.unwrap();
        assert_eq!((user.0.as_str(), user.1.as_str()), ("some@body", "s3:cret"));
        let url = "https://host/a@b";
        assert_eq!(without_user(url), (url.to_owned(), None));
    }
}
