//! The second stage: `OpenAPI` 3.0, 3.1 or 3.2 to a canonical 3.0.3 document.
//!
//! The work is done by small passes in a fixed order, one file each. A pass that loses meaning reports the loss;
//! what 3.0 cannot say travels in notes beside the document.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::error::{Problem, Problems, Result};
use crate::ir::{SecurityScheme, Server};
use crate::json::{Value, json};
use crate::loss::Loss;
use crate::notes::{NOTHING, Note, Notes};
use crate::pointer::Pointer;
use crate::walk::as_described;

mod access;
mod addresses;
mod answer_headers;
mod beside_unions;
mod choices;
mod component_names;
mod conditions;
mod constants;
mod content;
mod defaults;
mod documentation;
mod encodings;
mod events;
mod extract;
mod families;
mod files;
mod forms;
mod generics;
mod hooks;
mod kinds;
mod leave_out;
mod limits;
mod media_types;
mod names;
mod narrowed_enums;
mod nullable;
mod operations;
mod optional_constants;
mod origin;
mod other_methods;
mod parts;
mod path_prefix;
mod place_names;
mod places;
mod plain_parts;
mod plain_texts;
mod property_names;
mod reference_siblings;
mod references;
mod selection;
mod shared_properties;
mod styles;
mod tuples;
mod twins;
mod union_tags;
mod unions;
mod variants;

pub use operations::{AnswerHeader, Body, OperationNote, Outcome};
pub(crate) use styles::{style, styled_pairs};

/// A description while the passes work on it.
#[derive(Debug)]
pub struct Document {
    /// The document, with notes inside the schemas.
    pub root: Value,
    /// What the passes could not keep.
    pub losses: Vec<Loss>,
    /// What is known about each operation, by its final name.
    pub operations: BTreeMap<String, OperationNote>,
    /// What was left out, with the rule that it breaks.
    pub skipped: Vec<Problem>,
    /// Choices of `diptych.toml` that fit no place.
    pub stale: Vec<Problem>,
    /// What components are called in the description, where that is another name.
    pub given_names: BTreeMap<String, String>,
    /// The components that only carry the items of a tuple.
    pub carriers: BTreeSet<String>,
    /// What components that a pass made are made of.
    pub given_places: BTreeMap<String, Pointer>,
    /// How clients say who they are: their constructors have names that no operation can have.
    pub security: Vec<SecurityScheme>,
    /// What the description says in `security` of operations that do not say it themselves.
    pub asked_of_all: Value,
}

/// A canonical document and what travels beside it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Canonical {
    /// `OpenAPI` 3.0.3 as JSON.
    pub document: Value,
    /// What 3.0 cannot say, by pointer into `document`.
    pub notes: Notes,
    /// What is known about each operation, by its name.
    pub operations: BTreeMap<String, OperationNote>,
    /// How clients say who they are.
    pub security: Vec<SecurityScheme>,
    /// Where the API is.
    pub servers: Vec<Server>,
    /// What the passes could not keep.
    pub losses: Vec<Loss>,
    /// What was left out, with the rule that it breaks.
    pub skipped: Vec<Problem>,
    /// Choices that were made for another version of the description, and fit no place of this one.
    pub stale: Vec<Problem>,
}

impl Canonical {
    /// Says what was passed over before the first pass.
    pub(crate) fn pass_over(&mut self, problems: Vec<Problem>) {
        let losses = problems.iter().map(|problem| Loss {
            pointer: problem.pointer.clone(),
            what: "what it says first".to_owned(),
            why: problem.rule.clone(),
        });
        self.losses.extend(losses);
        self.losses.sort();
        self.skipped.extend(problems);
    }

    /// What is noted at a place, which may be nothing.
    pub(crate) fn note(&self, place: &Pointer) -> &Note {
        self.notes.get(place).unwrap_or(&NOTHING)
    }
}

/// One pass: changes the document in place.
pub type Pass = fn(&mut Document, &Config) -> Result<()>;

