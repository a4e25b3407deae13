//! What the signature of a function says: its run, its parameters, and what it gives.

use syn::spanned::Spanned as _;
use syn::{
    Attribute, Error, Expr, FnArg, GenericArgument, Ident, Meta, Pat, PatType, PathArguments,
    ReturnType, Safety, Type,
};

use super::written::Written;
use super::{Face, Kind, run_type};

pub(super) struct Signature {
    pub(super) face: Face,
    pub(super) ident: Ident,
    pub(super) run: Type,
    pub(super) parameters: Vec<Parameter>,
    pub(super) output: Output,
}

/// What the function takes by name. It is a field of the parameters' struct.
pub(super) struct Parameter {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    /// What is said of the field: its docs, and what serde and schemars read.
    pub(super) attributes: Vec<Attribute>,
    pub(super) default: Option<ParameterDefault>,
}

/// What it is where it is absent.
pub(super) enum ParameterDefault {
    Default,
    Value(Expr),
}

/// What the function gives: a `Result`, by that name or by another.
pub(super) struct Output {
    pub(super) whole: Type,
    /// What is in it, where both are written.
    pub(super) parts: Option<(Type, Type)>,
}

impl Signature {
    /// Takes what is said of parameters out of the function, where nobody else would understand it. All that is wrong is said
    /// at once.
    pub(super) fn read(kind: Kind, written: &mut Written) -> Result<Self, Error> {
        let signature = &mut written.signature;
        let face = match signature.asyncness {
            Some(_) => Face::Async,
            None => Face::Blocking,
        };
        if let Some(FnArg::Receiver(this)) = signature.inputs.first() {
            return Err(method(kind, this.span()));
        }
        let mut wrong = Wrong(None);
        wrong.note(refuse_form(kind, signature));
        let ident = signature.ident.clone();
        let output = wrong.note(output(kind, signature));
        let mut arguments = signature.inputs.iter_mut();
        let run = match arguments.next() {
            None => Err(Error::new(ident.span(), no_run(kind, face))),
            Some(first) => run(kind, face, first),
        };
        let run = wrong.note(run);
        let mut parameters = Vec::new();
        for argument in arguments {
            parameters.extend(wrong.note(parameter(kind, argument)));
        }
        match (wrong.0, run, output) {
            (None, Some(run), Some(output)) => Ok(Self {
                face,
                ident,
                run,
                parameters,
                output,
            }),
            (Some(error), ..) => Err(error),
            (None, ..) => Err(Error::new(ident.span(), no_run(kind, face))),
        }
    }
}

/// All that is wrong so far.
struct Wrong(Option<Error>);

impl Wrong {
    fn note<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        match (result, &mut self.0) {
            (Ok(value), _) => return Some(value),
            (Err(error), Some(before)) => before.combine(error),
            (Err(error), none) => *none = Some(error),
        }
        None
    }
}

fn refuse_form(kind: Kind, signature: &syn::Signature) -> Result<(), Error> {
    let word = kind.word();
    let generics = &signature.generics;
    if !generics.params.is_empty() {
        let text = format!(
            "a {word} has no generics: Prefect knows it by one name, so its types are fixed; \
             write a generic function, and a {word} for each type that calls it"
        );
        return Err(Error::new(generics.params.span(), text));
    }
    let other = [
        signature.constness.map(|token| token.span()),
        (!matches!(signature.safety, Safety::Default)).then(|| signature.safety.span()),
        signature.abi.as_ref().map(syn::spanned::Spanned::span),
        signature.variadic.as_ref().map(syn::spanned::Spanned::span),
    ];
    match other.into_iter().flatten().next() {
        None => Ok(()),
        Some(span) => {
            let text =
                format!("a {word} is a plain `fn` or an `async fn`, without anything before it");
            Err(Error::new(span, text))
        }
    }
}

fn no_run(kind: Kind, face: Face) -> String {
    let (word, run) = (kind.word(), run_type(kind, face));
    format!(
        "the first argument of a {word} is its run: `run: &{run}`, or `_: &{run}` where it isn't needed"
    )
}

