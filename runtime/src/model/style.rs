//! How a value that is no plain text becomes the text of a parameter: `OpenAPI`'s styles, after RFC 6570.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

/// Everything but the unreserved characters of RFC 3986.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The reserved characters stay too, but for those that would end the value or the query.
pub(crate) const RESERVED: &AsciiSet = &UNRESERVED
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'?')
    .remove(b'@');

/// How the value of a parameter is written. Plain texts and their lists need none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterStyle {
    /// `a,b`, and of an object `k,v`.
    Simple,
    /// `a,b`, and of an object `k=v`.
    SimpleExploded,
    /// `.a,b`, and of an object `.k,v`.
    Label,
    /// `.a.b`, and of an object `.k=v`.
    LabelExploded,
    /// `;name=a,b`, and of an object `;name=k,v`.
    Matrix,
    /// `;name=a;name=b`, and of an object `;k=v`.
    MatrixExploded,
    /// `name=a,b`, and of an object `name=k,v`.
    Form,
    /// `name=a&name=b`, and of an object `k=v`.
    FormExploded,
    /// `name=a b`.
    SpaceDelimited,
    /// `name=a|b`.
    PipeDelimited,
    /// `name[k]=v`.
    DeepObject,
    /// As JSON.
    Json,
}

/// How a text is written so that nothing in it ends the value.
pub(crate) type Encode = fn(&str) -> String;

pub(crate) fn unreserved(text: &str) -> String {
    in_unreserved(text).into_owned()
}

/// Of each byte, whether it stands for itself everywhere.
const IS_UNRESERVED: [bool; 256] = {
    let mut is_unreserved = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        is_unreserved[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    is_unreserved
};

/// As [`unreserved`]; borrowed where nothing has to be encoded, and only there.
pub(crate) fn in_unreserved(text: &str) -> Cow<'_, str> {
    // Looked at byte by byte, as the encoder takes many times as long to find nothing to do.
    if text.bytes().all(|byte| IS_UNRESERVED[usize::from(byte)]) {
        return text.into();
    }
    // The encoder borrows as well, where the text is one byte.
    utf8_percent_encode(text, UNRESERVED).to_string().into()
}

/// What is percent-encoded already stays so, as RFC 6570 has it.
pub(crate) fn with_reserved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, after) = rest.split_at(at);
        out.extend(utf8_percent_encode(before, RESERVED));
        let digits = after.as_bytes().get(1..3);
        let is_triplet = digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let (triplet, others) = after.split_at(if is_triplet { 3 } else { 1 });
        out.push_str(if is_triplet { triplet } else { "%25" });
        rest = others;
    }
    out.extend(utf8_percent_encode(rest, RESERVED));
    out
}

pub(crate) fn unchanged(text: &str) -> String {
    text.to_owned()
}

/// The value's texts: one, those of a list, or the fields of an object. What is null is not there.
enum Texts {
    One(String),
    Items(Vec<String>),
    Fields(Vec<(String, String)>),
}

impl Texts {
    fn of(value: &Value, encode: Encode) -> Self {
        match value {
            Value::Array(items) => {
                let items = items.iter().filter(|item| !item.is_null());
                Self::Items(items.map(|item| encode(&text(item))).collect())
            }
            Value::Object(fields) => {
                let fields = fields.iter().filter(|(_, value)| !value.is_null());
                let fields = fields.map(|(key, value)| (encode(key), encode(&text(value))));
                Self::Fields(fields.collect())
            }
            other => Self::One(encode(&text(other))),
        }
    }

    /// Everything in a row: `a`, `a,b`, `k,v`.
    fn joined(self, separator: &str) -> String {
        match self {
            Self::One(text) => text,
            Self::Items(items) => items.join(separator),
            Self::Fields(fields) => {
                let flat = fields.into_iter().flat_map(|(key, value)| [key, value]);
                flat.collect::<Vec<_>>().join(separator)
            }
        }
    }

    /// Each by itself: `a`, `b`, `k=v`.
    fn each(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Items(items) => items,
            Self::Fields(fields) => pairs(fields, "="),
        }
    }

    /// Each with a name: `name=a`, `name=b`, `k=v`; `nothing` stands between a name and an empty text.
    fn named(self, name: &str, nothing: &str) -> Vec<String> {
        match self {
            Self::Fields(fields) => pairs(fields, nothing),
            other => {
                let each = other.each().into_iter();
                each.map(|text| pair(name, &text, nothing)).collect()
            }
        }
    }
}

