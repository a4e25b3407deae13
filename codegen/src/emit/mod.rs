//! The fifth stage: the plan to Rust. Each emitter is a function from the plan to tokens; each type and each
//! operation is taken up once.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use self::file::{Open, Out};
use self::imports::Scopes;
use self::signature::{Signature, ident};
use crate::error::Result;
use crate::plan::{Face, Plan, TypePlan};

mod body;
mod client_root;
mod clients;
mod doc;
mod enumeration;
mod faces;
mod field_doc;
mod file;
mod former;
mod headers;
mod imports;
mod inventory;
mod multipart;
mod object;
mod operation;
mod outcomes;
mod paged_methods;
mod pages;
mod reader;
mod redacted;
mod request;
mod root;
mod rust_type;
mod security;
mod servers;
mod setter;
mod signature;
mod streams;
mod testing;
mod union;
mod values;

pub(crate) use file::Sink;
pub(crate) use inventory::inventory;
pub use inventory::{
    Inventory, OperationEntry, PagesEntry, RequestEntry, TypeEntry, ValueEntry, inventory_markdown,
};

/// Emits every Rust file.
///
/// # Errors
///
/// When an emitter wrote what is not Rust, which is a fault of the generator.
pub(crate) fn emit<'s>(plan: &Plan<'_>, sink: &'s mut Sink<'s>) -> Result<()> {
    let out = &mut Out::new(sink);
    let scopes = Scopes::new();
    models(plan, &scopes, out)?;
    operations(plan, &scopes, out)?;
    if !plan.api.security.is_empty() {
        out.whole("security.rs", security::all(plan.api))?;
    }
    if !plan.api.servers.is_empty() {
        out.whole("servers.rs", servers::all(plan.api))?;
    }
    out.whole("mod.rs", root::generated(plan))
}

/// The types, with the constructors that only tests need beside them.
fn models(plan: &Plan<'_>, scopes: &Scopes, out: &mut Out<'_>) -> Result<()> {
    let by_module = plan.types_by_module();
    let mut tested = Vec::new();
    for (module, types) in &by_module {
        let mut file = Open::new(format!("models/{module}.rs"));
        let mut testing = Open::new(format!("testing/{module}.rs"));
        let mut used = BTreeSet::new();
        for ty in types {
            file.push(root::model(ty, plan), out)?;
            let made = plan.testing.and_then(|_| testing::only_received(ty));
            if let Some(object) = made {
                testing.push(testing::constructors(ty, object, &mut used), out)?;
            }
        }
        file.close(&foreign(types), &scopes.models, out)?;
        if !testing.is_empty() {
            testing.close(&used, &scopes.requests, out)?;
            tested.push(*module);
        }
    }
    let names: Vec<&str> = by_module.into_keys().collect();
    let index = root::index("The types that travel, by tag.", &names);
    out.whole("models/mod.rs", index)?;
    if plan.testing.is_some() {
        out.whole("testing/mod.rs", root::testing(&tested))?;
    }
    Ok(())
}

/// The types of other modules that these are made of.
fn foreign<'a>(types: &[&TypePlan<'a>]) -> BTreeSet<&'a str> {
    let own: BTreeSet<&str> = types.iter().map(|plan| plan.ty.name.as_str()).collect();
    let mut foreign = BTreeSet::new();
    for plan in types {
        plan.each_mentioned(&mut |name| {
            foreign.insert(name);
        });
    }
    foreign.retain(|name| !own.contains(name));
    foreign
}

/// The operations of one module in each of their places.
fn operations(plan: &Plan<'_>, scopes: &Scopes, out: &mut Out<'_>) -> Result<()> {
    let by_module = plan.operations_by_module();
    let mut headers = Open::new("headers.rs".to_owned());
    let mut with_requests = Vec::new();
    for (module, operations) in &by_module {
        let mut names = request::Names::new(operations);
        let mut requests = Open::new(format!("requests/{module}.rs"));
        let mut as_data = Open::new(format!("operations/{module}.rs"));
        let mut methods = [TokenStream::new(), TokenStream::new()];
        let mut mentioned = BTreeSet::new();
        for operation in operations {
            let signature = Signature::of(operation);
            requests.push(request::emit(operation, &mut names), out)?;
            as_data.push(operation::emit(operation, plan, &signature), out)?;
            for (face, methods) in Face::BOTH.into_iter().zip(&mut methods) {
                methods.extend(clients::methods(face, operation, &signature));
            }
            if !operation.operation.answer_headers.is_empty() {
                headers.push(headers::emit(operation.operation), out)?;
            }
            mentioned.extend(&operation.mentioned);
        }
        if !requests.is_empty() {
            requests.close(&names.used, &scopes.requests, out)?;
            with_requests.push(*module);
        }
        as_data.close(&mentioned, &scopes.operations, out)?;
        for (face, methods) in Face::BOTH.into_iter().zip(methods) {
            let mut file = Open::new(format!("{}/{module}.rs", face.module()));
            file.push(block(plan.clients.name(face), &methods, &mentioned), out)?;
            file.close(&mentioned, &scopes.clients, out)?;
        }
    }
    if !headers.is_empty() {
        headers.close(&BTreeSet::<&str>::new(), &scopes.requests, out)?;
    }
    indexes(
        plan,
        &by_module.into_keys().collect::<Vec<_>>(),
        &with_requests,
        out,
    )
}

/// The methods of one module.
fn block(client: &str, methods: &TokenStream, mentioned: &BTreeSet<&str>) -> TokenStream {
    let name = ident(client);
    if mentioned.contains(client) {
        return quote!(impl super::#name { #methods });
    }
    quote! {
        use super::#name;
        impl #name {
            #methods
        }
    }
}

fn indexes(
    plan: &Plan<'_>,
    modules: &[&str],
    with_requests: &[&str],
    out: &mut Out<'_>,
) -> Result<()> {
    let doc = "What is optional about each operation: one struct for each operation that has optional arguments.";
    out.whole("requests/mod.rs", root::index(doc, with_requests))?;
    let doc = "The operations as data: each function builds a request and says how its answer is read, without I/O.";
    let mut index = root::index(doc, modules);
    index.extend(operation::all(plan.api));
    out.whole("operations/mod.rs", index)?;
    for face in Face::BOTH {
        let root = client_root::root(face, modules, plan);
        out.whole(&format!("{}/mod.rs", face.module()), root)?;
    }
    Ok(())
}