/// The type of the run, as it is written. One of another name may be the same by an alias, and is left to the compiler.
fn run(kind: Kind, face: Face, argument: &FnArg) -> Result<Type, Error> {
    let argument = match argument {
        FnArg::Receiver(this) => return Err(method(kind, this.span())),
        FnArg::Typed(argument) => argument,
    };
    let expected = run_type(kind, face);
    let (is_shared, within) = match &*argument.ty {
        Type::Reference(reference) => (reference.mutability.is_none(), &*reference.elem),
        other => (false, other),
    };
    let name = last_name(within).unwrap_or_default();
    if let Some(text) = other_run(kind, face, &name) {
        return Err(Error::new(within.span(), text));
    }
    if name == expected && !is_shared {
        let text = format!(
            "the run is borrowed: write `&{expected}`; its clones are the same run, where one must be owned"
        );
        return Err(Error::new(argument.ty.span(), text));
    }
    if is_shared && (name == expected || name.starts_with(char::is_uppercase)) {
        return Ok((*argument.ty).clone());
    }
    Err(Error::new(argument.span(), no_run(kind, face)))
}

/// What to say where the run is that of something else.
fn other_run(kind: Kind, face: Face, name: &str) -> Option<String> {
    let expected = run_type(kind, face);
    let (other, of) = match kind {
        Kind::Flow => (Kind::Task, "#[task]"),
        Kind::Task => (Kind::Flow, "#[flow]"),
    };
    if name == run_type(other, Face::Blocking) || name == run_type(other, Face::Async) {
        let word = kind.word();
        return Some(format!(
            "`{name}` is the run of a `{of}`: a {word}'s is `&{expected}`"
        ));
    }
    let word = kind.word();
    match face {
        Face::Blocking if name == run_type(kind, Face::Async) => Some(format!(
            "a plain `fn` is a blocking {word}, whose run is `&{expected}`: write that, or `async fn` for an async {word}"
        )),
        Face::Async if name == run_type(kind, Face::Blocking) => Some(format!(
            "an `async fn` is an async {word}, whose run is `&{expected}`: write that, or a plain `fn` for a blocking {word}"
        )),
        _ => None,
    }
}

fn method(kind: Kind, span: proc_macro2::Span) -> Error {
    let word = kind.word();
    let text = format!(
        "a {word} is a function and no method: write it outside of the `impl`, and make what it needs of `self` parameters"
    );
    Error::new(span, text)
}

fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        Type::Paren(inner) => last_name(&inner.elem),
        Type::Group(inner) => last_name(&inner.elem),
        _ => None,
    }
}

fn parameter(kind: Kind, argument: &mut FnArg) -> Result<Parameter, Error> {
    let argument = match argument {
        FnArg::Receiver(this) => return Err(method(kind, this.span())),
        FnArg::Typed(argument) => argument,
    };
    let word = kind.word();
    refuse_type(kind, &argument.ty)?;
    let (attributes, default) = taken_attributes(kind, argument)?;
    match &*argument.pat {
        Pat::Ident(name) if name.subpat.is_none() && name.by_ref.is_none() => Ok(Parameter {
            ident: name.ident.clone(),
            ty: (*argument.ty).clone(),
            attributes,
            default,
        }),
        other => {
            let text = format!(
                "Prefect knows the parameters of a {word} by their names: give it one, and take it apart in the body"
            );
            Err(Error::new(other.span(), text))
        }
    }
}

