//! Settles each operation: its name, its tag, its body, and the answer that counts as success.

use std::collections::BTreeMap;

use super::encodings::Encodings;
use super::media_types::{chosen_body, line, says_type, sent_as, typed_text};
use super::references::own_component;
use super::{Document, is_of_3_0};
use crate::config::Config;
use crate::error::{Problems, Result};
use crate::ir::{AnswerKind, BodyForm, Content, SecurityKind};
use crate::json::{Map, Value, json};
use crate::loss::Loss;
use crate::notes::note;
use crate::pointer::Pointer;
use crate::walk::{ANSWERS, as_described, each_operation, method_name, method_of, single};

mod answers;
mod asked;
mod method_names;

pub(super) use method_names::own_names;
mod repeatable;

use answers::AnswerNote;
pub use answers::{AnswerHeader, Outcome};

/// What is known about one operation beside the canonical document.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OperationNote {
    /// Where it stands in the description.
    pub source: Pointer,
    /// Where it stands in the canonical document: a variant stands beside the operation of its method.
    pub place: Pointer,
    /// The method in upper case.
    pub method: String,
    /// The path template.
    pub path: String,
    /// Its first tag.
    pub tag: String,
    /// The first line of its documentation.
    pub summary: Option<String>,
    /// The rest of its documentation.
    pub description: Option<String>,
    /// Whether the description calls it deprecated.
    pub deprecated: bool,
    /// How its body is presented.
    pub body: Body,
    /// How the body is written.
    pub content: Option<Content>,
    /// How its answer is read.
    pub answer: AnswerKind,
    /// Whether some success has no body.
    pub may_be_empty: bool,
    /// What each status of a success says, where they differ.
    pub outcomes: Vec<Outcome>,
    /// The media type that it asks for, where it is not what every call asks for.
    pub accept: Option<String>,
    /// The headers of its successes that the description names.
    pub answer_headers: Vec<AnswerHeader>,
    /// The headers that the client sends itself.
    pub client_headers: Vec<String>,
    /// The credentials of each way to say who asks; `None` where nothing says which it asks for.
    pub asks: Option<Vec<Vec<SecurityKind>>>,
    /// Answers that are no success: status and description.
    pub errors: BTreeMap<String, String>,
    /// Whether a person says that it does no more when it is sent twice, which its method does not promise.
    pub repeatable: bool,
}

/// How a request body is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// There is none.
    None,
    /// One value: an argument when it is required.
    Whole {
        /// Whether it must be there.
        required: bool,
    },
    /// An object that exists for this operation only: its properties are arguments.
    Embedded,
}

pub(super) fn run(document: &mut Document, config: &Config) -> Result<()> {
    let (mut problems, mut stale) = (Problems::default(), Problems::default());
    method_names::check_choices(&mut document.root, config, &mut stale);
    let names = method_names::settle(
        &mut document.root,
        config,
        &document.security,
        &mut problems,
    );
    let mut notes = BTreeMap::new();
    let mut losses = Vec::new();
    let are_parts_styled = !is_of_3_0(&document.root);
    let (of_all, schemes) = (&document.asked_of_all, &document.security);
    each_operation(&mut document.root, &mut |place, operation| {
        let Some(name) = names.get(place) else { return };
        let mut settle = Settle {
            place,
            config,
            losses: &mut losses,
            are_parts_styled,
        };
        let asks = asked::asked(operation, of_all, schemes);
        let note = settle.operation(operation, asks);
        operation.insert("operationId".to_owned(), json!(name));
        notes.insert(name.clone(), note);
    });
    let known = |key: &String| {
        notes
            .values()
            .any(|note: &OperationNote| format!("{} {}", note.method, note.path) == *key)
    };
    for key in config
        .responses
        .keys()
        .chain(config.unanswered.keys())
        .filter(|key| !known(key))
    {
        let rule = format!(
            "diptych.toml speaks of the operation `{key}`, which is not in the description"
        );
        stale.add(Pointer::root().child("paths"), rule);
    }
    repeatable::check(config, &notes, &mut stale);
    check_applied(config, &notes, &mut stale);
    document.stale.extend(stale.into_vec());
    document.losses.append(&mut losses);
    document.operations = notes;
    problems.into_result()
}

