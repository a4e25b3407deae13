//! Bodies of several parts, as a form of HTML with files has them (RFC 7578).

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::str::FromStr as _;

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;

use super::RequestBuilder;
use super::styled::checked;
use crate::call::Error;
use crate::model::style::{self, ParameterStyle};
use crate::model::{Content, File, Piece, Upload};

/// Writes the parts of a form.
pub struct MultipartWriter {
    boundary: String,
    /// What stands before `out`: files that are read while they are sent, and what is between them.
    pieces: Vec<Piece>,
    out: Vec<u8>,
    /// How parts are called.
    names: Names,
    /// The headers that the parts have which are written now.
    headers: &'static [(&'static str, &'static str)],
    /// How many parts have each name, where names are ids.
    ids: BTreeMap<String, usize>,
    /// What the first part is, where it was said.
    first: Option<String>,
    /// The first part that can't be written, and why.
    refused: Option<(String, Option<serde_json::Error>)>,
}

/// How the parts of a body are called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// As those of a form.
    Form,
    /// As other parts refer to them (RFC 2387), each by an id of its own.
    Ids,
}

impl RequestBuilder {
    /// Sets a body of the parts that `write` adds.
    pub fn multipart(&mut self, write: impl FnOnce(&mut MultipartWriter)) {
        self.multipart_as("multipart/form-data", write);
    }

    /// As [`multipart`](Self::multipart), under another media type that begins with `multipart/`.
    pub fn multipart_as(&mut self, media_type: &str, write: impl FnOnce(&mut MultipartWriter)) {
        let mut parts = MultipartWriter {
            boundary: boundary(),
            pieces: Vec::new(),
            out: Vec::new(),
            names: if media_type.starts_with("multipart/related") {
                Names::Ids
            } else {
                Names::Form
            },
            headers: &[],
            ids: BTreeMap::new(),
            first: None,
            refused: None,
        };
        write(&mut parts);
        let MultipartWriter {
            boundary,
            mut pieces,
            mut out,
            names,
            headers: _,
            ids: _,
            first,
            refused,
        } = parts;
        if let Some((name, error)) = refused {
            let text = format!("the part `{name}` cannot be written");
            return self.keep(match error {
                Some(error) => Error::request_source(self.operation, text, error),
                None => Error::request(self.operation, text),
            });
        }
        out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        if pieces.is_empty() {
            self.body = Some(out.into());
        } else {
            pieces.push(Piece::Bytes(out.into()));
            self.upload = Some(Upload::new(pieces));
        }
        // A boundary is of letters and digits.
        let first = first.filter(|_| names == Names::Ids);
        let first = first.map(|first| format!("; type=\"{}\"", first.replace('"', "\\\"")));
        let first = first.unwrap_or_default();
        let media_type = format!("{media_type}{first}; boundary={boundary}");
        if let Ok(media_type) = HeaderValue::try_from(media_type) {
            self.headers.insert(CONTENT_TYPE, media_type);
        }
    }
}

/// Nobody who writes the content of a part can know it, as the seed is the process's own.
fn boundary() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("diptych{:016x}{:016x}", random(), random())
}

/// The values that have a part each: those of a list, or the one; null is none.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    items.iter().filter(|item| !item.is_null())
}

/// Text has a charset outside of forms, as it would be ASCII there; in forms nothing is said of it.
const TEXT: &str = "text/plain; charset=utf-8";

const TRANSFER: &str = "content-transfer-encoding";

/// What a value is where nothing is said of it.
fn usual_type(value: &Value) -> &'static str {
    match value {
        Value::Object(_) | Value::Array(_) => "application/json",
        _ => TEXT,
    }
}

/// A value as content of this media type: JSON where that is JSON.
fn content(value: &Value, media_type: &str) -> String {
    if media_type.contains("json") {
        return value.to_string();
    }
    style::text(value)
}

impl MultipartWriter {
    /// Adds a value: a list is a part for each item, what has fields is JSON, and null is no part.
    pub fn value(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        let Some(value) = self.read(name, value) else {
            return;
        };
        for item in items(&value) {
            let is_text_of_form = self.names == Names::Form && usual_type(item) == TEXT;
            let media_type = (!is_text_of_form).then(|| usual_type(item));
            self.part(name, media_type, "", style::text(item).as_bytes());
        }
    }

    /// Adds a value as a style has it: a part for each pair, with its name.
    pub fn styled(&mut self, name: &str, style: ParameterStyle, value: &(impl Serialize + ?Sized)) {
        if let Some(value) = self.read(name, value) {
            for (name, text) in style::plain_pairs(style, name, &value) {
                self.part(&name, None, "", text.as_bytes());
            }
        }
    }

    /// Adds the items of a list, each as a part without a name. `media_type` is theirs; where it is empty, what has fields is
    /// JSON, and the others are text. `encoding` is what the caller has done to the content.
    pub fn items(&mut self, media_type: &str, encoding: &str, values: &(impl Serialize + ?Sized)) {
        let Some(values) = self.read("", values) else {
            return;
        };
        for item in items(&values) {
            let media_type = match media_type {
                "" => usual_type(item),
                given => given,
            };
            let text = content(item, media_type);
            self.part("", Some(media_type), encoding, text.as_bytes());
        }
    }

    /// Adds a value as content of this media type, which is JSON where that is: a list is a part for each item.
    pub fn value_as(&mut self, name: &str, media_type: &str, value: &(impl Serialize + ?Sized)) {
        let Some(value) = self.read(name, value) else {
            return;
        };
        for item in items(&value) {
            let text = content(item, media_type);
            self.part(name, Some(media_type), "", text.as_bytes());
        }
    }

