//! Where things of a remote storage are: found in the text alone, and only below the base path.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::{Error, Refusal};

/// A base path, such as `s3://bucket/folder`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// In lower case.
    pub(super) scheme: String,
    /// What stands between the slashes: a bucket, or a host with its port.
    pub(super) netloc: String,
    /// The path behind it, without slashes at its ends.
    prefix: String,
    /// As it was given, without a slash at its end.
    pub(super) text: String,
}

/// A thing, or a directory, below a base path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// From the bucket or host on, without slashes at its ends; empty for the bucket itself.
    pub(super) path: String,
    /// The whole address.
    pub(super) url: String,
}

impl Base {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let (scheme, rest) = scheme_of(text)
            .and_then(|(scheme, rest)| Some((scheme, rest.strip_prefix("//")?)))
            .ok_or_else(|| Error::invalid("a base path begins with a scheme, such as `s3://`"))?;
        let (netloc, path) = rest.split_once('/').unwrap_or((rest, ""));
        if netloc.contains('@') {
            // It is not shown: a password may stand there.
            let text = "a base path has no user: what says who asks belongs to the settings";
            return Err(Error::invalid(text));
        }
        if netloc.is_empty() || netloc == "." || leads_up(netloc) {
            let text = format!("a base path of `{scheme}` names no bucket or host");
            return Err(Error::invalid(text));
        }
        let is_odd = |letter: char| {
            matches!(letter, '?' | '#' | '\\') || letter.is_control() || letter.is_whitespace()
        };
        if netloc.contains(is_odd) {
            // It is not shown, either.
            let text = format!(
                "the bucket or host of a base path of `{scheme}` has a letter that would cut it"
            );
            return Err(Error::invalid(text));
        }
        if scheme.eq_ignore_ascii_case("file") {
            let text = format!("`{text}` is a path of this machine: `LocalFileSystem` has those");
            return Err(Error::invalid(text));
        }
        let prefix = path.trim_end_matches('/');
        // What stands behind a `?` may be a secret.
        check(text.split(['?', '#']).next().unwrap_or_default(), prefix)?;
        Ok(Self {
            scheme: scheme.to_ascii_lowercase(),
            netloc: netloc.to_owned(),
            prefix: prefix.to_owned(),
            text: text.trim_end_matches('/').to_owned(),
        })
    }

    /// Where a path is: one relative to the base path, or a whole address below it.
    pub(super) fn key(&self, path: &str) -> Result<Key, Error> {
        if leads_up(path) {
            return Err(self.outside(path));
        }
        let below = self.below(path)?.trim_end_matches('/');
        check(path, below)?;
        let (mut key, mut url) = (self.prefix.clone(), self.text.clone());
        if !below.is_empty() {
            if !key.is_empty() {
                key.push('/');
            }
            key.push_str(below);
            url.push('/');
            url.push_str(below);
        }
        Ok(Key { path: key, url })
    }

    /// The key of a single thing.
    pub(super) fn file(&self, path: &str) -> Result<Key, Error> {
        let key = self.key(path)?;
        if path.ends_with('/') || key.path == self.prefix {
            return Err(Error::invalid(format!("`{path}` is not a file")));
        }
        Ok(key)
    }

    fn below<'p>(&self, path: &'p str) -> Result<&'p str, Error> {
        let located = match scheme_of(path) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case(&self.scheme) => {
                rest.strip_prefix("//").ok_or_else(|| {
                    let text = format!("`{path}` has a scheme, and names no bucket or host");
                    Error::invalid(text)
                })?
            }
            Some(_) => return Err(self.outside(path)),
            None => match path.strip_prefix("//") {
                Some(located) => located,
                None => return Ok(path.trim_start_matches('/')),
            },
        };
        let (netloc, within) = located.split_once('/').unwrap_or((located, ""));
        let below = within.strip_prefix(&self.prefix);
        let below = match below.filter(|_| netloc == self.netloc) {
            Some(below) if self.prefix.is_empty() => Some(below),
            Some("") => Some(""),
            // A folder whose name only begins in the same way is another one.
            Some(below) => below.strip_prefix('/'),
            None => None,
        };
        below.ok_or_else(|| self.outside(path))
    }

    fn outside(&self, path: &str) -> Error {
        let text = format!("`{path}` leads out of the base path `{}`", self.text);
        Error::refused(Refusal::Request, text)
    }
}

impl Key {
    /// What is in this directory.
    pub(super) fn join(&self, below: &str) -> Self {
        let path = if self.path.is_empty() {
            below.to_owned()
        } else {
            format!("{}/{below}", self.path)
        };
        let url = format!("{}/{below}", self.url);
        Self { path, url }
    }

