//! Parameters that are written by a style, and bodies that are no usual JSON.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use serde_json::{Map, Value};

use super::RequestBuilder;
use crate::call::{Error, charset};
use crate::model::style::{self, Encode, ParameterStyle};
use crate::model::{Checked, Place, json};

impl RequestBuilder {
    /// Sets the value of a parameter of the path.
    pub fn styled_path(
        &mut self,
        name: &'static str,
        style: ParameterStyle,
        value: &(impl Serialize + ?Sized),
    ) {
        if let Some(value) = self.value(name, checked(value)) {
            let text = style::in_place(style, name, &value, style::unreserved);
            self.path_segment(name, text);
        }
    }

    /// Adds a parameter to the query.
    pub fn styled_query(
        &mut self,
        name: &'static str,
        style: ParameterStyle,
        value: &(impl Serialize + ?Sized),
    ) {
        let value = checked(value);
        self.query_pairs(name, style, value, style::unreserved);
    }

    /// Adds a parameter to the query, in whose values reserved characters stay as they are.
    pub fn reserved_query(
        &mut self,
        name: &'static str,
        style: ParameterStyle,
        value: &(impl Serialize + ?Sized),
    ) {
        let value = checked(value);
        self.query_pairs(name, style, value, style::with_reserved);
    }

    /// Sets the whole query: names and values, as a form of HTML has them.
    pub fn query_form(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) {
        self.query_form_as(name, value, &[]);
    }

    /// As [`query_form`](Self::query_form), with the names that have a style of their own.
    pub fn query_form_as(
        &mut self,
        name: &'static str,
        value: &(impl Serialize + ?Sized),
        styled: &[StyledPair],
    ) {
        match self.value(name, checked(value)) {
            Some(Value::Object(fields)) => {
                for pair in form_pairs(&fields, styled) {
                    self.query_pair(&pair);
                }
            }
            Some(_) => {
                let text =
                    format!("the query `{name}` is no object, and a form has names and values");
                self.keep(Error::request(self.operation, text));
            }
            None => {}
        }
    }

    /// Sets the whole query: the value as JSON, percent-encoded.
    pub fn query_json(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) {
        if let Some(value) = self.value(name, checked(value)) {
            self.query_pair(&style::unreserved(&value.to_string()));
        }
    }

    /// Sets a header.
    pub fn styled_header(
        &mut self,
        name: &'static str,
        style: ParameterStyle,
        value: &(impl Serialize + ?Sized),
    ) {
        let value = self.value(name, checked(value));
        let Some(value) = value.filter(|value| !style::is_nothing(style, value)) else {
            return;
        };
        let text = match style {
            ParameterStyle::Json => style::ascii_json(&value),
            _ => style::in_place(style, name, &value, style::unchanged),
        };
        self.header_text(name, &text);
    }

    /// Adds a cookie, percent-encoded.
    pub fn cookie(
        &mut self,
        name: &'static str,
        style: ParameterStyle,
        value: &(impl Serialize + ?Sized),
    ) {
        if let Some(value) = self.value(name, checked(value)) {
            self.cookies(style::in_pairs(style, name, &value, style::unreserved));
        }
    }

    /// Adds a cookie as it is.
    pub fn plain_cookie(
        &mut self,
        name: &'static str,
        style: ParameterStyle,
        value: &(impl Serialize + ?Sized),
    ) {
        let Some(value) = self.value(name, checked(value)) else {
            return;
        };
        let cookies = style::in_pairs(style, name, &value, style::unchanged);
        // RFC 6265 has no place for others.
        let fits = |c: char| c.is_ascii_graphic() && !"\";\\".contains(c);
        if cookies.iter().any(|cookie| !cookie.chars().all(fits)) {
            let text = format!("the cookie `{name}`: it has characters that a cookie cannot have");
            self.keep(Error::request(self.operation, text));
            return;
        }
        self.cookies(cookies);
    }

    fn cookies(&mut self, cookies: Vec<String>) {
        add_cookies(&mut self.headers, cookies);
    }

    /// Sets a JSON body of a media type of its own, such as `application/merge-patch+json`.
    pub fn json_as(&mut self, media_type: &'static str, body: &(impl Serialize + ?Sized)) {
        self.json(body);
        self.content_type(media_type);
    }

    /// Sets a body of JSON, one value on each line; those of `json-seq` have a record separator before them.
    pub fn lines<T: Serialize>(&mut self, media_type: &'static str, values: &[T]) {
        let is_sequence = media_type.contains("json-seq");
        let mut body = Vec::new();
        for (index, value) in values.iter().enumerate() {
            match json::to_vec(value) {
                Ok(line) => {
                    body.extend(is_sequence.then_some(b'\x1e'));
                    body.extend_from_slice(&line);
                    body.push(b'\n');
                }
                Err(error) => {
                    let text =
                        format!("value {index} of the body cannot be written as JSON: {error}");
                    self.keep(Error::request_source(self.operation, text, error));
                    return;
                }
            }
        }
        self.bytes(media_type, &body);
    }

    /// Sets a body of names and values, as a form of HTML has them: a list is a pair for each item, and what is inside
    /// of those is JSON.
    pub fn form(&mut self, body: &(impl Serialize + ?Sized)) {
        self.form_as(body, &[]);
    }