/// Choices that match nothing are refused, so that the file can't rot.
fn check_applied(config: &Config, notes: &BTreeMap<String, OperationNote>, stale: &mut Problems) {
    let place = || Pointer::root().child("paths");
    for header in &config.headers.client {
        let sent = notes.values().flat_map(|note| &note.client_headers);
        if !sent.into_iter().any(|name| name.to_lowercase() == *header) {
            let rule = format!(
                "diptych.toml calls `{header}` the client's header, but no operation has it"
            );
            stale.add(place(), rule);
        }
    }
    if let Some(prefix) = &config.bodies.embedded_prefix
        && !notes.values().any(|note| note.body == Body::Embedded)
    {
        let rule =
            format!("diptych.toml embeds bodies called `{prefix}…`, but no operation has one");
        stale.add(place(), rule);
    }
}

/// What the canonical document says of an operation.
const KEPT: &[&str] = &[
    "operationId",
    "parameters",
    "requestBody",
    "responses",
    "tags",
    ANSWERS,
];

struct Settle<'s> {
    place: &'s Pointer,
    config: &'s Config,
    losses: &'s mut Vec<Loss>,
    /// Whether the version gives the parts of forms with files their styles.
    are_parts_styled: bool,
}

impl Settle<'_> {
    fn operation(
        &mut self,
        operation: &mut Map,
        asks: Option<Vec<Vec<SecurityKind>>>,
    ) -> OperationNote {
        let keys: Vec<String> = self.place.keys().collect();
        let (path, method) = (keys[1].clone(), method_of(&keys[2]));
        let paths = Pointer::root().child("paths");
        let source = as_described(&paths.child(&path).child(method));
        let method = method_name(method);
        let text = |key: &str| {
            operation
                .get(key)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let (summary, description) = (text("summary"), text("description"));
        let deprecated = operation.get("deprecated") == Some(&json!(true));
        let tag = operation
            .get("tags")
            .and_then(|tags| tags[0].as_str())
            .unwrap_or(&self.config.client.untagged)
            .to_owned();
        let client_headers = self.parameters(operation);
        let (body, content) = self.body(&source, operation);
        let forced = self
            .config
            .responses
            .get(&format!("{method} {path}"))
            .map(|kind| AnswerKind::from(*kind));
        let AnswerNote {
            kind: answer,
            may_be_empty,
            outcomes,
            accept,
            headers: answer_headers,
            errors,
        } = answers::settle(&source.child("responses"), operation, forced, self.losses);
        operation.retain(|key, _| KEPT.contains(&key));
        OperationNote {
            source,
            place: self.place.clone(),
            repeatable: repeatable::is_chosen(self.config, &method, &path),
            method,
            path,
            tag,
            summary,
            description,
            deprecated,
            body,
            content,
            answer,
            may_be_empty,
            outcomes,
            accept,
            answer_headers,
            client_headers,
            asks,
            errors,
        }
    }

    /// Takes out the client's own headers, and null from the others: a parameter is there or it is not.
    fn parameters(&mut self, operation: &mut Map) -> Vec<String> {
        let Some(Value::Array(parameters)) = operation.get_mut("parameters") else {
            return Vec::new();
        };
        let is_clients = |parameter: &Value| {
            let name = parameter["name"]
                .as_str()
                .unwrap_or_default()
                .to_lowercase();
            parameter["in"] == "header" && self.config.headers.client.contains(&name)
        };
        let (own, rest): (Vec<Value>, Vec<Value>) = parameters.drain(..).partition(is_clients);
        *parameters = rest;
        for parameter in parameters {
            let description = parameter
                .get("description")
                .and_then(Value::as_str)
                .map(str::to_owned);
            let deprecated = parameter.get("deprecated") == Some(&json!(true));
            if let Some(Value::Object(schema)) = parameter.get_mut("schema") {
                schema.remove("nullable");
                note(schema, |note| {
                    note.nullable = false;
                    note.deprecated |= deprecated;
                    note.description = description.or_else(|| note.description.take());
                });
                if let Some(Value::Array(mut all)) = schema.remove("allOf")
                    && let [Value::Object(only)] = all.as_mut_slice()
                {
                    schema.extend(std::mem::take(only));
                }
            }
        }
        own.iter()
            .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
            .collect()
    }

    fn body(&mut self, source: &Pointer, operation: &mut Map) -> (Body, Option<Content>) {
        let Some(Value::Object(body)) = operation.get_mut("requestBody") else {
            return (Body::None, None);
        };
        let required = body.get("required") == Some(&json!(true));
        let place = source.child("requestBody").child("content");
        let content = body.get_mut("content").and_then(Value::as_object_mut);
        let chosen = content.as_deref().and_then(chosen_body);
        let chosen = chosen.map(|(media_type, form)| (media_type.to_owned(), form));
        let (Some(content), Some((media_type, form))) = (content, chosen) else {
            // The parts were checked before.
            operation.remove("requestBody");
            return (Body::None, None);
        };
        self.lose_others(content, &media_type, &place);
        let entry = content.remove(&media_type).unwrap_or_default();
        let is_raw = matches!(form, BodyForm::Text | BodyForm::Bytes);
        if is_raw && says_type(&entry) && typed_text(&entry).is_none() {
            self.losses.push(Loss {
                pointer: place.child(&media_type).child("schema"),
                what: "the type".to_owned(),
                why: format!("the caller writes {media_type}"),
            });
        }
        let schema = body_schema(form, &entry);
        let is_embedded = form == BodyForm::Json && self.is_embedded(&schema);
        // Readers of the canonical document know JSON by its usual name.
        let key = match form {
            BodyForm::Json => "application/json",
            _ => &media_type,
        };
        *content = Map::from_iter([(key.to_owned(), single("schema", schema))]);
        // Readers of 3.0 take every body as an argument; whether it may be left out is in the note.
        body.insert("required".to_owned(), json!(true));
        let mut said = Encodings::new(place.child(&media_type), form, self.are_parts_styled);
        said.read(&entry, self.losses);
        let content = Content {
            media_type: sent_as(&media_type, form).to_owned(),
            form,
            parts: said.parts,
            styled: said.styled,
            each: said.each,
            positions: said.positions,
        };
        let body = if is_embedded {
            Body::Embedded
        } else {
            Body::Whole { required }
        };
        (body, Some(content))
    }

    /// What a body could be as well.
    fn lose_others(&mut self, content: &Map, media_type: &str, place: &Pointer) {
        let others = content.keys().filter(|key| *key != media_type);
        self.losses.extend(others.map(|other| Loss {
            pointer: place.child(other),
            what: format!("the body as {other}"),
            why: format!("the client sends {media_type}"),
        }));
    }

    /// Whether a person says that the operation takes the fields of such a body itself.
    fn is_embedded(&self, schema: &Value) -> bool {
        let prefix = self.config.bodies.embedded_prefix.as_deref();
        let name = own_component(schema);
        name.zip(prefix)
            .is_some_and(|(name, prefix)| name.starts_with(prefix))
    }
}

/// Text and bytes are what they are, whatever their schema says.
fn body_schema(form: BodyForm, entry: &Value) -> Value {
    match form {
        BodyForm::Text => {
            let typed = typed_text(entry).cloned();
            typed.unwrap_or_else(|| json!({ "type": "string" }))
        }
        BodyForm::Bytes => json!({ "type": "string", "format": "binary" }),
        BodyForm::Lines => line(entry),
        BodyForm::Json | BodyForm::Form | BodyForm::Multipart => {
            let schema = entry.get("schema").filter(|schema| schema.is_object());
            schema.cloned().unwrap_or_else(|| json!({}))
        }
    }
}
