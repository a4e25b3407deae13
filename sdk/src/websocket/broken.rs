//! Why a websocket can't be used any longer.

use tungstenite::Error as Failure;
use tungstenite::error::ProtocolError;
use tungstenite::http::StatusCode;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;

use crate::{Error, Refusal};

/// Why a websocket can't be used any longer, or at all.
#[derive(Clone, Debug)]
pub(crate) enum Broken {
    /// The server does not accept who the client is, and says why.
    Refused(String),
    /// The server does not understand what it is told, and says why.
    Misunderstood(String),
    /// The server is done.
    Clean,
    /// The connection was lost, or could not be made.
    Lost(String),
}

impl Broken {
    pub(super) fn closed(frame: Option<&CloseFrame>) -> Self {
        let Some(frame) = frame else {
            return Self::Lost("the server closed the connection without a code".to_owned());
        };
        let reason = match frame.reason.as_str() {
            "" => format!("close code {}", frame.code),
            reason => format!("{reason} (close code {})", frame.code),
        };
        match frame.code {
            CloseCode::Normal | CloseCode::Away => Self::Clean,
            CloseCode::Policy => Self::Refused(reason),
            CloseCode::Protocol => Self::Misunderstood(reason),
            _ => Self::Lost(format!("the server closed the connection: {reason}")),
        }
    }

    pub(super) fn lost(text: impl Into<String>) -> Self {
        Self::Lost(text.into())
    }

    /// As an error about a websocket at this address.
    pub(crate) fn into_error(self, address: &str) -> Error {
        match self {
            Self::Refused(reason) => Error::refused(
                Refusal::Credentials,
                format!("{address} does not accept the client's key or auth string: {reason}"),
            ),
            Self::Misunderstood(reason) => Error::invalid(format!(
                "{address} does not take what it was told: {reason}"
            )),
            Self::Clean => Error::disconnected(format!("{address} closed the connection")),
            Self::Lost(reason) => Error::disconnected(format!("{address}: {reason}")),
        }
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Http(answer)
                if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status()) =>
            {
                Self::Refused(format!("the server answered with {}", answer.status()))
            }
            Failure::Protocol(ProtocolError::SecWebSocketSubProtocolError(_)) => {
                Self::lost("the server does not speak the websocket protocol `prefect`")
            }
            other => Self::Lost(other.to_string()),
        }
    }
}
