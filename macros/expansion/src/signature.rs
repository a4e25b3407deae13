//! The signature of the blocking twin.

use proc_macro2::Ident;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    FnArg, GenericArgument, GenericParam, Generics, Path, PathArguments, ReturnType, Signature,
    Token, Type, TypeParamBound, WherePredicate,
};

use crate::names::Names;
use crate::refusals::Refusals;

const FUTURE_TYPES: [&str; 5] = [
    "Future",
    "IntoFuture",
    "BoxFuture",
    "LocalBoxFuture",
    "JoinHandle",
];

const NO_FUTURES: &str = "a future has no blocking form here: take a closure instead, `impl AsyncFn() -> T` or \
    `F: Fn() -> Fut, Fut: Future<Output = T>`, and return from an `async fn`; or map this name in the table";

/// Makes a signature blocking. Says whether the function returned a future without being async.
pub(crate) fn make_blocking(
    signature: &mut Signature,
    names: &Names,
    refusals: &mut Refusals,
) -> bool {
    signature.asyncness = None;
    let returned = match &mut signature.output {
        ReturnType::Type(_, output) => future_output(output),
        ReturnType::Default => None,
    };
    let returns_future = returned.is_some();
    match (returned, &mut signature.output) {
        (Some(Type::Tuple(unit)), output) if unit.elems.is_empty() => *output = ReturnType::Default,
        (Some(returned), ReturnType::Type(_, output)) => **output = returned,
        _ => {}
    }
    for (parameter, output) in take_future_parameters(&mut signature.generics) {
        refuse_as_argument(signature, &parameter, refusals);
        Substitute { parameter, output }.visit_signature_mut(signature);
    }
    FindFutures { names, refusals }.visit_signature(signature);
    returns_future
}

/// Whether a function gives a future without being async.
pub(crate) fn returns_future(signature: &Signature) -> bool {
    match &signature.output {
        ReturnType::Type(_, output) => future_output(output).is_some(),
        ReturnType::Default => false,
    }
}

/// `T` of `impl Future<Output = T> + …`.
fn future_output(ty: &Type) -> Option<Type> {
    match ty {
        Type::ImplTrait(opaque) => output_of_bounds(&opaque.bounds),
        Type::Paren(inner) => future_output(&inner.elem),
        Type::Group(inner) => future_output(&inner.elem),
        _ => None,
    }
}

fn output_of_bounds(bounds: &Punctuated<TypeParamBound, Token![+]>) -> Option<Type> {
    bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => output_of_path(&bound.path),
        _ => None,
    })
}

fn output_of_path(path: &Path) -> Option<Type> {
    let last = path.segments.last().filter(|last| last.ident == "Future")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(binding) if binding.ident == "Output" => {
            Some(binding.ty.clone())
        }
        _ => None,
    })
}

/// Removes each type parameter that is a future, and gives its output.
fn take_future_parameters(generics: &mut Generics) -> Vec<(Ident, Type)> {
    let found: Vec<(Ident, Type)> = generics
        .type_params()
        .filter_map(|parameter| {
            let output = output_of_bounds(&parameter.bounds);
            let output = output.or_else(|| output_in_where(generics, &parameter.ident));
            Some((parameter.ident.clone(), output?))
        })
        .collect();
    let is_future = |ident: &Ident| found.iter().any(|(parameter, _)| parameter == ident);
    let kept = std::mem::take(&mut generics.params).into_iter();
    generics.params = kept
        .filter(|kept| !matches!(kept, GenericParam::Type(ty) if is_future(&ty.ident)))
        .collect();
    if let Some(clause) = &mut generics.where_clause {
        let kept = std::mem::take(&mut clause.predicates).into_iter();
        clause.predicates = kept
            .filter(|kept| !bounded_parameter(kept).is_some_and(is_future))
            .collect();
    }
    found
}

fn output_in_where(generics: &Generics, parameter: &Ident) -> Option<Type> {
    let predicates = &generics.where_clause.as_ref()?.predicates;
    predicates
        .iter()
        .filter(|predicate| bounded_parameter(predicate) == Some(parameter))
        .find_map(|predicate| match predicate {
            WherePredicate::Type(predicate) => output_of_bounds(&predicate.bounds),
            _ => None,
        })
}

fn bounded_parameter(predicate: &WherePredicate) -> Option<&Ident> {
    match predicate {
        WherePredicate::Type(predicate) => single_name(&predicate.bounded_ty),
        _ => None,
    }
}

fn single_name(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

/// A future that is an argument runs where it is awaited, a value is there before the call.
fn refuse_as_argument(signature: &Signature, parameter: &Ident, refusals: &mut Refusals) {
    for input in &signature.inputs {
        if let FnArg::Typed(input) = input
            && single_name(&input.ty) == Some(parameter)
        {
            refusals.over(&input.ty, NO_FUTURES);
        }
    }
}

struct Substitute {
    parameter: Ident,
    output: Type,
}

impl VisitMut for Substitute {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        if single_name(ty) == Some(&self.parameter) {
            *ty = self.output.clone();
        }
    }
}

struct FindFutures<'a> {
    names: &'a Names,
    refusals: &'a mut Refusals,
}

impl<'ast> Visit<'ast> for FindFutures<'_> {
    fn visit_path(&mut self, path: &'ast Path) {
        if let Some(last) = path.segments.last() {
            let name = last.ident.to_string();
            if FUTURE_TYPES.contains(&name.as_str()) && !self.names.know(&name) {
                self.refusals.at(last.ident.span(), NO_FUTURES);
            }
        }
        visit::visit_path(self, path);
    }
}
