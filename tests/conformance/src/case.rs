//! An operation, and what it is called with.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Data, Faces, Fallible, PagesPair, Pair, Theirs};

/// One operation.
pub struct Entry {
    /// The methods' name.
    pub name: &'static str,
    /// The tag.
    pub tag: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path template.
    pub path: &'static str,
    /// Where it stands in the description.
    pub pointer: &'static str,
    /// How its answer is read.
    pub answer: AnswerKind,
    /// Headers that the client sends itself.
    pub client_headers: &'static [&'static str],
    /// Builds the request without I/O, and reads answers.
    pub data: fn(&Case, Vec<diptych_runtime::Answer>) -> Fallible<Data>,
    /// Builds the request of the function that takes nothing optional.
    pub plain: fn(&Case) -> Fallible<Data>,
    /// Calls it through both faces.
    pub faces: fn(&Case, &Faces) -> Fallible<Pair>,
    /// Reads all its pages through both faces, where it has pages.
    pub pages: Option<fn(&Case, &Faces) -> Fallible<PagesPair>>,
    /// Calls it through progenitor's client.
    pub reference: fn(&Case, &Faces) -> Fallible<Theirs>,
}

/// How an answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// Not at all.
    Nothing,
    /// As JSON.
    Json,
    /// As text.
    Text,
    /// As bytes.
    Bytes,
}

/// Where a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// Among the headers.
    Header,
    /// As the body.
    Body,
    /// As a field of the body.
    BodyField,
}

/// What one call sends, as JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sent {
    /// The parameters of the path.
    pub path: Map<String, Value>,
    /// Those of the query.
    pub query: Map<String, Value>,
    /// The headers.
    pub header: Map<String, Value>,
    /// The body.
    pub body: Option<Value>,
}

/// One call of one operation.
#[derive(Clone, Debug)]
pub struct Case {
    /// Which of the operation's cases it is.
    pub name: String,
    /// What is sent.
    pub sent: Sent,
}

impl Case {
    /// The value of an argument; what is not there is null.
    ///
    /// # Errors
    ///
    /// When the argument's type does not take the value.
    pub fn value<T: DeserializeOwned>(&self, place: Place, wire: &str) -> Fallible<T> {
        let value = self.find(place, wire).cloned().unwrap_or(Value::Null);
        let text = value.to_string();
        serde_json::from_value(value)
            .map_err(|error| format!("{place:?} `{wire}`: {error}: {text}").into())
    }

    /// Sets what is optional, where the case has it.
    ///
    /// # Errors
    ///
    /// When its type does not take the value.
    pub fn set<T: DeserializeOwned>(&self, place: Place, wire: &str, slot: &mut T) -> Fallible<()> {
        if self.find(place, wire).is_some() {
            *slot = self.value(place, wire)?;
        }
        Ok(())
    }

    fn find(&self, place: Place, wire: &str) -> Option<&Value> {
        match place {
            Place::Path => self.sent.path.get(wire),
            Place::Query => self.sent.query.get(wire),
            Place::Header => self.sent.header.get(wire),
            Place::Body => self.sent.body.as_ref(),
            Place::BodyField => self.sent.body.as_ref()?.get(wire),
        }
    }
}
