//! progenitor's client of the canonical document: a second opinion on what operations send and read, and a way to progenitor
//! for descriptions that it can't read itself, such as those of `OpenAPI` 3.1.
//!
//! progenitor takes a document or none of it, and says what it doesn't take by an error without a place, or by a panic. So
//! what it takes is searched for: all of it, else halves, and halves of these.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use progenitor::{GenerationSettings, Generator};
use serde_json::{Map, Value, json};

use crate::GenerateError;
use crate::error::{Error, Problem};
use crate::pointer::Pointer;
use crate::walk::is_method;

/// progenitor's client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reference {
    /// Its source: one file, which stands on `progenitor-client`.
    pub client: String,
    /// What progenitor can't take, with its place in the canonical document: operations, and schemas, which are anything then.
    pub left_out: Vec<Problem>,
}

/// The bytes of progenitor's stack: it follows schemas by recursion.
const STACK: usize = 256 << 20;

/// Makes progenitor's client from the [canonical document](crate::canonical) of a description. Where progenitor panics, the
/// process's panic hook is called, and it is gone on without what made it panic.
///
/// # Errors
///
/// As [`crate::canonical`], and when progenitor makes nothing of what is left.
pub fn reference(description: &str, choices: &str) -> Result<Reference, GenerateError> {
    let mut document = crate::canonical(description, choices)?;
    // Responses, parameters and bodies are in the operations that use them.
    let schemas = document["components"]["schemas"].take();
    document["components"] = json!({ "schemas": schemas });
    let made = std::thread::scope(|scope| {
        let making = std::thread::Builder::new().stack_size(STACK);
        let making = making.spawn_scoped(scope, || Search::new(&document).run());
        making.map(std::thread::ScopedJoinHandle::join)
    });
    match made {
        Ok(Ok(made)) => made.map_err(|rule| Error::at(Pointer::root(), rule).into()),
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => Err(Error::at(Pointer::root(), error.to_string()).into()),
    }
}

/// A schema or an operation of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'d> {
    Schema(&'d str),
    Operation(&'d str, &'d str),
}

impl Piece<'_> {
    fn place(self) -> Pointer {
        match self {
            Self::Schema(name) => Pointer::schema(name),
            Self::Operation(path, method) => {
                Pointer::root().child("paths").child(path).child(method)
            }
        }
    }
}

/// What is made of some pieces, or why nothing is.
type Made = Result<String, String>;

struct Search<'d> {
    document: &'d Value,
    schemas: Vec<Piece<'d>>,
    operations: Vec<Piece<'d>>,
    /// The schemas that each piece mentions.
    mentioned: BTreeMap<Piece<'d>, BTreeSet<&'d str>>,
    left_out: Vec<Problem>,
}

impl<'d> Search<'d> {
    fn new(document: &'d Value) -> Self {
        let mut search = Self {
            document,
            schemas: Vec::new(),
            operations: Vec::new(),
            mentioned: BTreeMap::new(),
            left_out: Vec::new(),
        };
        for (name, schema) in entries(&document["components"]["schemas"]) {
            search.add(Piece::Schema(name), schema);
        }
        for (path, item) in entries(&document["paths"]) {
            for (method, operation) in entries(item) {
                if is_method(method) {
                    search.add(Piece::Operation(path, method), operation);
                }
            }
        }
        search
    }

    fn add(&mut self, piece: Piece<'d>, value: &'d Value) {
        let mut names = BTreeSet::new();
        mentions(value, &mut names);
        self.mentioned.insert(piece, names);
        match piece {
            Piece::Schema(_) => self.schemas.push(piece),
            Piece::Operation(..) => self.operations.push(piece),
        }
    }

    fn run(mut self) -> Result<Reference, String> {
        let everything = [self.schemas.as_slice(), &self.operations].concat();
        let mut made = self.attempt(&everything.into_iter().collect());
        if made.is_err() {
            let mut kept = BTreeSet::new();
            for pieces in [self.schemas.clone(), self.operations.clone()] {
                kept = self.add_those_that_fit(&kept, pieces);
            }
            made = self.attempt(&kept);
        }
        let client = made?;
        self.left_out.sort();
        Ok(Reference {
            client,
            left_out: self.left_out,
        })
    }

