//! What went wrong with a share, without secrets.

use std::io;

use smb2::ErrorKind;

use crate::redacted::redacted;
use crate::{Error, Refusal};

pub(super) fn failed(what: &str, secrets: &[String], error: &smb2::Error) -> Error {
    let why = redacted(secrets, &error.to_string());
    let text = format!("{what}: {why}");
    match error.kind() {
        ErrorKind::NotFound => Error::not_found(text),
        ErrorKind::AuthRequired
        | ErrorKind::SigningRequired
        | ErrorKind::GuestSessionRefused
        | ErrorKind::AccessDenied => Error::refused(Refusal::Credentials, text),
        ErrorKind::SharingViolation => Error::refused(Refusal::State, text),
        ErrorKind::IsADirectory | ErrorKind::NotADirectory | ErrorKind::InvalidName => {
            Error::invalid(text)
        }
        ErrorKind::ConnectionLost | ErrorKind::Io => Error::disconnected(text),
        ErrorKind::TimedOut => Error::timeout(text),
        _ => Error::of_storage(what, io::Error::other(why)),
    }
}
