//! What went wrong with a remote storage, without its secrets.

use std::error::Error as StdError;
use std::io;

use opendal::ErrorKind;
use prefect_client::transport::{TransportError, TransportErrorKind};

use crate::redacted::redacted;
use crate::{Error, Refusal};

/// What went wrong. `what` says what was tried with what; `secrets` are not shown.
pub(super) fn failed(what: &str, secrets: &[String], error: &opendal::Error) -> Error {
    let why = why(secrets, error);
    let text = format!("{what}: {why}");
    if let Some(unsent) = transport(error) {
        return match unsent.kind() {
            TransportErrorKind::Connect | TransportErrorKind::Interrupted => {
                Error::disconnected(text)
            }
            TransportErrorKind::Timeout => Error::timeout(text),
            TransportErrorKind::NoRuntime => Error::invalid(text),
            _ => Error::of_storage(what, io::Error::other(why)),
        };
    }
    match error.kind() {
        ErrorKind::NotFound => Error::not_found(text),
        // What the service says of a bucket that isn't there; requests were sent.
        ErrorKind::ConfigInvalid if error.message().contains("NoSuchBucket") => {
            Error::not_found(text)
        }
        ErrorKind::PermissionDenied => Error::refused(Refusal::Credentials, text),
        ErrorKind::Unsupported => Error::refused(Refusal::Request, text),
        ErrorKind::ConfigInvalid | ErrorKind::IsADirectory | ErrorKind::NotADirectory => {
            Error::invalid(text)
        }
        _ => Error::of_storage(what, io::Error::other(why)),
    }
}

fn why(secrets: &[String], error: &opendal::Error) -> String {
    let said = match (transport(error), error.kind()) {
        (Some(unsent), _) => unsent.to_string(),
        (None, ErrorKind::ConditionNotMatch) => "it was replaced meanwhile".to_owned(),
        (None, _) => match error.message().trim() {
            "" => error.kind().to_string(),
            message => message.to_owned(),
        },
    };
    redacted(secrets, &said)
}

fn transport(error: &opendal::Error) -> Option<&TransportError> {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref() {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Vec<String> {
        vec!["s3cret".to_owned(), "a".to_owned()]
    }

    #[test]
    fn each_kind_is_told_apart() {
        let of = |kind| failed("reading", &secrets(), &opendal::Error::new(kind, "why"));
        assert!(of(ErrorKind::NotFound).is_not_found());
        assert_eq!(
            of(ErrorKind::PermissionDenied).refusal(),
            Some(Refusal::Credentials)
        );
        assert!(of(ErrorKind::ConfigInvalid).is_invalid());
        let no_bucket = opendal::Error::new(ErrorKind::ConfigInvalid, "code: NoSuchBucket");
        assert!(failed("writing", &secrets(), &no_bucket).is_not_found());
        assert!(of(ErrorKind::Unexpected).is_storage());
        let unsent = TransportError::timeout();
        let error = opendal::Error::new(ErrorKind::Unexpected, "no answer").set_source(unsent);
        let error = failed("reading", &secrets(), &error);
        assert!(error.is_timeout(), "{error}");
        assert_eq!(error.to_string(), "reading: the deadline passed");
    }

    #[test]
    fn what_a_server_says_is_short_and_has_no_secret() {
        let said = format!("<a>\n\u{1b}[31m s3cret {}", "ä".repeat(1000));
        let error = opendal::Error::new(ErrorKind::Unexpected, said).with_context("k", "s3cret");
        let error = failed("reading", &secrets(), &error);
        let text = format!("{error} {error:?}");
        assert!(
            !text.contains("s3cret") && !text.contains('\u{1b}'),
            "{text}"
        );
        assert!(text.contains("<a>") && text.len() < 2000, "{text}");
    }
}
