//! The request struct of an operation: everything that is optional about it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::rust_type::held;
use super::{doc, field_doc, former, redacted, setter};
use crate::ir::Field;
use crate::plan::{OperationPlan, Placed};

/// The names of a file with request structs.
pub(super) struct Names {
    /// What the structs of the file are called, or would be.
    own: BTreeSet<String>,
    /// The models that it imports.
    pub(super) used: BTreeSet<String>,
}

impl Names {
    pub(super) fn new(plans: &[&OperationPlan<'_>]) -> Self {
        let own = plans.iter();
        Self {
            own: own
                .map(|plan| plan.operation.request_type.clone())
                .collect(),
            used: BTreeSet::new(),
        }
    }

    /// The field as the file names its type. A model that is called like one of the file's structs goes by its path, so
    /// that the struct's name is its own.
    fn field<'f>(&mut self, field: &'f Field) -> Cow<'f, Field> {
        let mut is_taken = false;
        field.ty.each_name(&mut |name| {
            if self.own.contains(name) {
                is_taken = true;
            } else if !self.used.contains(name) {
                self.used.insert(name.to_owned());
            }
        });
        if !is_taken {
            return Cow::Borrowed(field);
        }
        let path = |name: &str| {
            if self.own.contains(name) {
                format!("models::{name}")
            } else {
                name.to_owned()
            }
        };
        Cow::Owned(Field {
            ty: field.ty.renamed(&path),
            ..field.clone()
        })
    }
}

pub(super) fn emit(plan: &OperationPlan<'_>, names: &mut Names) -> TokenStream {
    let (Some(name), operation) = (plan.request, plan.operation) else {
        return TokenStream::new();
    };
    let fields = plan.optional().map(|input| &input.placed);
    let fields: Vec<(Cow<'_, Field>, &Placed<'_>)> = fields
        .map(|placed| (names.field(placed.field), placed))
        .collect();
    let optional: Vec<Placed<'_>> = fields
        .iter()
        .map(|(field, placed)| Placed { field, ..**placed })
        .collect();
    let members = optional.iter().map(|placed| {
        let field = format_ident!("{}", placed.field.name);
        let docs = field_doc::attributes(placed, name);
        let ty = held(placed);
        quote!(#docs pub #field: #ty,)
    });
    let setters = optional
        .iter()
        .filter(|placed| !placed.only_answered)
        .filter_map(|placed| setter::setter(placed, name));
    let ident = format_ident!("{name}");
    let docs = doc::attributes(&format!(
        "What is optional about `{}` (`{} {}`).",
        operation.name,
        operation.method,
        doc::code(&operation.path)
    ));
    let redacts = optional.iter().any(Placed::is_redacted);
    let derived = (!redacts).then(|| quote!(Debug,));
    let debug = redacts.then(|| redacted::debug(&ident, optional.iter(), None));
    let former = former::requests(plan);
    quote! {
        #docs
        #[derive(Clone, #derived Default, PartialEq)]
        #[non_exhaustive]
        pub struct #ident {
            #(#members)*
        }
        impl #ident {
            /// With everything absent: the server's defaults.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }
            #(#setters)*
        }
        #debug
        #former
    }
}