/// The passes in their order. Each is tested alone under its name.
pub const PASSES: &[(&str, Pass)] = &[
    ("other_methods", other_methods::run),
    ("selection", selection::run),
    ("addresses", addresses::run),
    ("component_names", component_names::run),
    ("hooks", hooks::run),
    ("places", places::run),
    ("conditions", conditions::run),
    ("forms", forms::run),
    ("beside_unions", beside_unions::run),
    ("references", references::run),
    ("answer_headers", answer_headers::run),
    ("parts", parts::run),
    ("events", events::run),
    ("plain_texts", plain_texts::run),
    ("origin", origin::run),
    ("path_prefix", path_prefix::run),
    ("variants", variants::run),
    ("twins", twins::run),
    ("reference_siblings", reference_siblings::run),
    ("documentation", documentation::run),
    ("plain_parts", plain_parts::run),
    ("families", families::run),
    ("shared_properties", shared_properties::run),
    ("narrowed_enums", narrowed_enums::run),
    ("constants", constants::run),
    ("nullable", nullable::run),
    ("limits", limits::run),
    ("tuples", tuples::run),
    ("property_names", property_names::run),
    ("files", files::run),
    ("content", content::run),
    ("defaults", defaults::run),
    ("unions", unions::run),
    ("optional_constants", optional_constants::run),
    ("operations", operations::run),
    ("names", names::run),
];

/// Whether a description is of a version in which nothing beside a `$ref` is meant.
fn is_of_3_0(root: &Value) -> bool {
    let version = root["openapi"].as_str().unwrap_or_default();
    version == "3.0" || version.starts_with("3.0.")
}

impl Document {
    /// A description before the first pass.
    #[must_use]
    pub fn new(root: Value) -> Self {
        Self {
            root,
            losses: Vec::new(),
            operations: BTreeMap::new(),
            skipped: Vec::new(),
            stale: Vec::new(),
            given_names: BTreeMap::new(),
            carriers: BTreeSet::new(),
            given_places: BTreeMap::new(),
            security: Vec::new(),
            asked_of_all: Value::Null,
        }
    }

    /// Reports a choice of `diptych.toml` that fits no place below this one.
    pub(crate) fn does_not_fit(&mut self, pointer: Pointer, rule: impl Into<String>) {
        let rule = rule.into();
        self.stale.push(Problem { pointer, rule });
    }

    /// Reports a meaning that is not kept.
    pub(crate) fn lose(&mut self, pointer: Pointer, what: impl Into<String>, why: &str) {
        self.losses.push(Loss {
            pointer,
            what: what.into(),
            why: why.to_owned(),
        });
    }
}

/// Runs every pass.
///
/// # Errors
///
/// When the description is broken or asks for what is not supported; each problem names its place.
pub fn normalise(root: Value, config: &Config) -> Result<Canonical> {
    config.check()?;
    let must_fit = config.is_for(root["info"]["version"].as_str().unwrap_or_default());
    let config = choices::settle(&root, config);
    let ends = choices::ends(&root, &config);
    let access::Access {
        security,
        servers,
        losses: not_accessed,
        ..
    } = access::read(&root, &config);
    let asked_of_all = root.get("security").cloned().unwrap_or_default();
    let mut document = Document::new(root);
    document.security = security;
    document.asked_of_all = asked_of_all;
    run_passes(&mut document, &config)?;
    let Document {
        mut root,
        mut losses,
        operations,
        mut skipped,
        mut stale,
        given_names: _,
        given_places: _,
        security,
        asked_of_all: _,
        carriers: _,
    } = document;
    losses.extend(not_accessed);
    let places = losses.iter_mut().map(|loss| &mut loss.pointer);
    let of_problems = skipped.iter_mut().chain(&mut stale);
    let places = places.chain(of_problems.map(|problem| &mut problem.pointer));
    places.for_each(|place| *place = as_described(place));
    let stale = settled(stale, &ends, must_fit)?;
    let notes = extract::run(&mut root);
    root["openapi"] = json!("3.0.3");
    losses.sort();
    losses.dedup();
    Ok(Canonical {
        document: root,
        notes,
        operations,
        security,
        servers,
        losses,
        skipped,
        stale,
    })
}

fn run_passes(document: &mut Document, config: &Config) -> Result<()> {
    for (name, pass) in PASSES {
        while let Err(error) = pass(document, config) {
            // Each round leaves out more, so this ends.
            leave_out::run(document, name, error)?;
        }
    }
    Ok(())
}

/// The choices that fit no place, each once, with how far its pointer leads. Those that were made for this version must fit.
fn settled(
    mut stale: Vec<Problem>,
    ends: &BTreeMap<Pointer, String>,
    must_fit: bool,
) -> Result<Vec<Problem>> {
    for problem in &mut stale {
        if let Some(end) = ends.get(&problem.pointer) {
            problem.rule = format!("{}: {end}", problem.rule);
        }
    }
    stale.sort();
    stale.dedup();
    if must_fit {
        Problems::from(std::mem::take(&mut stale)).into_result()?;
    }
    Ok(stale)
}
