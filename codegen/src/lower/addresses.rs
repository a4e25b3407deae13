//! The path of an operation as it is sent.

use std::fmt::Write as _;

use crate::template::{Piece, pieces};

/// The template with everything percent-encoded that a path can't have, but for the names in braces. What stands behind a `#`
/// is never sent: some descriptions tell operations of one path apart by it.
pub(super) fn encoded(template: &str) -> String {
    let mut path = String::with_capacity(template.len());
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => {
                let (text, is_last) = match text.split_once('#') {
                    Some((before, _)) => (before, true),
                    None => (text, false),
                };
                encode(text, &mut path);
                if is_last {
                    break;
                }
            }
            Piece::Name(name) => path.extend(["{", name, "}"]),
        }
    }
    without_dots(path)
}

/// A query in the template stays one, and so does what is encoded already.
fn encode(text: &str, path: &mut String) {
    for (index, byte) in text.bytes().enumerate() {
        let character = char::from(byte);
        let digits = text.as_bytes().get(index + 1..index + 3);
        let is_triplet = || digits.is_some_and(|all| all.iter().all(u8::is_ascii_hexdigit));
        if character.is_ascii_alphanumeric()
            || "-._~!$&'()*+,;=:@/?".contains(character)
            || character == '%' && is_triplet()
        {
            path.push(character);
        } else {
            // Writing to a string can't fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
}

/// Who sends a path may take out segments of dots, after RFC 3986, or not: so they are taken out here.
fn without_dots(path: String) -> String {
    let (before, query) = match path.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (path.as_str(), None),
    };
    if !before.split('/').any(|segment| dots(segment) > 0) {
        return path;
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = before.split('/').peekable();
    while let Some(segment) = segments.next() {
        match dots(segment) {
            0 => kept.push(segment),
            count => {
                // What stands before the first slash stays.
                if count == 2 && kept.len() > 1 {
                    kept.pop();
                }
                if segments.peek().is_none() {
                    kept.push("");
                }
            }
        }
    }
    let mut path = kept.join("/");
    if let Some(query) = query {
        path.extend(["?", query]);
    }
    path
}

/// How many dots a segment is, also encoded; none, where there is anything else.
fn dots(segment: &str) -> usize {
    match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
        "." => 1,
        ".." => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn what_a_path_cannot_have_is_encoded() {
        assert_eq!(encoded("/flows/{id}:run"), "/flows/{id}:run");
        assert_eq!(encoded("/two words/{二}"), "/two%20words/{二}");
        assert_eq!(encoded("/本"), "/%E6%9C%AC");
        assert_eq!(encoded("/a?kind=b"), "/a?kind=b");
        assert_eq!(encoded("/a%20b/c{"), "/a%20b/c%7B");
        assert_eq!(encoded("/{a{b}}"), "/%7Ba{b}%7D");
        assert_eq!(encoded("/100%/%2/%zz%41"), "/100%25/%252/%25zz%41");
    }

    #[test]
    fn a_fragment_is_not_sent() {
        assert_eq!(encoded("/#X-Amz-Target=Db.{x}"), "/");
        assert_eq!(encoded("/a/{b}?c=d#e/{f}"), "/a/{b}?c=d");
    }

    #[test]
    fn segments_of_dots_are_followed() {
        assert_eq!(encoded("/a/./b/../{c}"), "/a/{c}");
        assert_eq!(encoded("/a/."), "/a/");
        assert_eq!(encoded("/a/.."), "/");
        assert_eq!(encoded("/../../a?b=/../c"), "/a?b=/../c");
        assert_eq!(encoded("/a/%2e%2E/b"), "/b");
        assert_eq!(encoded("/a/..b/.c/{d}.."), "/a/..b/.c/{d}..");
        assert_eq!(encoded("/a//b/"), "/a//b/");
    }
}
