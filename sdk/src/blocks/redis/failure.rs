//! What went wrong with a server, without secrets.

use std::io;

use redis::{ErrorKind, RedisError};

use crate::redacted::redacted;
use crate::{Error, Refusal};

/// What a server answers to whom it does not know, or who may not do that.
const NOT_ALLOWED: [&str; 3] = ["NOAUTH", "WRONGPASS", "NOPERM"];

/// What is said of a connection string that nobody can connect by.
pub(super) fn unusable(why: &str) -> Error {
    Error::invalid(format!(
        "the connection string of Redis can't be used: {why}"
    ))
}

pub(super) fn failed(what: &str, secrets: &[String], error: &RedisError) -> Error {
    let why = redacted(secrets, &error.to_string());
    let text = format!("{what}: {why}");
    let is_refused = error.code().is_some_and(|code| NOT_ALLOWED.contains(&code));
    match error.kind() {
        _ if error.is_timeout() => Error::timeout(text),
        _ if is_refused => Error::refused(Refusal::Credentials, text),
        ErrorKind::AuthenticationFailed => Error::refused(Refusal::Credentials, text),
        ErrorKind::InvalidClientConfig => Error::invalid(text),
        ErrorKind::Io => Error::disconnected(text),
        _ => Error::of_storage(what, io::Error::other(why)),
    }
}

/// Whether the connection can't be used any more: an answer may be under way, or none will come.
pub(super) fn is_broken(error: &RedisError) -> bool {
    error.is_io_error() || error.is_unrecoverable_error()
}
