//! What an error says.

use std::error::Error as StdError;
use std::fmt;

use super::{Error, Kind};
use crate::call::cause;

/// How much of the server's detail a message shows, in characters.
const DETAIL_SHOWN: usize = 500;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            let (name, method) = (operation.name(), operation.method());
            write!(f, "{name}: {method} {}: ", operation.path())?;
        }
        if let Some(asked) = self.0.asked {
            let (name, method) = (asked.name(), asked.method());
            write!(
                f,
                "{name}, which is asked first ({method} {}): ",
                asked.path()
            )?;
        }
        self.write_kind(f)?;
        match &self.0.note {
            Some(note) => write!(f, "; {note}"),
            None => Ok(()),
        }
    }
}

impl Error {
    fn write_kind(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(message) = self.message() {
            return f.write_str(&message.text);
        }
        match &self.0.kind {
            Kind::Transport(error, address) => error.write(f, address.as_deref()),
            Kind::Decode(answer, error) => {
                let text = cause::one_line(&error.to_string(), DETAIL_SHOWN);
                write!(
                    f,
                    "{}, but the answer could not be read: {text}",
                    answer.status()
                )
            }
            Kind::Status(answer) | Kind::Unserved(answer) => {
                write!(f, "{}", answer.status())?;
                self.detail().map_or(Ok(()), |detail| {
                    write!(f, ": {}", cause::one_line(&detail, DETAIL_SHOWN))
                })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("message", &self.to_string())
            .field("kind", &self.0.kind)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        if let Some(message) = self.message() {
            return match &message.source {
                Some(source) => Some(&**source),
                None => None,
            };
        }
        match &self.0.kind {
            Kind::Transport(error, _) => error.source(),
            Kind::Decode(_, error) => error.source(),
            _ => None,
        }
    }
}
