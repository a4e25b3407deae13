//! What a server answers, in order.

use std::sync::Arc;

use diptych_runtime::http::header::CONTENT_TYPE;
use diptych_runtime::http::{HeaderMap, HeaderValue, StatusCode};
use diptych_runtime::{
    Answer, AnswerForm, Bytes, TransportError, TransportErrorKind, TypedOperation,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::Received;

/// What comes back to a request of an operation whose answer is a `T`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reply<T> {
    /// A success with this value.
    Value(T),
    /// A success with this JSON, which should have the form of a `T`.
    Json(Value),
    /// A status that is no success, and the server's detail.
    Failure(u16, String),
    /// Any answer.
    Answer(Answer),
    /// None: no connection comes about, and nothing is sent.
    Refuses,
    /// None: the connection breaks off.
    BreaksOff,
    /// None within the deadline.
    TimesOut,
}

impl<T> From<T> for Reply<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// What is sent back, written already.
#[derive(Clone)]
pub(super) enum Sent {
    Answer(Answer),
    Failed(TransportErrorKind),
}

/// Where an answer comes from.
#[derive(Clone)]
pub(super) enum Scripted {
    Fixed(Sent),
    Computed(Arc<dyn Fn(&Received) -> Sent + Send + Sync>),
}

/// The answers of one operation.
#[derive(Default)]
pub(super) struct Script {
    answers: Vec<Scripted>,
    asked: usize,
}

impl Script {
    pub(super) fn add(&mut self, scripted: Scripted) {
        self.answers.push(scripted);
    }

    pub(super) fn next(&mut self) -> Option<Scripted> {
        let scripted = self.answers.get(self.asked).or(self.answers.last())?;
        self.asked = self.asked.saturating_add(1);
        Some(scripted.clone())
    }

    pub(super) fn unused(&self) -> usize {
        self.answers.len().saturating_sub(self.asked)
    }
}

impl Sent {
    pub(super) fn reply<T: Serialize>(operation: &TypedOperation<T>, reply: Reply<T>) -> Self {
        match reply {
            Reply::Value(value) => Self::value(operation, &value),
            Reply::Json(value) => Self::json(200, &value),
            Reply::Failure(status, detail) => Self::json(status, &json!({ "detail": detail })),
            Reply::Answer(answer) => Self::Answer(answer),
            Reply::Refuses => Self::Failed(TransportErrorKind::Connect),
            Reply::BreaksOff => Self::Failed(TransportErrorKind::Interrupted),
            Reply::TimesOut => Self::Failed(TransportErrorKind::Timeout),
        }
    }

    pub(super) fn value<T: Serialize>(operation: &TypedOperation<T>, value: &T) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => Self::written(operation.form(), value),
            Err(error) => Self::missing(&format!(
                "MockServer cannot write the answer of {}: {error}",
                operation.name()
            )),
        }
    }

    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self::bytes(status, "application/json", value.to_string())
    }

    /// Says why there is no answer.
    pub(super) fn missing(detail: &str) -> Self {
        Self::json(501, &json!({ "detail": detail }))
    }

    pub(super) fn outcome(self) -> Result<Answer, TransportError> {
        match self {
            Self::Answer(answer) => Ok(answer),
            Self::Failed(TransportErrorKind::Timeout) => Err(TransportError::timeout()),
            Self::Failed(kind) => Err(TransportError::new(kind, "MockServer was told to")),
        }
    }

    fn written(form: AnswerForm, value: Value) -> Self {
        match (form, value) {
            (AnswerForm::Nothing, _) => {
                Self::Answer(Answer::new(StatusCode::NO_CONTENT, HeaderMap::new(), ""))
            }
            (AnswerForm::Text, Value::String(text)) => {
                Self::bytes(200, "text/plain; charset=utf-8", text)
            }
            (AnswerForm::Bytes, value) => match serde_json::from_value::<Vec<u8>>(value) {
                Ok(bytes) => Self::bytes(200, "application/octet-stream", bytes),
                Err(error) => Self::missing(&format!("MockServer was given no bytes: {error}")),
            },
            (_, value) => Self::json(200, &value),
        }
    }

    fn bytes(status: u16, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let Ok(status) = StatusCode::from_u16(status) else {
            return Self::missing(&format!(
                "MockServer was given {status}, which is no status"
            ));
        };
        let media_type = HeaderValue::from_static(media_type);
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, media_type)]);
        Self::Answer(Answer::new(status, headers, body))
    }
}