    /// As [`form`](Self::form), with the names that have a style of their own.
    pub fn form_as(&mut self, body: &(impl Serialize + ?Sized), styled: &[StyledPair]) {
        match checked(body) {
            Ok(Value::Object(fields)) => {
                let form = form_pairs(&fields, styled).join("&");
                self.bytes("application/x-www-form-urlencoded", form.as_bytes());
            }
            Ok(_) => {
                let text = "the body is no object, and a form has names and values";
                self.keep(Error::request(self.operation, text));
            }
            Err(error) => {
                let text = "the body cannot be written as a form";
                self.keep(Error::request_source(self.operation, text, error));
            }
        }
    }

    /// Sets a body of text, in the encoding that its media type says.
    pub fn text(&mut self, media_type: &'static str, body: &str) {
        match charset::bytes(media_type, body) {
            Ok(bytes) => self.bytes(media_type, &bytes),
            Err(words) => {
                let text = format!("the body can't be written as {media_type}: {words}");
                self.keep(Error::request(self.operation, text));
            }
        }
    }

    /// Sets a body of text that is one value, such as a date.
    pub fn plain(&mut self, media_type: &'static str, body: &(impl Serialize + ?Sized)) {
        match checked(body) {
            Ok(value) => self.text(media_type, &style::text(&value)),
            Err(error) => {
                let text = format!("the body can't be written as {media_type}");
                self.keep(Error::request_source(self.operation, text, error));
            }
        }
    }

    /// Sets a body of bytes.
    pub fn bytes(&mut self, media_type: &'static str, body: &[u8]) {
        self.body = Some(Bytes::copy_from_slice(body));
        self.content_type(media_type);
    }

    /// Asks for a media type of its own.
    pub fn accept(&mut self, media_type: &'static str) {
        self.header_text("accept", media_type);
    }

    /// Of a range, such as `image/*`, the caller has said one.
    fn content_type(&mut self, media_type: &'static str) {
        if media_type.contains('*') {
            let other = HeaderValue::from_static("application/octet-stream");
            self.headers.entry(CONTENT_TYPE).or_insert(other);
            return;
        }
        match HeaderValue::from_str(media_type) {
            Ok(value) => drop(self.headers.insert(CONTENT_TYPE, value)),
            Err(error) => {
                let text = format!("`{media_type}` is no media type");
                self.keep(Error::request_source(self.operation, text, error));
            }
        }
    }

    fn query_pairs(
        &mut self,
        name: &'static str,
        style: ParameterStyle,
        value: Result<Value, serde_json::Error>,
        encode: Encode,
    ) {
        if let Some(value) = self.value(name, value) {
            for pair in style::in_pairs(style, name, &value, encode) {
                self.query_pair(&pair);
            }
        }
    }

    fn value(&mut self, name: &str, value: Result<Value, serde_json::Error>) -> Option<Value> {
        value
            .map_err(|error| {
                let text = format!("the parameter `{name}` cannot be written");
                self.keep(Error::request_source(self.operation, text, error));
            })
            .ok()
    }
}

/// How a name of a form is written that has a style of its own.
#[derive(Clone, Copy, Debug)]
pub struct StyledPair {
    name: &'static str,
    style: ParameterStyle,
    encode: Encode,
}

impl StyledPair {
    /// A name whose values are percent-encoded.
    #[must_use]
    pub const fn new(name: &'static str, style: ParameterStyle) -> Self {
        let encode: Encode = style::unreserved;
        Self {
            name,
            style,
            encode,
        }
    }

    /// A name in whose values reserved characters stay as they are.
    #[must_use]
    pub const fn reserved(name: &'static str, style: ParameterStyle) -> Self {
        let encode: Encode = style::with_reserved;
        Self {
            name,
            style,
            encode,
        }
    }

    /// A list as JSON is a pair for each item, as `OpenAPI` has it of forms.
    fn written(&self, value: &Value) -> Vec<String> {
        let pairs = |value| style::in_pairs(self.style, self.name, value, self.encode);
        match (self.style, value) {
            (ParameterStyle::Json, Value::Array(items)) => items.iter().flat_map(pairs).collect(),
            _ => pairs(value),
        }
    }
}

fn form_pairs(fields: &Map<String, Value>, styled: &[StyledPair]) -> Vec<String> {
    let mut pairs = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        match styled.iter().find(|pair| pair.name == name) {
            Some(pair) => pairs.extend(pair.written(value)),
            None => pairs.extend(usual_pairs(name, value)),
        }
    }
    pairs
}

/// A pair for each item that is something, as a form of HTML has them.
fn usual_pairs(name: &str, value: &Value) -> Vec<String> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let items = items.iter().filter(|item| !item.is_null());
    let pairs = items.map(|item| format!("{}={}", encoded(name), encoded(&style::text(item))));
    pairs.collect()
}

/// The value as JSON has it; what JSON can't say is an error.
pub(super) fn checked(value: &(impl Serialize + ?Sized)) -> Result<Value, serde_json::Error> {
    let place = Place::default();
    value.serialize(Checked::new(serde_json::value::Serializer, &place))
}

/// Adds cookies to those that are there. Everything in them is ASCII by now.
pub(crate) fn add_cookies(headers: &mut HeaderMap, mut cookies: Vec<String>) {
    if cookies.is_empty() {
        return;
    }
    let known = headers.get(COOKIE);
    let known = known.and_then(|known| known.to_str().ok());
    cookies.splice(0..0, known.map(str::to_owned));
    if let Ok(mut cookies) = HeaderValue::from_str(&cookies.join("; ")) {
        cookies.set_sensitive(true);
        headers.insert(COOKIE, cookies);
    }
}
