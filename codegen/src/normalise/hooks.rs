//! Makes components of what the server sends by itself: the bodies of webhooks and callbacks, and of the answers to them.
//!
//! A client receives no requests, but who does has their types: `NewPetWebhook`, `NewPetWebhookAnswer`.

use std::collections::BTreeSet;

use super::Document;
use super::media_types::is_json;
use super::references::followed;
use crate::config::Config;
use crate::error::Result;
use crate::json::{Map, Value};
use crate::naming::{Numbers, type_name};
use crate::pointer::Pointer;
use crate::walk::{as_described, methods};

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, config: &Config) -> Result<()> {
    let schemas = document.root.pointer("/components/schemas");
    let schemas = schemas.and_then(Value::as_object).into_iter();
    let mut hooks = Hooks {
        root: &document.root,
        taken: schemas.flat_map(Map::keys).map(str::to_owned).collect(),
        numbers: Numbers::default(),
        made: Vec::new(),
    };
    // What is chosen are operations, so nothing else is wanted.
    if config.operations.is_everything() {
        hooks.webhooks();
    }
    hooks.callbacks();
    for (name, place, schema) in hooks.made {
        document.root["components"]["schemas"][&name] = schema;
        document.given_places.insert(name, place);
    }
    Ok(())
}

struct Hooks<'r> {
    root: &'r Value,
    taken: BTreeSet<String>,
    numbers: Numbers,
    /// New components, with where they stand in the description.
    made: Vec<(String, Pointer, Value)>,
}

impl<'r> Hooks<'r> {
    fn webhooks(&mut self) {
        let place = Pointer::root().child("webhooks");
        for (name, item) in self.root["webhooks"].entries() {
            self.requests(item, &place.child(name), &format!("{name} webhook"));
        }
    }

    fn callbacks(&mut self) {
        for (path, item) in self.root["paths"].entries() {
            let item = followed(self.root, item);
            let place = Pointer::root().child("paths").child(path);
            for method in methods(item) {
                let operation = &item[&method];
                let place = as_described(&place.child(&method)).child("callbacks");
                let id = operation["operationId"]
                    .as_str()
                    .filter(|id| !id.is_empty());
                let id = id.map_or_else(|| format!("{method} {path}"), str::to_owned);
                for (name, callback) in operation["callbacks"].entries() {
                    let place = place.child(name);
                    for (address, item) in followed(self.root, callback).entries() {
                        let name = format!("{id} {name} callback");
                        self.requests(item, &place.child(address), &name);
                    }
                }
            }
        }
    }

    /// The requests of one path, which are called by their methods where there are several.
    fn requests(&mut self, item: &'r Value, place: &Pointer, name: &str) {
        let item = followed(self.root, item);
        let mut methods = methods(item);
        methods.retain(|method| item[method].is_object());
        for method in &methods {
            let (operation, place) = (&item[method], place.child(method));
            let name = match methods.as_slice() {
                [_] => name.to_owned(),
                _ => format!("{name} {method}"),
            };
            self.body(
                &operation["requestBody"],
                &place.child("requestBody"),
                &name,
            );
            let place = place.child("responses");
            let mut answers = operation["responses"].entries();
            let answer = answers.find(|(status, _)| status.starts_with('2'));
            if let Some((status, answer)) = answer {
                self.body(answer, &place.child(status), &format!("{name} answer"));
            }
        }
    }

    fn body(&mut self, part: &'r Value, place: &Pointer, name: &str) {
        let mut content = followed(self.root, part)["content"].entries();
        let Some((media_type, entry)) = content.find(|(media_type, _)| is_json(media_type)) else {
            return;
        };
        let entry = followed(self.root, entry);
        if !entry["schema"].is_object() {
            return;
        }
        let taken = &self.taken;
        let name = self
            .numbers
            .free(&type_name(name), |name| taken.contains(name));
        self.taken.insert(name.clone());
        let place = place.child("content").child(media_type).child("schema");
        self.made.push((name, place, entry["schema"].clone()));
    }
}
