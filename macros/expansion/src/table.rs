//! The table: what `faces!` declares, and what an attribute adds to it.

use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{LitStr, Meta, Path, Token};

use crate::names::{Names, ident};

/// What a dual item is read with.
#[derive(Clone, Default)]
pub(crate) struct Table {
    pub(crate) names: Names,
    pub(crate) naming: Naming,
    /// When each face exists; always, without a condition.
    pub(crate) conditions: Conditions,
    /// The method that waits for a value in the blocking face.
    pub(crate) wait: Option<Ident>,
}

/// How the names of async functions look: something before, or something after, the blocking name.
#[derive(Clone)]
pub(crate) struct Naming {
    before: String,
    after: String,
}

/// The predicates of `#[cfg(…)]` for each face.
#[derive(Clone, Default)]
pub(crate) struct Conditions {
    pub(crate) asynchronous: Option<Meta>,
    pub(crate) blocking: Option<Meta>,
}

impl Default for Naming {
    fn default() -> Self {
        Self {
            before: "a".to_owned(),
            after: String::new(),
        }
    }
}

impl Naming {
    /// The blocking name, if this one looks like an async one.
    pub(crate) fn blocking_name(&self, name: &Ident) -> Option<Ident> {
        let text = name.to_string();
        let rest = text.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        let is_name = rest.starts_with(|first: char| first.is_alphabetic())
            && syn::parse_str::<Ident>(rest).is_ok();
        is_name.then(|| ident(rest, name.span()))
    }

    /// How async names look, as the table says it.
    pub(crate) fn pattern(&self) -> String {
        format!("{}{{}}{}", self.before, self.after)
    }

    fn parse(pattern: &LitStr) -> syn::Result<Self> {
        let value = pattern.value();
        let word = |part: &str| {
            part.chars()
                .all(|character| character == '_' || character.is_alphanumeric())
        };
        match value.split_once("{}") {
            Some((before, after))
                if word(before) && word(after) && before.len() + after.len() > 0 =>
            {
                Ok(Self {
                    before: before.to_owned(),
                    after: after.to_owned(),
                })
            }
            _ => Err(syn::Error::new(
                pattern.span(),
                "a pattern such as \"a{}\" or \"{}_async\" is needed here",
            )),
        }
    }
}

impl Table {
    /// Adds entries to those that are there.
    pub(crate) fn extend(&mut self, entries: TokenStream) -> syn::Result<()> {
        let parser = |input: ParseStream| {
            while !input.is_empty() {
                self.parse_entry(input)?;
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        parser.parse2(entries)
    }

    fn parse_entry(&mut self, input: ParseStream) -> syn::Result<()> {
        if input.peek(Token![async]) {
            input.parse::<Token![async]>()?;
            input.parse::<Token![if]>()?;
            self.conditions.asynchronous = Some(input.parse()?);
        } else if input.peek2(Token![if]) {
            keyword(input, "blocking")?;
            input.parse::<Token![if]>()?;
            self.conditions.blocking = Some(input.parse()?);
        } else if input.peek(Token![await]) {
            input.parse::<Token![await]>()?;
            input.parse::<Token![=>]>()?;
            self.wait = Some(input.parse()?);
        } else if input.peek2(Token![=]) && !input.peek2(Token![=>]) {
            keyword(input, "naming")?;
            input.parse::<Token![=]>()?;
            self.naming = Naming::parse(&input.parse()?)?;
        } else if input.peek(Token![..]) {
            return Err(input.error("the table that this one begins with stands first, once"));
        } else {
            self.add(input.parse()?)?;
        }
        Ok(())
    }

    /// Adds a pair. Each name is mapped once.
    pub(crate) fn add(&mut self, pair: Pair) -> syn::Result<()> {
        match self.names.insert(pair.from, pair.to) {
            None => Ok(()),
            Some(before) => {
                let message = format!("this name is already mapped to `{}`", before.join("::"));
                Err(syn::Error::new(pair.place, message))
            }
        }
    }
}

/// `path => path`.
pub(crate) struct Pair {
    from: Vec<String>,
    to: Vec<String>,
    place: Span,
}

impl Parse for Pair {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let from: Path = input.call(Path::parse_mod_style)?;
        input.parse::<Token![=>]>()?;
        let to: Path = input.call(Path::parse_mod_style)?;
        let place = from
            .segments
            .first()
            .map_or_else(Span::call_site, |segment| segment.ident.span());
        Ok(Self {
            from: segments(&from),
            to: segments(&to),
            place,
        })
    }
}

fn segments(path: &Path) -> Vec<String> {
    path.segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect()
}

fn keyword(input: ParseStream, expected: &str) -> syn::Result<()> {
    let found: Ident = input.parse()?;
    if found == expected {
        return Ok(());
    }
    Err(syn::Error::new(
        found.span(),
        format!("expected `{expected}`"),
    ))
}
