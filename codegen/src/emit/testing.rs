//! What only tests need: constructors and setters of the types that a client only receives, so that a double of the
//! server can answer with them. They stand in modules of their own, which nothing else compiles.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;

use super::object::is_made;
use super::setter::{self, Begins};
use crate::ir::{Object, Shape};
use crate::plan::TypePlan;

const DOCS: &str =
    "For tests. What `new` does not ask for is null, or as where the server leaves it out.";

/// The object that a type is, where only the server makes it.
pub(super) fn only_received<'a>(plan: &TypePlan<'a>) -> Option<&'a Object> {
    match &plan.ty.shape {
        Shape::Object(object) if is_only_received(plan) => Some(object),
        _ => None,
    }
}

/// What users make has its constructor beside it.
fn is_only_received(plan: &TypePlan<'_>) -> bool {
    !is_made(plan.travel) && !plan.ty.embedded
}

pub(super) fn constructors(
    plan: &TypePlan<'_>,
    object: &Object,
    used: &mut BTreeSet<String>,
) -> TokenStream {
    used.insert(plan.ty.name.clone());
    let own = plan.fields.iter().filter(|placed| !placed.is_constant());
    let beginnings: Vec<_> = own
        .map(|placed| (placed, Begins::received(placed)))
        .collect();
    for (placed, _) in &beginnings {
        placed.field.ty.each_name(&mut |name| {
            used.insert(name.to_owned());
        });
    }
    let value = setter::value(&beginnings, object);
    setter::constructors(&plan.ty.name, &beginnings, DOCS, &value)
}
