//! How a request is built.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use super::answer::Answer;
use super::call::Call;
use super::error::Error;
use super::operation::Operation;
use super::read_error::ReadError;
use super::request::Request;
use crate::model::json::{self, WriteError};
use crate::model::style;
use crate::model::{
    BodyWriter, Checked, ObjectWriter, ParameterValue, ParameterValues, Place, Upload,
};

/// Builds one request without I/O. The first error is kept and comes out of the finished [`Call`].
pub struct RequestBuilder {
    operation: &'static Operation,
    path: Vec<(&'static str, String)>,
    query: String,
    headers: HeaderMap,
    body: Option<Bytes>,
    upload: Option<Upload>,
    error: Option<Error>,
}

impl RequestBuilder {
    /// Begins a request.
    #[must_use]
    pub fn new(operation: &'static Operation) -> Self {
        Self {
            operation,
            path: Vec::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: None,
            upload: None,
            error: None,
        }
    }

    /// Sets the value of a parameter of the path.
    pub fn path(&mut self, name: &'static str, value: &(impl ParameterValue + ?Sized)) {
        let mut texts = self.texts("path parameter", name, value).into_iter();
        let mut segment = texts.next().unwrap_or_default();
        // Most have one text, in which nothing has to be encoded.
        if let Cow::Owned(encoded) = style::in_unreserved(&segment) {
            segment = encoded;
        }
        for text in texts {
            segment.push(',');
            segment.push_str(&style::in_unreserved(&text));
        }
        self.path_segment(name, segment);
    }

    /// Adds a parameter to the query; a list becomes one pair per item.
    pub fn query(&mut self, name: &'static str, value: &(impl ParameterValue + ?Sized)) {
        for text in self.texts("query parameter", name, value) {
            let (name, text) = (style::in_unreserved(name), style::in_unreserved(&text));
            self.query_pair(&[&*name, "=", &*text].concat());
        }
    }

    /// Adds a parameter to the query, where there is a value.
    pub fn optional_query<T: ParameterValue>(&mut self, name: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.query(name, value);
        }
    }

    /// Sets a header; a list is joined by commas, and one of nothing is no value.
    pub fn header(&mut self, name: &'static str, value: &(impl ParameterValue + ?Sized)) {
        let texts = self.texts("header", name, value);
        if !texts.is_empty() {
            self.header_text(name, &texts.join(","));
        }
    }

