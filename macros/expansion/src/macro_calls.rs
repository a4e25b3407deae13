//! Macros in a body: their arguments are tokens, so only those that are known to take expressions are read.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Macro, Token};

/// Macros whose arguments are a list of expressions.
const EXPRESSION_LISTS: [&str; 22] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "panic",
    "print",
    "println",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
    "matches",
    "ensure",
];

/// Macros that run futures beside each other.
const CONCURRENT: [&str; 6] = [
    "join",
    "pin_mut",
    "select",
    "select_biased",
    "try_join",
    "try_select",
];

/// What a macro call needs before it can stand in the blocking twin.
pub(crate) enum Treatment {
    /// Nothing: there is no async code in it.
    Keep,
    /// Its arguments are expressions.
    Expressions(Arguments),
    /// It cannot.
    Refuse(Span, String),
}

/// A list of expressions, and what follows it that is no expression.
pub(crate) struct Arguments {
    pub(crate) expressions: Vec<Expr>,
    /// What stands between two expressions.
    separator: TokenStream,
    rest: TokenStream,
}

/// Looks at a macro call. `known` says whether the table knows the macro's name.
pub(crate) fn treat(call: &Macro, known: bool) -> Treatment {
    let Some(name) = call.path.segments.last().map(|last| &last.ident) else {
        return Treatment::Keep;
    };
    let text = name.to_string();
    if CONCURRENT.contains(&text.as_str()) && !known {
        let message = format!(
            "`{text}!` has no blocking form: call one after the other, or write both faces with `#[dual(async)]` and \
            `#[dual(blocking)]`"
        );
        return Treatment::Refuse(name.span(), message);
    }
    if text == "pin" && !known {
        let message = "write `let mut name = pin!(name);`, which is `let mut name = name;` in the blocking twin";
        return Treatment::Refuse(name.span(), message.to_owned());
    }
    let Some(place) = first_async_word(&call.tokens) else {
        return Treatment::Keep;
    };
    if !EXPRESSION_LISTS.contains(&text.as_str()) {
        let message = format!(
            "`#[dual]` does not know what `{text}!` does with its arguments: await before the call, and pass the value"
        );
        return Treatment::Refuse(place, message);
    }
    let parser = |input: ParseStream| Arguments::parse(input, text == "matches");
    match syn::parse::Parser::parse2(parser, call.tokens.clone()) {
        Ok(arguments) => Treatment::Expressions(arguments),
        Err(error) => Treatment::Refuse(
            place,
            format!("these arguments are no list of expressions: {error}"),
        ),
    }
}

impl Arguments {
    pub(crate) fn into_tokens(self) -> TokenStream {
        let Self {
            expressions,
            separator,
            rest,
        } = self;
        let mut tokens = TokenStream::new();
        for (position, expression) in expressions.into_iter().enumerate() {
            if position > 0 {
                tokens.extend(separator.clone());
            }
            tokens.extend(quote!(#expression));
        }
        tokens.extend(rest);
        tokens
    }

    fn parse(input: ParseStream, first_only: bool) -> syn::Result<Self> {
        if first_only {
            return Ok(Self {
                expressions: vec![input.parse()?],
                separator: quote!(,),
                rest: input.parse()?,
            });
        }
        if let Ok(repeat) = Repeat::try_from(input.fork()) {
            input.parse::<TokenStream>()?;
            return Ok(Self {
                expressions: vec![repeat.0, repeat.1],
                separator: quote!(;),
                rest: quote!(),
            });
        }
        let expressions = Punctuated::<Expr, Token![,]>::parse_terminated(input)?;
        Ok(Self {
            expressions: expressions.into_iter().collect(),
            separator: quote!(,),
            rest: quote!(),
        })
    }
}

/// `value; count` of `vec!`.
struct Repeat(Expr, Expr);

impl TryFrom<syn::parse::ParseBuffer<'_>> for Repeat {
    type Error = syn::Error;

    fn try_from(input: syn::parse::ParseBuffer<'_>) -> syn::Result<Self> {
        let value = Expr::parse(&input)?;
        input.parse::<Token![;]>()?;
        Ok(Self(value, input.parse()?))
    }
}

/// Where `async` or `await` stands in these tokens.
fn first_async_word(tokens: &TokenStream) -> Option<Span> {
    tokens.clone().into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) => (ident == "await" || ident == "async").then(|| ident.span()),
        TokenTree::Group(group) => first_async_word(&group.stream()),
        _ => None,
    })
}
