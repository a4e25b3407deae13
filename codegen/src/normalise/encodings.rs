//! What a description says of the parts of a body beside their schemas: by name, or by position from 3.2 on.

use std::collections::BTreeMap;

use super::constants::only_value;
use super::media_types::{essence, is_one, is_visible};
use super::styles::of_pair;
use crate::ir::{BodyForm, Encoding, PairStyle, Part};
use crate::json::{Map, Value};
use crate::loss::Loss;
use crate::pointer::Pointer;

/// What is said of each part, while it is read.
pub(super) struct Encodings {
    /// Where the media type of the body stands.
    place: Pointer,
    form: BodyForm,
    /// Whether parts have styles: those of forms, and there from 3.1 on.
    are_styled: bool,
    pub(super) parts: BTreeMap<String, Encoding>,
    pub(super) styled: BTreeMap<String, PairStyle>,
    pub(super) each: Encoding,
    pub(super) positions: Vec<Encoding>,
}

impl Encodings {
    pub(super) fn new(place: Pointer, form: BodyForm, are_parts_styled: bool) -> Self {
        let keys = place.keys();
        let is_form_data = keys
            .last()
            .is_some_and(|key| essence(&key) == "multipart/form-data");
        Self {
            are_styled: are_parts_styled && form == BodyForm::Multipart && is_form_data,
            place,
            form,
            parts: BTreeMap::new(),
            styled: BTreeMap::new(),
            each: Encoding::default(),
            positions: Vec::new(),
        }
    }

    pub(super) fn read(&mut self, entry: &Value, losses: &mut Vec<Loss>) {
        let by_name = self.place.child("encoding");
        for (name, said) in entry["encoding"].entries() {
            self.style(name, said);
            let encoding = self.encoding(&by_name.child(name), name, said, losses);
            if encoding != Encoding::default() {
                self.parts.insert(name.to_owned(), encoding);
            }
        }
        let prefix = self.place.child("prefixEncoding");
        let positions = entry["prefixEncoding"].items();
        let positions = positions.enumerate().map(|(index, said)| {
            self.encoding(&prefix.child(index), &index.to_string(), said, losses)
        });
        self.positions = positions.collect();
        let of_items = self.place.child("itemEncoding");
        self.each = self.encoding(&of_items, "items", &entry["itemEncoding"], losses);
    }

    fn style(&mut self, name: &str, said: &Value) {
        let has_style = ["style", "explode"]
            .iter()
            .any(|key| said.get(key).is_some());
        if self.form == BodyForm::Form || self.are_styled && has_style {
            let pair = of_pair(said).map(|pair| (name.to_owned(), pair));
            self.styled.extend(pair);
        }
    }

    fn encoding(
        &self,
        place: &Pointer,
        name: &str,
        said: &Value,
        losses: &mut Vec<Loss>,
    ) -> Encoding {
        if self.form != BodyForm::Form && !self.are_styled {
            for key in ["style", "explode", "allowReserved"] {
                if said.get(key).is_some() {
                    losses.push(Loss {
                        pointer: place.child(key),
                        what: format!("`{key}` of the part `{name}`"),
                        why: "a part is sent as its type has it".to_owned(),
                    });
                }
            }
        }
        // Of several media types, the caller chooses.
        let media_type = said["contentType"].as_str().filter(|text| is_one(text));
        Encoding {
            part: media_type.map(|media_type| Part {
                media_type: media_type.to_owned(),
                encoding: None,
            }),
            headers: self.headers(place, name, said, losses),
        }
    }

    /// The headers of a part that have one value only. The others are the caller's to say, who can of a file.
    fn headers(
        &self,
        place: &Pointer,
        name: &str,
        said: &Value,
        losses: &mut Vec<Loss>,
    ) -> Vec<(String, String)> {
        // Elsewhere than in parts, the specification ignores them, as it does the media type among them.
        let headers = said["headers"].entries();
        let headers = headers.filter(|(header, _)| {
            self.form == BodyForm::Multipart && !header.eq_ignore_ascii_case("content-type")
        });
        let mut always = Vec::new();
        for (header, described) in headers {
            match constant(described) {
                Some(text) => always.push((header.to_ascii_lowercase(), text)),
                None => losses.push(Loss {
                    pointer: place.child("headers").child(header),
                    what: format!("the header `{header}` of the part `{name}`"),
                    why: "only a file is given headers by the caller (`File::header`)".to_owned(),
                }),
            }
        }
        always
    }
}

/// The only text that a header can have and that it must have.
fn constant(header: &Value) -> Option<String> {
    let only = only_value(header["schema"].as_object()?)?;
    match only {
        Value::String(text) if is_visible(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(only.to_string()),
        _ => None,
    }
}

/// What is said of the parts of a body, by name and by position.
pub(super) fn encodings_mut(entry: &mut Value) -> Vec<&mut Value> {
    let entry = entry.as_object_mut().into_iter().flat_map(Map::iter_mut);
    let found = entry.flat_map(|(key, value)| match (key, value) {
        ("encoding", Value::Object(named)) => named.values_mut().collect(),
        ("prefixEncoding", Value::Array(all)) => all.iter_mut().collect(),
        ("itemEncoding", one) => vec![one],
        _ => Vec::new(),
    });
    found.collect()
}
