//! What `#[flow(…)]` and `#[task(…)]` say: what is optional, by the names of the methods that set it.

use std::time::Duration;

use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, ExprLit, Ident, Lit, LitStr, Token};

use super::{Kind, parts};

/// What is said, each with the method that sets it.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) name: Option<Expr>,
    pub(super) description: Option<Expr>,
    /// The name of its runs, where that is written here.
    pub(super) run_name: Option<LitStr>,
    pub(super) options: Vec<(Ident, Tokens)>,
    pub(super) results: Vec<(Ident, Tokens)>,
    /// Of the flow or task itself.
    pub(super) own: Vec<(Ident, Tokens)>,
}

/// Where a setting goes.
#[derive(Clone, Copy)]
enum Place {
    Name,
    Description,
    Options,
    /// To the options too, and is looked at.
    RunName,
    /// To the options too, but numbers are seconds.
    Delay,
    /// To the options for results, by this method.
    Results(&'static str),
    Own,
    /// To the flow or task itself, by this method.
    OwnBy(&'static str),
}

const OF_BOTH: [(&str, Place); 13] = [
    ("name", Place::Name),
    ("description", Place::Description),
    ("version", Place::Options),
    ("retries", Place::Options),
    ("retry_delay", Place::Delay),
    ("timeout", Place::Delay),
    ("log_level", Place::Options),
    ("persist_result", Place::Results("persist")),
    ("result_storage", Place::Results("storage")),
    ("result_serializer", Place::Results("serializer")),
    ("on_running", Place::Own),
    ("on_completion", Place::Own),
    ("on_failure", Place::Own),
];
const OF_FLOWS: [(&str, Place); 4] = [
    ("flow_run_name", Place::RunName),
    ("max_workers", Place::Options),
    ("on_cancellation", Place::Own),
    ("on_crashed", Place::Own),
];
const OF_TASKS: [(&str, Place); 14] = [
    ("task_run_name", Place::RunName),
    ("tags", Place::Options),
    ("retry_jitter_factor", Place::Options),
    ("retry_condition", Place::Own),
    ("result_storage_key", Place::Own),
    ("cache_policy", Place::Own),
    ("cache_key_fn", Place::Own),
    ("cache_expiration", Place::Delay),
    ("refresh_cache", Place::Options),
    ("viz_return_value", Place::Own),
    ("isolation_level", Place::Options),
    ("task_key", Place::OwnBy("with_key")),
    ("on_commit", Place::Own),
    ("on_rollback", Place::Own),
];

fn known(kind: Kind) -> impl Iterator<Item = (&'static str, Place)> {
    let own: &[_] = match kind {
        Kind::Flow => &OF_FLOWS,
        Kind::Task => &OF_TASKS,
    };
    OF_BOTH.iter().chain(own).copied()
}

struct Setting {
    key: Ident,
    value: Expr,
}

impl Parse for Setting {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let key = input.parse()?;
        let _: Token![=] = input.parse()?;
        let value = input.parse()?;
        Ok(Self { key, value })
    }
}

impl Settings {
    pub(super) fn read(kind: Kind, written: Tokens) -> Result<Self, Error> {
        let all = Punctuated::<Setting, Token![,]>::parse_terminated.parse2(written)?;
        let mut settings = Self::default();
        let mut keys: Vec<Ident> = Vec::new();
        for Setting { key, value } in all {
            if keys.contains(&key) {
                return Err(Error::new(key.span(), "it is given twice"));
            }
            settings.add(kind, &key, value)?;
            keys.push(key);
        }
        Ok(settings)
    }

    fn add(&mut self, kind: Kind, key: &Ident, value: Expr) -> Result<(), Error> {
        let place = known(kind).find(|(name, _)| key == name);
        let Some((_, place)) = place else {
            return Err(Error::new(key.span(), unknown(kind, &key.to_string())));
        };
        let method = key.clone();
        match place {
            Place::Name => {
                refuse_name(kind, &value)?;
                self.name = Some(value);
            }
            Place::Description => self.description = Some(value),
            Place::Options => self.options.push((method, quote!(#value))),
            Place::RunName => {
                self.run_name = text(&value).cloned();
                self.options.push((method, quote!(#value)));
            }
            Place::Delay => self.options.push((method, delay(&value)?)),
            Place::Results(name) => {
                let method = Ident::new(name, key.span());
                self.results.push((method, quote!(#value)));
            }
            Place::Own => self.own.push((method, quote!(#value))),
            Place::OwnBy(name) => {
                let method = Ident::new(name, key.span());
                self.own.push((method, quote!(#value)));
            }
        }
        Ok(())
    }
}

/// What to say to a setting that is not known, such as one of Python's that has another name here.
fn unknown(kind: Kind, name: &str) -> String {
    if kind == Kind::Flow && name == "tags" {
        return "a flow has no tags: its runs have, by `RunFlowOptions::tags`".to_owned();
    }
    if let Some(without) = name.strip_suffix("_seconds") {
        return format!("it is `{without}` here: seconds as a number, or a `Duration`");
    }
    let all = known(kind).map(|(name, _)| name);
    format!("known here are {}", parts::listed(all))
}

/// A text that is written out.
fn text(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text),
        _ => None,
    }
}

/// Prefect's server takes no flow of such a name.
fn refuse_name(kind: Kind, value: &Expr) -> Result<(), Error> {
    let Some(name) = text(value) else {
        return Ok(());
    };
    if kind == Kind::Flow
        && (name.value().is_empty() || name.value().contains(['/', '%', '&', '>', '<']))
    {
        let text =
            "the name of a flow is not empty, and has none of `/ % & > <`: Prefect refuses them";
        return Err(Error::new(name.span(), text));
    }
    Ok(())
}

/// A number is so many seconds, and a list of numbers so many delays; everything else is what it is.
fn delay(value: &Expr) -> Result<Tokens, Error> {
    match value {
        Expr::Lit(literal) => seconds(literal),
        Expr::Array(array) => {
            let delays = array.elems.iter().map(delay);
            let delays: Vec<Tokens> = delays.collect::<Result<_, _>>()?;
            Ok(quote!(::std::vec![#(#delays),*]))
        }
        other => Ok(quote!(#other)),
    }
}

fn seconds(literal: &ExprLit) -> Result<Tokens, Error> {
    let seconds: f64 = match &literal.lit {
        Lit::Int(number) => number.base10_parse()?,
        Lit::Float(number) => number.base10_parse()?,
        other => {
            let text = "a delay is a number of seconds, or a `Duration`";
            return Err(Error::new(other.span(), text));
        }
    };
    let text = "these are more seconds than a `Duration` holds";
    let delay =
        Duration::try_from_secs_f64(seconds).map_err(|_| Error::new(literal.span(), text))?;
    let (seconds, nanoseconds) = (delay.as_secs(), delay.subsec_nanos());
    Ok(quote!(::core::time::Duration::new(#seconds, #nanoseconds)))
}