fn pairs(fields: Vec<(String, String)>, nothing: &str) -> Vec<String> {
    let pairs = fields.into_iter();
    pairs
        .map(|(key, value)| pair(&key, &value, nothing))
        .collect()
}

/// RFC 6570 writes no `=` before nothing in a path.
fn pair(name: &str, text: &str, nothing: &str) -> String {
    let mark = if text.is_empty() { nothing } else { "=" };
    format!("{name}{mark}{text}")
}

/// No style says what is inside an item, so that is JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The value in a path or a header.
pub(crate) fn in_place(style: ParameterStyle, name: &str, value: &Value, encode: Encode) -> String {
    let texts = Texts::of(value, encode);
    let before_each = |mark: &str, each: Vec<String>| {
        let each = each.into_iter().map(|text| format!("{mark}{text}"));
        each.collect::<String>()
    };
    match style {
        ParameterStyle::SimpleExploded => texts.each().join(","),
        ParameterStyle::Label => format!(".{}", texts.joined(",")),
        ParameterStyle::LabelExploded => before_each(".", texts.each()),
        ParameterStyle::Matrix => format!(";{}", pair(&encode(name), &texts.joined(","), "")),
        ParameterStyle::MatrixExploded => before_each(";", texts.named(&encode(name), "")),
        ParameterStyle::Json => encode(&value.to_string()),
        _ => texts.joined(","),
    }
}

/// A list or an object of nothing is no value, as RFC 6570 has it.
pub(crate) fn is_nothing(style: ParameterStyle, value: &Value) -> bool {
    match (style, value) {
        (ParameterStyle::Json, _) => value.is_null(),
        (_, Value::Array(items)) => items.iter().all(Value::is_null),
        (_, Value::Object(fields)) => fields.values().all(Value::is_null),
        _ => value.is_null(),
    }
}

/// JSON for a place that takes ASCII only: other letters are escaped, as JSON allows anywhere in a text.
pub(crate) fn ascii_json(value: &Value) -> String {
    let mut json = String::new();
    for character in value.to_string().chars() {
        if character.is_ascii() {
            json.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a string can't fail.
                let _ = write!(json, "\\u{unit:04x}");
            }
        }
    }
    json
}

/// The pairs of a value in a query or among cookies.
pub(crate) fn in_pairs(
    style: ParameterStyle,
    name: &str,
    value: &Value,
    encode: Encode,
) -> Vec<String> {
    if is_nothing(style, value) {
        return Vec::new();
    }
    let texts = || Texts::of(value, encode);
    let key = unreserved(name);
    let joined = |separator: &str| vec![format!("{key}={}", texts().joined(separator))];
    match style {
        ParameterStyle::FormExploded => texts().named(&key, "="),
        ParameterStyle::SpaceDelimited => joined("%20"),
        ParameterStyle::PipeDelimited => joined("%7C"),
        ParameterStyle::DeepObject => {
            let mut pairs = Vec::new();
            deep(name, value, encode, &mut pairs);
            pairs
        }
        ParameterStyle::Json => vec![format!("{key}={}", encode(&value.to_string()))],
        _ => joined(","),
    }
}

/// The pairs of a value as they are, where nothing has to be encoded.
pub(crate) fn plain_pairs(
    style: ParameterStyle,
    name: &str,
    value: &Value,
) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = in_pairs(style, name, value, unreserved);
    let pairs = pairs.iter().filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, text)| (decoded(name), decoded(text)))
        .collect()
}

/// `name[k]=v`, and deeper where there is more below; of a list a pair for each item.
fn deep(name: &str, value: &Value, encode: Encode, pairs: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                deep(&format!("{name}[{key}]"), value, encode, pairs);
            }
        }
        Value::Array(items) => {
            for item in items {
                deep(name, item, encode, pairs);
            }
        }
        other => pairs.push(format!("{}={}", unreserved(name), encode(&text(other)))),
    }
}

#[cfg(test)]
mod tests;
