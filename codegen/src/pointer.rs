//! JSON pointers (RFC 6901): how every message names a place in the description.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

/// A place in a JSON document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The place called `key` (or the item with that number) directly below this one.
    #[must_use]
    pub fn child(&self, key: impl fmt::Display) -> Self {
        let mut text = String::with_capacity(self.0.len() + 24);
        text.push_str(&self.0);
        text.push('/');
        let start = text.len();
        // Writing to a string can't fail.
        let _ = write!(text, "{key}");
        if text[start..].contains(['~', '/']) {
            let key = text.split_off(start);
            text.push_str(&key.replace('~', "~0").replace('/', "~1"));
        }
        Self(text)
    }

    /// Goes on to the place called so below this one.
    pub(crate) fn enter(&mut self, key: &str) {
        self.0.reserve(key.len() + 1);
        self.0.push('/');
        for part in key.split_inclusive(['~', '/']) {
            match part.strip_suffix('~') {
                Some(before) => self.0.extend([before, "~0"]),
                None => match part.strip_suffix('/') {
                    Some(before) => self.0.extend([before, "~1"]),
                    None => self.0.push_str(part),
                },
            }
        }
    }

    /// Goes on to the item of this number.
    pub(crate) fn enter_item(&mut self, index: usize) {
        // Writing to a string can't fail.
        let _ = write!(self.0, "/{index}");
    }

    /// The place of a component schema.
    #[must_use]
    pub fn schema(name: &str) -> Self {
        Self::root()
            .child("components")
            .child("schemas")
            .child(name)
    }

    /// The pointer as it is written in `serde_json::Value::pointer`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The unescaped keys from the root to this place.
    pub fn keys(&self) -> impl Iterator<Item = String> + '_ {
        self.0
            .split('/')
            .skip(1)
            .map(|key| key.replace("~1", "/").replace("~0", "~"))
    }
}

impl From<String> for Pointer {
    fn from(text: String) -> Self {
        if text.starts_with('#') {
            return Self::from(text.as_str());
        }
        Self(text)
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}

impl From<&str> for Pointer {
    fn from(text: &str) -> Self {
        Self(text.trim_start_matches('#').to_owned())
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "/" } else { &self.0 })
    }
}

/// The text without its percent-encoding; nothing where that is malformed.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        if *byte != b'%' {
            bytes.push(*byte);
            rest = after;
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok()?;
        // `from_str_radix` would take a sign.
        let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = is_hexadecimal.then(|| u8::from_str_radix(digits, 16).ok())?;
        bytes.push(byte?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{Pointer, decoded};

    #[test]
    fn keys_are_escaped_and_read_back() {
        let place = Pointer::root()
            .child("paths")
            .child("/flows/{id}")
            .child("a~b");
        assert_eq!(place.as_str(), "/paths/~1flows~1{id}/a~0b");
        assert_eq!(
            place.keys().collect::<Vec<_>>(),
            ["paths", "/flows/{id}", "a~b"]
        );
    }

    #[test]
    fn the_root_is_shown_as_a_slash() {
        assert_eq!(Pointer::root().to_string(), "/");
    }

    #[test]
    fn what_is_encoded_wrongly_stays() {
        assert_eq!(decoded("%C3%A4").as_deref(), Some("ä"));
        assert_eq!(decoded("%ff"), None);
        assert_eq!(decoded("%zz"), None);
    }
}