    /// As directories are written.
    #[cfg(feature = "remote")]
    pub(super) fn directory(&self) -> String {
        format!("{}/", self.path)
    }
}

/// What stands before the first colon, if it may be a scheme, and the rest.
fn scheme_of(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'));
    is_scheme.then_some((scheme, rest))
}

/// Whether some server or library could take a part of the path as the way up.
fn leads_up(path: &str) -> bool {
    let decoded: Cow<'_, str> = percent_decode_str(path).decode_utf8_lossy();
    decoded.split(['/', '\\']).any(|part| part == "..")
}

/// Refuses what some library or server on the way would take as another path than it is.
fn check(path: &str, below: &str) -> Result<(), Error> {
    let why = if below.is_empty() {
        return Ok(());
    } else if leads_up(below) {
        "has `..` in it"
    } else if below.contains(['?', '#']) {
        "has a `?` or `#` in it, which would cut it"
    } else if below.split('/').any(|part| matches!(part, "" | ".")) {
        "has an empty part, or one that is `.`"
    } else if below.trim() != below {
        "has a space at its end"
    } else {
        return Ok(());
    };
    Err(Error::invalid(format!("`{path}` {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base::parse("memory://bucket/pre/").unwrap()
    }

    #[test]
    fn paths_below_are_found() {
        for (path, key) in [
            ("a/b", "pre/a/b"),
            ("/abs", "pre/abs"),
            ("", "pre"),
            ("a/", "pre/a"),
            ("memory://bucket/pre/x", "pre/x"),
            ("//bucket/pre/x", "pre/x"),
            ("MEMORY://bucket/pre/x", "pre/x"),
            ("memory://bucket/pre", "pre"),
            ("memory://bucket/pre/", "pre"),
            ("a%20b/ä…", "pre/a%20b/ä…"),
            (".hidden/..x", "pre/.hidden/..x"),
        ] {
            assert_eq!(base().key(path).unwrap().path, key, "{path}");
        }
        let root = Base::parse("s3://bucket").unwrap();
        assert_eq!(root.key("a").unwrap().url, "s3://bucket/a");
        assert_eq!(root.key("s3://bucket/a/b").unwrap().path, "a/b");
        assert_eq!(root.key("").unwrap().path, "");
        assert_eq!(base().key("a").unwrap().url, "memory://bucket/pre/a");
    }

    #[test]
    fn what_leads_out_is_refused() {
        for path in [
            "memory://bucket/prefix",
            "memory://bucket/",
            "memory://other/pre",
            "s3://bucket/pre",
            "memory://bucket/pre/../x",
            "memory://bucket/pre/%2e%2e/x",
            "memory://bucket/pre%2Fx",
            "//other/pre/x",
            "../x",
            "a/../../x",
            "a/../b",
            r"a\..\b",
            "..",
            "%2E%2E/x",
            "c:/x",
        ] {
            let error = base().key(path).unwrap_err();
            assert!(error.is_refused(), "{path}: {error}");
        }
    }

    #[test]
    fn what_others_would_read_as_another_path_is_invalid() {
        for path in [
            "a?b",
            "a#b",
            "a//b",
            "a/./b",
            ".",
            " a/b ",
            "b ",
            "memory:/bucket/pre/x",
            "//bucket/pre//x",
        ] {
            let error = base().key(path).unwrap_err();
            assert!(error.is_invalid(), "{path}: {error}");
        }
        for path in ["", "a/", "/", "memory://bucket/pre"] {
            assert!(base().file(path).unwrap_err().is_invalid(), "{path}");
        }
    }

    #[test]
    fn base_paths_name_a_scheme_and_a_bucket() {
        for text in [
            "",
            "bucket",
            "s3:",
            "s3://",
            "s3:///a",
            "file://h/a",
            "s3:bucket",
            "s3://b/../c",
            "s3://b/a?c",
            "s3://b?c",
            "s3://..",
            "s3://./a",
            "s3://%2e%2E/a",
            "s3://b#c/a",
            r"s3://b\c/a",
            "s3://b\u{b}c",
            "s3://b c/a",
            "://b",
            "1s://b",
        ] {
            assert!(Base::parse(text).unwrap_err().is_invalid(), "{text}");
        }
        let error = Base::parse("https://user:s3cret@host/a").unwrap_err();
        assert!(
            error.is_invalid() && !error.to_string().contains("s3cret"),
            "{error}"
        );
    }
}
