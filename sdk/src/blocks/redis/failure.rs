//! What went wrong with a server, without secrets.

use std::io;

use redis::{ErrorKind, RedisError};

use super::address::Address;
use crate::redacted::redacted;
use crate::{Error, Refusal};

/// What a server answers to whom it does not know, or who may not do that.
const NOT_ALLOWED: [&str; 3] = ["NOAUTH", "WRONGPASS", "NOPERM"];

pub(super) fn failed(what: &str, address: &Address, error: &RedisError) -> Error {
    let why = redacted(&address.secrets, &error.to_string());
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