    /// Sets a header, where there is a value.
    pub fn optional_header<T: ParameterValue>(&mut self, name: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.header(name, value);
        }
    }

    /// Sets a JSON body.
    pub fn json(&mut self, body: &(impl Serialize + ?Sized)) {
        self.json_written(json::to_vec(body));
    }

    /// Sets a JSON body that is an object of the fields that `write` adds.
    pub fn json_object(&mut self, write: impl FnOnce(&mut BodyWriter<'_>)) {
        let (mut bytes, place) = (Vec::new(), Place::default());
        let mut serializer = serde_json::Serializer::new(&mut bytes);
        let mut object = ObjectWriter::new(Checked::new(&mut serializer, &place));
        write(&mut object);
        let written = object.finish();
        let written = written.map_err(|error| WriteError::new(&place, error));
        self.json_written(written.map(|()| bytes));
    }

    /// Finishes the request and says how its answer is read.
    pub fn answer<T>(self, read: fn(&Answer) -> Result<T, ReadError>) -> Call<T> {
        Call::new(self.operation, self.finish(), read)
    }

    /// The texts of a parameter; what can't be sent is kept as an error.
    fn texts(
        &mut self,
        kind: &str,
        name: &'static str,
        value: &(impl ParameterValue + ?Sized),
    ) -> Vec<String> {
        let values = ParameterValues::of(value);
        if let Some(reason) = values.refused {
            let text = format!("the {kind} `{name}`: {reason}");
            self.keep(Error::request(self.operation, text));
        }
        values.items
    }

    fn path_segment(&mut self, name: &'static str, encoded: String) {
        self.path.push((name, encoded));
    }

    fn query_pair(&mut self, pair: &str) {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.push_str(pair);
    }

    fn header_text(&mut self, name: &'static str, value: &str) {
        let operation = self.operation;
        let Ok(header) = HeaderName::from_bytes(name.as_bytes()) else {
            return self.keep(Error::request(
                operation,
                format!("`{name}` is no header name"),
            ));
        };
        match HeaderValue::from_str(value) {
            Ok(value) => drop(self.headers.insert(header, value)),
            Err(error) => {
                let text = format!("the value of the header `{name}` cannot be sent");
                self.keep(Error::request_source(operation, text, error));
            }
        }
    }

    fn json_written(&mut self, written: Result<Vec<u8>, WriteError>) {
        match written {
            Ok(bytes) => {
                let json = HeaderValue::from_static("application/json");
                self.headers.insert(CONTENT_TYPE, json);
                self.body = Some(bytes.into());
            }
            Err(error) => {
                let text = format!("the body cannot be written as JSON: {error}");
                self.keep(Error::request_source(self.operation, text, error));
            }
        }
    }

    fn keep(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    fn finish(self) -> Result<Request, Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let mut path_and_query = fill(self.operation, &self.path, self.query.len())?;
        if !self.query.is_empty() {
            // A template may have a query of its own.
            let mark = if path_and_query.contains('?') {
                '&'
            } else {
                '?'
            };
            path_and_query.push(mark);
            path_and_query.push_str(&self.query);
        }
        Ok(Request {
            operation: self.operation,
            path_and_query,
            headers: self.headers,
            body: self.body,
            upload: self.upload,
        })
    }
}

/// Puts the values into the path template; `query` bytes will stand behind it.
fn fill(
    operation: &'static Operation,
    values: &[(&'static str, String)],
    query: usize,
) -> Result<String, Error> {
    let values_length: usize = values.iter().map(|(_, value)| value.len()).sum();
    let mut path = String::with_capacity(operation.path().len() + values_length + query + 2);
    let mut rest = operation.path();
    while let Some((before, name, after)) = placeholder(rest) {
        let value = values.iter().rev().find(|(known, _)| *known == name);
        let Some((_, value)) = value else {
            let text = format!("the path parameter `{name}` has no value");
            return Err(Error::request(operation, text));
        };
        path.push_str(before);
        path.push_str(value);
        rest = after;
    }
    path.push_str(rest);
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    let odd = values.iter().find(|(_, value)| is_empty_or_dots(value));
    if let Some((name, _)) = odd
        && (is_a_segment(operation.path(), name) || has_dots(&path))
    {
        let text = format!("the path parameter `{name}` is empty or only dots");
        return Err(Error::request(operation, text));
    }
    Ok(path)
}

fn is_empty_or_dots(value: &str) -> bool {
    matches!(value, "" | "." | "..")
}

/// Whether the name alone is a segment of the template somewhere: without a value, the path would be another one.
fn is_a_segment(template: &str, name: &str) -> bool {
    let mut segments = before_query(template).split('/');
    segments.any(|segment| {
        let inner = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        inner == Some(name)
    })
}

/// Whether a segment of the path is one that leads elsewhere.
fn has_dots(path: &str) -> bool {
    let mut segments = before_query(path).split('/');
    segments.any(|segment| matches!(segment, "." | ".."))
}

fn before_query(path: &str) -> &str {
    path.split_once('?').map_or(path, |(before, _)| before)
}

/// The text before the first `{name}`, the name, and the text after it.
fn placeholder(template: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = cut(template, b'{')?;
    let (name, after) = cut(rest, b'}')?;
    Some((before, name, after))
}

/// As `split_once`, which takes several times as long for texts as short as templates.
fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == mark)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

mod multipart;
mod styled;

pub use multipart::MultipartWriter;
pub use styled::StyledPair;
pub(crate) use styled::add_cookies;

#[cfg(test)]
mod tests;