    /// Adds parts that have these headers beside their own.
    pub fn headed(
        &mut self,
        headers: &'static [(&'static str, &'static str)],
        write: impl FnOnce(&mut Self),
    ) {
        self.headers = headers;
        write(self);
        self.headers = &[];
    }

    /// Adds a text whose content is of this media type, or each of a list of such texts. `encoding` is what the caller has
    /// done to the content, such as `base64`; empty where it is as it is.
    pub fn text_as(
        &mut self,
        name: &str,
        media_type: &str,
        encoding: &str,
        value: &(impl Serialize + ?Sized),
    ) {
        let Some(value) = self.read(name, value) else {
            return;
        };
        for item in items(&value) {
            self.part(
                name,
                Some(media_type),
                encoding,
                style::text(item).as_bytes(),
            );
        }
    }

    /// Adds the fields of a value, each as [`value`](Self::value) does.
    pub fn fields(&mut self, value: &(impl Serialize + ?Sized)) {
        match self.read("body", value) {
            Some(Value::Object(fields)) => {
                for (name, value) in &fields {
                    self.value(name, value);
                }
            }
            Some(_) => self.refuse("body", None),
            None => {}
        }
    }

    /// Adds files of one name, or of none, where it is empty. `media_type` is theirs where they don't say their own.
    pub fn files<'f>(
        &mut self,
        name: &str,
        media_type: &str,
        files: impl IntoIterator<Item = &'f File>,
    ) {
        for file in files {
            let media_type = file.own_media_type().unwrap_or(media_type);
            if !self.head(name, Some(file), Some(media_type), "") {
                continue;
            }
            match file.whole_content() {
                Content::Bytes(bytes) => self.out.extend_from_slice(bytes),
                Content::Source(source) => {
                    let before = std::mem::take(&mut self.out);
                    self.pieces.push(Piece::Bytes(before.into()));
                    self.pieces.push(Piece::Source(source.clone()));
                }
            }
            self.out.extend_from_slice(b"\r\n");
        }
    }

    fn read(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Option<Value> {
        match checked(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(name, Some(error));
                None
            }
        }
    }

    fn part(&mut self, name: &str, media_type: Option<&str>, encoding: &str, content: &[u8]) {
        if self.head(name, None, media_type, encoding) {
            self.out.extend_from_slice(content);
            self.out.extend_from_slice(b"\r\n");
        }
    }

    /// What stands before the content of a part. The result is whether it can be sent.
    fn head(
        &mut self,
        name: &str,
        file: Option<&File>,
        media_type: Option<&str>,
        encoding: &str,
    ) -> bool {
        let own = file.map(File::own_headers).unwrap_or_default().iter();
        let own = own.map(|(key, value)| (key.as_str(), value.as_str()));
        let given: Vec<(&str, &str)> = self.headers.iter().copied().chain(own).collect();
        let says = |header: &str| { given.iter() }.any(|(key, _)| key.eq_ignore_ascii_case(header));
        let mut head = format!("--{}", self.boundary);
        if !says("content-disposition") {
            self.say_name(&mut head, name, file, says("content-id"));
        }
        let media_type = media_type.filter(|_| !says("content-type"));
        let encoding = (!encoding.is_empty() && !says(TRANSFER)).then_some(encoding);
        let usual = [("content-type", media_type), (TRANSFER, encoding)];
        let usual = { usual.into_iter() }.filter_map(|(key, value)| Some((key, value?)));
        for (key, value) in usual.chain(given.iter().copied()) {
            // Whoever writes the header's value must not end the header.
            if HeaderName::from_str(key).is_err() || HeaderValue::from_str(value).is_err() {
                self.refuse(name, None);
                return false;
            }
            head.extend(["\r\n", key, ": ", value]);
            if key.eq_ignore_ascii_case("content-type") {
                self.first.get_or_insert_with(|| value.to_owned());
            }
        }
        head.push_str("\r\n\r\n");
        self.out.extend_from_slice(head.as_bytes());
        true
    }

    /// How the part is called, and the file that it is.
    fn say_name(&mut self, head: &mut String, name: &str, file: Option<&File>, has_id: bool) {
        let is_of_form = self.names == Names::Form && !name.is_empty();
        if is_of_form {
            let name = quoted(name);
            head.extend(["\r\ncontent-disposition: form-data; name=\"", &name, "\""]);
        } else if !name.is_empty() && !has_id {
            let id = self.free_id(name);
            head.extend(["\r\ncontent-id: <", &id, ">"]);
        }
        let Some(file) = file else { return };
        if let Some(file_name) = file.own_name().or(is_of_form.then_some(name)) {
            if !is_of_form {
                head.push_str("\r\ncontent-disposition: attachment");
            }
            head.extend(["; filename=\"", &quoted(file_name), "\""]);
        }
    }

    /// The id of a part: its name, with a number where a part has it already.
    fn free_id(&mut self, name: &str) -> String {
        let name = style::in_unreserved(name);
        let count = self.ids.entry(name.to_string()).or_default();
        *count += 1;
        match *count {
            1 => name.into_owned(),
            count => format!("{name}-{count}"),
        }
    }

    fn refuse(&mut self, name: &str, error: Option<serde_json::Error>) {
        self.refused.get_or_insert_with(|| (name.to_owned(), error));
    }
}

/// A name between quotes, as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
