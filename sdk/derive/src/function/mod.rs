//! `#[flow]` and `#[task]`: a function stays what it is, and a type of its name runs it.

mod background;
mod calls;
mod definition;
mod parts;
mod run_name;
mod settings;
mod signature;
mod submitted;
#[cfg(test)]
mod tests;
mod written;

use proc_macro2::{Ident, TokenStream as Tokens};
use quote::{format_ident, quote};
use syn::Error;

use definition::define;
use settings::Settings;
use signature::Signature;
use written::Written;

/// What a function is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Flow,
    Task,
}

/// How it is called, as `async` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Face {
    Blocking,
    Async,
}

impl Kind {
    /// The attribute, and the word in what is said of it.
    fn word(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Task => "task",
        }
    }
}

/// Which of its functions run something.
#[derive(Clone, Copy)]
enum Calls {
    /// Those of its own face.
    Own(Face),
    /// Those by which a blocking one is run in async flows.
    OnThreads,
}

impl Calls {
    fn face(self) -> Face {
        match self {
            Self::Own(face) => face,
            Self::OnThreads => Face::Async,
        }
    }

    /// The name of a function among them.
    fn name(self, name: &str) -> Ident {
        match self {
            Self::Own(_) => format_ident!("{name}"),
            Self::OnThreads => format_ident!("a{name}"),
        }
    }

    /// The function that gives the flow or task itself.
    fn getter(self, kind: Kind) -> Ident {
        let word = kind.word();
        match self {
            Self::Own(_) => format_ident!("{word}"),
            Self::OnThreads => format_ident!("async_{word}"),
        }
    }
}

/// The type of the run that a function is called for.
fn run_type(kind: Kind, face: Face) -> &'static str {
    match (kind, face) {
        (Kind::Flow, Face::Blocking) => "FlowRun",
        (Kind::Flow, Face::Async) => "AsyncFlowRun",
        (Kind::Task, Face::Blocking) => "TaskRun",
        (Kind::Task, Face::Async) => "AsyncTaskRun",
    }
}

/// The function, and the type that runs it; or the function and what is wrong with it, so that nothing else is said of the
/// function itself.
pub(crate) fn expand(kind: Kind, settings: Tokens, item: Tokens) -> Tokens {
    let whole = item.clone();
    let mut written: Written = match syn::parse2(item) {
        Ok(written) => written,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #whole);
        }
    };
    let settings = Settings::read(kind, settings);
    let defined = match (Signature::read(kind, &mut written), settings) {
        (Ok(signature), Ok(settings)) => run_name::check(kind, &settings, &signature.parameters)
            .map_or_else(Error::into_compile_error, |()| {
                define(kind, &written, &signature, &settings)
            }),
        (Err(mut one), Err(other)) => {
            one.combine(other);
            one.into_compile_error()
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => error.into_compile_error(),
    };
    quote!(#written #defined)
}