/// Parameters are read from JSON, and so are owned and have a type of their own.
fn refuse_type(kind: Kind, ty: &Type) -> Result<(), Error> {
    let word = kind.word();
    match ty {
        Type::Reference(reference) => {
            let owned = match &*reference.elem {
                Type::Slice(_) => "`Vec<…>`".to_owned(),
                other => match last_name(other).as_deref() {
                    Some("str") => "`String`".to_owned(),
                    Some("Path") => "`PathBuf`".to_owned(),
                    Some(name) if run_types().contains(&name) => {
                        return Err(Error::new(
                            reference.elem.span(),
                            format!("the run is the first argument of a {word}, and the only one"),
                        ));
                    }
                    Some(name) => format!("`{name}`"),
                    None => "an owned type".to_owned(),
                },
            };
            let text = format!(
                "the parameters of a {word} travel as JSON, and nothing is there to borrow from: write {owned}"
            );
            Err(Error::new(reference.elem.span(), text))
        }
        Type::ImplTrait(_) => {
            let text = format!(
                "the parameters of a {word} travel as JSON, of which a type is read: name that type"
            );
            Err(Error::new(ty.span(), text))
        }
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return Ok(());
            };
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return Ok(());
            };
            arguments
                .args
                .iter()
                .try_for_each(|argument| match argument {
                    GenericArgument::Type(inner) => refuse_type(kind, inner),
                    _ => Ok(()),
                })
        }
        Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .try_for_each(|inner| refuse_type(kind, inner)),
        Type::Array(array) => refuse_type(kind, &array.elem),
        Type::Paren(inner) => refuse_type(kind, &inner.elem),
        Type::Group(inner) => refuse_type(kind, &inner.elem),
        _ => Ok(()),
    }
}

fn run_types() -> [&'static str; 4] {
    [
        run_type(Kind::Flow, Face::Blocking),
        run_type(Kind::Flow, Face::Async),
        run_type(Kind::Task, Face::Blocking),
        run_type(Kind::Task, Face::Async),
    ]
}

/// Takes out of an argument what is said of the field that it becomes.
fn taken_attributes(
    kind: Kind,
    argument: &mut PatType,
) -> Result<(Vec<Attribute>, Option<ParameterDefault>), Error> {
    let (mut taken, mut default) = (Vec::new(), None);
    let mut wrong = Wrong(None);
    let mut left = Vec::new();
    for attribute in std::mem::take(&mut argument.attrs) {
        let path = attribute.path();
        if path.is_ident("default") {
            default = wrong.note(default_of(kind, &attribute));
        } else if ["doc", "serde", "schemars"]
            .iter()
            .any(|name| path.is_ident(name))
        {
            taken.push(attribute);
        } else if path.is_ident("cfg") || path.is_ident("cfg_attr") {
            let text = "parameters are there always or never: put `#[cfg(…)]` on the function";
            wrong.note::<()>(Err(Error::new(attribute.span(), text)));
        } else {
            left.push(attribute);
        }
    }
    argument.attrs = left;
    match wrong.0 {
        None => Ok((taken, default)),
        Some(error) => Err(error),
    }
}

fn default_of(kind: Kind, attribute: &Attribute) -> Result<ParameterDefault, Error> {
    if kind == Kind::Task {
        let text = "a task is always called with all its parameters, so that none has a default";
        return Err(Error::new(attribute.span(), text));
    }
    match &attribute.meta {
        Meta::Path(_) => Ok(ParameterDefault::Default),
        Meta::List(list) => list.parse_args().map(ParameterDefault::Value),
        Meta::NameValue(meta) => {
            let text = "a default is written `#[default(…)]`, or `#[default]` for that of the type";
            Err(Error::new(meta.span(), text))
        }
    }
}

fn output(kind: Kind, signature: &syn::Signature) -> Result<Output, Error> {
    let word = kind.word();
    let text = format!(
        "a {word} gives a `Result`, of a value and of an error of any type that can be displayed: `-> Result<…, …>`"
    );
    let whole = match &signature.output {
        ReturnType::Default => return Err(Error::new(signature.ident.span(), text)),
        ReturnType::Type(_, whole) => (**whole).clone(),
    };
    // Those of other names are aliases, such as `anyhow::Result`.
    if !last_name(&whole).is_some_and(|name| name.ends_with("Result")) {
        return Err(Error::new(whole.span(), text));
    }
    let parts = parts(&whole);
    Ok(Output { whole, parts })
}

/// The value and the error of a `Result` that has both.
fn parts(whole: &Type) -> Option<(Type, Type)> {
    let Type::Path(path) = whole else {
        return None;
    };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let types: Vec<&GenericArgument> = arguments.args.iter().collect();
    match types.as_slice() {
        [GenericArgument::Type(value), GenericArgument::Type(error)] if last.ident == "Result" => {
            Some((value.clone(), error.clone()))
        }
        _ => None,
    }
}
