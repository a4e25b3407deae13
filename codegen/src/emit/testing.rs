//! What only tests need: constructors and setters of the types that a client only receives, so that a double of the
//! server can answer with them. They stand in modules of their own, which nothing else compiles.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;

use super::object::{is_made, placed};
use super::presence::Presence;
use super::setter::{self, Begins};
use super::{Open, Sink, imports, root, whole};
use crate::error::Result;
use crate::ir::{Api, Object, Shape, Type};
use crate::naming::module_name;

const DOCS: &str =
    "For tests. What `new` does not ask for is null, or as where the server leaves it out.";

/// The modules, one for each tag that has such types.
pub(super) fn modules(api: &Api, sink: &mut Sink<'_>) -> Result<()> {
    let mut by_tag: BTreeMap<String, Vec<(&Type, &Object)>> = BTreeMap::new();
    for ty in api.types.values().filter(|ty| is_only_received(ty)) {
        if let Shape::Object(object) = &ty.shape {
            let types = by_tag.entry(module_name(&ty.tag)).or_default();
            types.push((ty, object));
        }
    }
    for (module, types) in &by_tag {
        let mut used = BTreeSet::new();
        let mut file = Open::new(format!("testing/{module}.rs"));
        for (ty, object) in types {
            file.push(constructors(ty, object, api, &mut used))?;
        }
        file.close(&used, &imports::requests(), sink)?;
    }
    let names: Vec<String> = by_tag.into_keys().collect();
    whole("testing/mod.rs", root::testing(&names), sink)
}

/// What users make has its constructor beside it.
fn is_only_received(ty: &Type) -> bool {
    !is_made(ty.travel) && !ty.embedded
}

fn constructors(ty: &Type, object: &Object, api: &Api, used: &mut BTreeSet<String>) -> TokenStream {
    used.insert(ty.name.clone());
    let fields = placed(ty, object, api);
    let own = fields
        .iter()
        .filter(|placed| placed.presence != Presence::Constant);
    let beginnings: Vec<_> = own
        .map(|placed| (placed, Begins::received(placed, api)))
        .collect();
    for (placed, _) in &beginnings {
        placed.field.ty.names(&mut |name| {
            used.insert(name.to_owned());
        });
    }
    let value = setter::value(&beginnings, object);
    setter::constructors(&ty.name, &beginnings, DOCS, &value)
}