    /// The pieces that were kept, and those of the others that progenitor takes beside them.
    fn add_those_that_fit(
        &mut self,
        kept: &BTreeSet<Piece<'d>>,
        pieces: Vec<Piece<'d>>,
    ) -> BTreeSet<Piece<'d>> {
        // Alone each costs little, as it brings few schemas; together they are right mostly.
        let fit = self.fitting(kept, pieces, false);
        let mut all = kept.clone();
        all.extend(&fit);
        if self.attempt(&all).is_ok() {
            return all;
        }
        let fit = self.fitting(kept, fit, true);
        let mut all = kept.clone();
        all.extend(fit);
        all
    }

    /// Those of the pieces that progenitor takes. `together` says that each must fit all those before it; else each stands
    /// beside what was kept of what it mentions.
    fn fitting(
        &mut self,
        kept: &BTreeSet<Piece<'d>>,
        pieces: Vec<Piece<'d>>,
        together: bool,
    ) -> Vec<Piece<'d>> {
        let mut fit: Vec<Piece<'d>> = Vec::new();
        let mut open = vec![pieces];
        while let Some(mut pieces) = open.pop() {
            let mut tried: BTreeSet<Piece<'d>> = if together {
                kept.iter().chain(&fit).copied().collect()
            } else {
                self.reached(kept, &pieces)
            };
            tried.extend(&pieces);
            match self.attempt(&tried) {
                Ok(_) => fit.append(&mut pieces),
                Err(rule) => match pieces.as_slice() {
                    [only] => self.left_out.push(Problem {
                        pointer: only.place(),
                        rule: format!("progenitor can't take it: {rule}"),
                    }),
                    [] => {}
                    _ => {
                        let rest = pieces.split_off(pieces.len() / 2);
                        open.push(rest);
                        open.push(pieces);
                    }
                },
            }
        }
        fit
    }

    /// What was kept of the schemas that the pieces lead to.
    fn reached(&self, kept: &BTreeSet<Piece<'d>>, pieces: &[Piece<'d>]) -> BTreeSet<Piece<'d>> {
        let mut reached = BTreeSet::new();
        let mut open = pieces.to_vec();
        while let Some(piece) = open.pop() {
            for name in self.mentioned.get(&piece).into_iter().flatten() {
                let schema = Piece::Schema(name);
                if kept.contains(&schema) && reached.insert(schema) {
                    open.push(schema);
                }
            }
        }
        reached
    }

    /// What progenitor makes of the pieces; schemas that they mention and that are none of them are anything.
    fn attempt(&self, pieces: &BTreeSet<Piece<'d>>) -> Made {
        let (mut schemas, mut paths) = (Map::new(), Map::new());
        for piece in pieces {
            for name in self.mentioned.get(piece).into_iter().flatten() {
                schemas.entry(*name).or_insert_with(|| json!({}));
            }
        }
        for piece in pieces {
            let value = self.document.pointer(piece.place().as_str());
            let value = value.cloned().unwrap_or_default();
            match piece {
                Piece::Schema(name) => {
                    schemas.insert((*name).to_owned(), value);
                }
                Piece::Operation(path, method) => {
                    let item = paths.entry(*path).or_insert_with(|| json!({}));
                    item[*method] = value;
                }
            }
        }
        let document = json!({
            "openapi": self.document["openapi"],
            "info": self.document["info"],
            "paths": paths,
            "components": { "schemas": schemas },
        });
        catch_unwind(AssertUnwindSafe(|| client(document))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(text.unwrap_or("it panics").to_owned())
        })
    }
}

fn client(document: Value) -> Made {
    let document = serde_json::from_value(document).map_err(|error| error.to_string())?;
    let mut settings = GenerationSettings::new();
    settings.with_map_type("::std::collections::BTreeMap");
    let tokens = Generator::new(&settings).generate_tokens(&document);
    let tokens = tokens.map_err(|error| error.to_string())?;
    let file =
        syn::parse2(tokens).map_err(|error| format!("it writes what is not Rust: {error}"))?;
    Ok(prettyplease::unparse(&file))
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn mentions<'v>(value: &'v Value, names: &mut BTreeSet<&'v str>) {
    match value {
        Value::Object(map) => {
            let target = map.get("$ref").and_then(Value::as_str);
            names.extend(target.and_then(|target| target.strip_prefix("#/components/schemas/")));
            map.values().for_each(|child| mentions(child, names));
        }
        Value::Array(items) => items.iter().for_each(|child| mentions(child, names)),
        _ => {}
    }
}
