//! The fourth stage: the [IR](crate::ir) to Rust. Each emitter is a function from the IR to tokens.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;

use self::imports::{Mentioned, Scope};
use crate::config::Config;
use crate::error::Result;
use crate::ir::{Api, Operation, Type};
use crate::naming::module_name;
use crate::write::{Items, rust_file};

mod access;
mod arguments;
mod clients;
mod doc;
mod enumeration;
mod field_doc;
mod headers;
mod imports;
mod inventory;
mod multipart;
mod object;
mod operation;
mod outcomes;
mod pages;
mod presence;
mod request;
mod root;
mod rust_type;
mod setter;
mod streams;
mod testing;
mod union;

pub(crate) use access::constructor_name;
pub use inventory::{
    Inventory, OperationEntry, RequestEntry, TypeEntry, inventory, inventory_markdown,
};

/// What takes the text of each generated Rust file, with its path below `generated/`.
pub type Sink<'s> = dyn FnMut(String, String) + 's;

/// A file that is written item by item, and the names that the items mention.
#[derive(Default)]
struct Open {
    path: String,
    items: Items,
    mentioned: Mentioned,
}

impl Open {
    fn new(path: String) -> Self {
        Self {
            path,
            ..Self::default()
        }
    }

    fn push(&mut self, items: TokenStream) -> Result<()> {
        self.mentioned.by(&items);
        self.items.push(&self.path, items)
    }

    /// The file with the imports that its items need; `used` are the models that they mention.
    fn close(self, used: &BTreeSet<String>, scope: &Scope, sink: &mut Sink<'_>) -> Result<()> {
        let head = imports::of(&self.mentioned, used, scope);
        let text = self.items.into_file(&self.path, head)?;
        sink(self.path, text);
        Ok(())
    }
}

/// A file that is written at once.
fn whole(path: &str, tokens: TokenStream, sink: &mut Sink<'_>) -> Result<()> {
    let text = rust_file(path, tokens)?;
    sink(path.to_owned(), text);
    Ok(())
}

/// Emits every Rust file.
///
/// # Errors
///
/// When an emitter wrote what is not Rust, which is a fault of the generator.
pub fn emit(api: &Api, config: &Config, sink: &mut Sink<'_>) -> Result<()> {
    models(api, sink)?;
    requests(api, sink)?;
    operations(api, sink)?;
    clients(api, config, sink)?;
    headers::emit(api, sink)?;
    if !api.security.is_empty() {
        whole("security.rs", access::security(api), sink)?;
    }
    if !api.servers.is_empty() {
        whole("servers.rs", access::servers(api), sink)?;
    }
    if config.testing.feature.is_some() {
        testing::modules(api, sink)?;
    }
    whole("mod.rs", root::generated(api, config), sink)
}

fn models(api: &Api, sink: &mut Sink<'_>) -> Result<()> {
    let mut by_tag: BTreeMap<String, Vec<&Type>> = BTreeMap::new();
    for ty in api.types.values().filter(|ty| !ty.embedded) {
        by_tag.entry(module_name(&ty.tag)).or_default().push(ty);
    }
    for (module, types) in &by_tag {
        let mut file = Open::new(format!("models/{module}.rs"));
        for ty in types {
            file.push(root::model(ty, api))?;
        }
        let own: BTreeSet<&str> = types.iter().map(|ty| ty.name.as_str()).collect();
        let mut foreign = BTreeSet::new();
        for ty in types {
            for part in ty.shape.parts() {
                part.names(&mut |name| {
                    foreign.insert(name.to_owned());
                });
            }
        }
        foreign.retain(|name| !own.contains(name.as_str()));
        file.close(&foreign, &imports::models(), sink)?;
    }
    let names: Vec<String> = by_tag.keys().cloned().collect();
    let index = root::index("The types that travel, by tag.", &names);
    whole("models/mod.rs", index, sink)
}

fn by_tag(api: &Api) -> BTreeMap<String, Vec<&Operation>> {
    let mut by_tag: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
    for operation in api.operations.values() {
        by_tag
            .entry(module_name(&operation.tag))
            .or_default()
            .push(operation);
    }
    by_tag
}

fn requests(api: &Api, sink: &mut Sink<'_>) -> Result<()> {
    let mut names = Vec::new();
    for (module, operations) in by_tag(api) {
        let mut names_of_file = request::Names::new(&operations);
        let mut file = Open::new(format!("requests/{module}.rs"));
        for operation in &operations {
            file.push(request::emit(operation, api, &mut names_of_file))?;
        }
        if file.items.is_empty() {
            continue;
        }
        file.close(&names_of_file.used, &imports::requests(), sink)?;
        names.push(module);
    }
    let doc = "What is optional about each operation: one struct for each operation that has optional arguments.";
    whole("requests/mod.rs", root::index(doc, &names), sink)
}

fn operations(api: &Api, sink: &mut Sink<'_>) -> Result<()> {
    let by_tag = by_tag(api);
    for (module, operations) in &by_tag {
        let mut used = BTreeSet::new();
        let mut file = Open::new(format!("operations/{module}.rs"));
        for operation in operations {
            file.push(operation::emit(operation, api, &mut used))?;
        }
        file.close(&used, &imports::operations(), sink)?;
    }
    let names: Vec<String> = by_tag.keys().cloned().collect();
    let doc = "The operations as data: each function builds a request and says how its answer is read, without I/O.";
    let mut index = root::index(doc, &names);
    index.extend(operation::all(api));
    whole("operations/mod.rs", index, sink)
}

fn clients(api: &Api, config: &Config, sink: &mut Sink<'_>) -> Result<()> {
    let by_tag = by_tag(api);
    for face in [clients::Face::Blocking, clients::Face::Async] {
        for (module, operations) in &by_tag {
            let mut used = BTreeSet::new();
            let block = clients::block(face, operations, api, config, &mut used);
            let mut file = Open::new(format!("{}/{module}.rs", face.module()));
            file.push(block)?;
            file.close(&used, &imports::clients(), sink)?;
        }
        let names: Vec<String> = by_tag.keys().cloned().collect();
        let root = clients::root(face, &names, api, config);
        whole(&format!("{}/mod.rs", face.module()), root, sink)?;
    }
    Ok(())
}
