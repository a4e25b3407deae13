//! Why a websocket can't be used any longer.

use std::io;

use prefect_client::transport::{TransportError, TransportErrorKind};
use prefect_client::{Answer, advise};
use tungstenite::Error as Failure;
use tungstenite::error::ProtocolError;
use tungstenite::handshake::client::Response;
use tungstenite::http::StatusCode;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;

use super::{Endpoint, OPEN_TIMEOUT};
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
            // What the library makes of a code that no server may send.
            CloseCode::Protocol if frame.reason.as_str() == "Protocol violation" => {
                Self::lost("the server closed the connection with a code that is none")
            }
            CloseCode::Protocol => Self::Misunderstood(reason),
            _ => Self::Lost(format!("the server closed the connection: {reason}")),
        }
    }

    pub(super) fn lost(text: impl Into<String>) -> Self {
        Self::Lost(text.into())
    }

    /// No connection came about, in the words and with the advice of a request that finds none.
    pub(super) fn unreachable(endpoint: &Endpoint, error: io::Error) -> Self {
        let is_refusal = prefect_client::proxy::is_refusal(&error);
        let mut failure = TransportError::new(TransportErrorKind::Connect, error);
        if let Some(proxy) = endpoint.proxy.as_ref().filter(|_| !is_refusal) {
            failure = failure.through(proxy.address());
        }
        let advice = advise(&endpoint.api_url, Err(&failure));
        Self::Lost(with_advice(failure.to_string(), advice))
    }

    /// The connection is not there in time.
    pub(super) fn silent(endpoint: &Endpoint) -> Self {
        let proxy = endpoint.proxy.as_ref();
        let way = proxy.map_or(String::new(), |proxy| {
            format!(" through the proxy {}", proxy.address())
        });
        let seconds = OPEN_TIMEOUT.as_secs();
        Self::Lost(format!(
            "the server does not answer within {seconds} s{way}"
        ))
    }

    /// No websocket was opened on a connection.
    pub(super) fn unopened(endpoint: &Endpoint, failure: Failure) -> Self {
        match failure {
            Failure::Http(answer) if !is_refusal(&answer) => {
                let status = answer.status();
                let text = format!("the server answers {status} where a websocket was asked for");
                let advice = advise(&endpoint.api_url, Ok(&whole(*answer)));
                Self::Lost(with_advice(text, advice))
            }
            Failure::Protocol(ProtocolError::HttparseError(_)) => Self::lost(
                "what answers there does not speak HTTP: PREFECT_API_URL (api.url) may have to begin with https://",
            ),
            Failure::AttackAttempt => Self::lost("the head of the server's answer is too large"),
            Failure::Protocol(ProtocolError::HandshakeIncomplete) => {
                Self::lost("the server closed the connection before it answered")
            }
            other => other.into(),
        }
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

fn with_advice(text: String, advice: Option<String>) -> String {
    match advice {
        Some(advice) => format!("{text}; {advice}"),
        None => text,
    }
}

/// Whether it is who the client is that is not accepted.
fn is_refusal(answer: &Response) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status())
}

fn whole(answer: Response) -> Answer {
    let (head, body) = answer.into_parts();
    Answer::new(head.status, head.headers, body.unwrap_or_default())
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Http(answer) if is_refusal(&answer) => {
                Self::Refused(format!("the server answered with {}", answer.status()))
            }
            Failure::Protocol(ProtocolError::SecWebSocketSubProtocolError(_)) => {
                Self::lost("the server does not speak the websocket protocol `prefect`")
            }
            Failure::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                Self::lost("the connection ended without a word")
            }
            Failure::Io(error) => Self::Lost(error.to_string()),
            other => Self::Lost(other.to_string()),
        }
    }
}
