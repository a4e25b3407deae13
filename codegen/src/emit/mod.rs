//! The fourth stage: the [IR](crate::ir) to Rust. Each emitter is a function from the IR to tokens.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;

use crate::config::Config;
use crate::error::Result;
use crate::ir::{Api, Operation, Type};
use crate::naming::module_name;

mod access;
mod arguments;
mod clients;
mod doc;
mod enumeration;
mod field_doc;
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

/// What takes the tokens of each generated Rust file, with its path below `generated/`.
pub type Sink<'s> = dyn FnMut(String, TokenStream) -> Result<()> + 's;

/// Emits every Rust file.
///
/// # Errors
///
/// Those of the sink.
pub fn emit(api: &Api, config: &Config, sink: &mut Sink<'_>) -> Result<()> {
    models(api, sink)?;
    requests(api, sink)?;
    operations(api, sink)?;
    clients(api, config, sink)?;
    if !api.security.is_empty() {
        sink("security.rs".to_owned(), access::security(api))?;
    }
    if !api.servers.is_empty() {
        sink("servers.rs".to_owned(), access::servers(api))?;
    }
    if config.testing.feature.is_some() {
        testing::modules(api, sink)?;
    }
    sink("mod.rs".to_owned(), root::generated(api, config))
}

fn models(api: &Api, sink: &mut Sink<'_>) -> Result<()> {
    let mut by_tag: BTreeMap<String, Vec<&Type>> = BTreeMap::new();
    for ty in api.types.values().filter(|ty| !ty.embedded) {
        by_tag.entry(module_name(&ty.tag)).or_default().push(ty);
    }
    for (module, types) in &by_tag {
        let items: TokenStream = types.iter().map(|ty| root::model(ty, api)).collect();
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
        sink(
            format!("models/{module}.rs"),
            imports::with(&items, &foreign, &imports::models()),
        )?;
    }
    let names: Vec<String> = by_tag.keys().cloned().collect();
    sink(
        "models/mod.rs".to_owned(),
        root::index("The types that travel, by tag.", &names),
    )
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
        let items: TokenStream = operations
            .iter()
            .map(|operation| request::emit(operation, api, &mut names_of_file))
            .collect();
        if items.is_empty() {
            continue;
        }
        sink(
            format!("requests/{module}.rs"),
            imports::with(&items, &names_of_file.used, &imports::requests()),
        )?;
        names.push(module);
    }
    let doc = "What is optional about each operation: one struct for each operation that has optional arguments.";
    sink("requests/mod.rs".to_owned(), root::index(doc, &names))
}

fn operations(api: &Api, sink: &mut Sink<'_>) -> Result<()> {
    let by_tag = by_tag(api);
    for (module, operations) in &by_tag {
        let mut used = BTreeSet::new();
        let items: TokenStream = operations
            .iter()
            .map(|operation| operation::emit(operation, api, &mut used))
            .collect();
        sink(
            format!("operations/{module}.rs"),
            imports::with(&items, &used, &imports::operations()),
        )?;
    }
    let names: Vec<String> = by_tag.keys().cloned().collect();
    let doc = "The operations as data: each function builds a request and says how its answer is read, without I/O.";
    let mut index = root::index(doc, &names);
    index.extend(operation::all(api));
    sink("operations/mod.rs".to_owned(), index)
}

fn clients(api: &Api, config: &Config, sink: &mut Sink<'_>) -> Result<()> {
    let by_tag = by_tag(api);
    for face in [clients::Face::Blocking, clients::Face::Async] {
        for (module, operations) in &by_tag {
            let mut used = BTreeSet::new();
            let block = clients::block(face, operations, api, config, &mut used);
            let path = format!("{}/{module}.rs", face.module());
            sink(path, imports::with(&block, &used, &imports::clients()))?;
        }
        let names: Vec<String> = by_tag.keys().cloned().collect();
        sink(
            format!("{}/mod.rs", face.module()),
            clients::root(face, &names, api, config),
        )?;
    }
    Ok(())
}
