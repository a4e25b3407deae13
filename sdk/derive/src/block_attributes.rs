//! What `#[block(…)]` and serde's attributes say.

use syn::meta::ParseNestedMeta;
use syn::parse::ParseBuffer;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, DeriveInput, Error, Expr, Ident, LitStr, Token, parenthesized, token};

/// What `#[block(…)]` says.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) name: Option<LitStr>,
    pub(crate) slug: Option<LitStr>,
    /// Each with the method of `BlockInfo` that sets it.
    pub(crate) texts: Vec<(Ident, Expr)>,
    pub(crate) capabilities: Vec<LitStr>,
    pub(crate) predefined: bool,
}

const KNOWN: &str = "known here are `name`, `slug`, `description`, `logo_url`, `documentation_url`, `code_example`, \
    `capabilities(…)`, `version` and `predefined`";

pub(crate) fn said(item: &DeriveInput) -> Result<Said, Error> {
    let mut said = Said::default();
    for attribute in &item.attrs {
        if attribute.path().is_ident("block") {
            attribute.parse_nested_meta(|meta| said.add(&meta))?;
        }
    }
    Ok(said)
}

impl Said {
    fn add(&mut self, meta: &ParseNestedMeta<'_>) -> Result<(), Error> {
        let Some(key) = meta.path.get_ident().cloned() else {
            return Err(meta.error(KNOWN));
        };
        match key.to_string().as_str() {
            "name" => once(&mut self.name, meta)?,
            "slug" => once(&mut self.slug, meta)?,
            "description" | "logo_url" | "documentation_url" | "code_example" | "version" => {
                if self.texts.iter().any(|(given, _)| *given == key) {
                    return Err(meta.error("it is given twice"));
                }
                self.texts.push((key, meta.value()?.parse()?));
            }
            "capabilities" => {
                let list;
                parenthesized!(list in meta.input);
                let each: Punctuated<LitStr, Token![,]> =
                    list.parse_terminated(ParseBuffer::parse::<LitStr>, Token![,])?;
                self.capabilities.extend(each);
            }
            "predefined" => self.predefined = true,
            _ => return Err(meta.error(KNOWN)),
        }
        Ok(())
    }
}

fn once(given: &mut Option<LitStr>, meta: &ParseNestedMeta<'_>) -> Result<(), Error> {
    if given.is_some() {
        return Err(meta.error("it is given twice"));
    }
    *given = Some(meta.value()?.parse()?);
    Ok(())
}

/// What serde may not do to a block.
const OF_STRUCTS: [(&str, &str); 8] = [
    ("transparent", NO_OBJECT),
    ("from", NO_OBJECT),
    ("try_from", NO_OBJECT),
    ("into", NO_OBJECT),
    ("untagged", NO_OBJECT),
    ("tag", TAGGED),
    ("content", TAGGED),
    ("remote", NO_OBJECT),
];
const NO_OBJECT: &str = "a block is a JSON object with the struct's own fields";
const TAGGED: &str = "a block is a JSON object with the struct's own fields: `block_type_slug` says of which type it is";

/// What serde may not do to a field of a block.
const OF_FIELDS: [(&str, &str); 4] = [
    (
        "flatten",
        "a block says its fields by name: the server keeps those that it does not have",
    ),
    ("skip_serializing", PARTLY),
    ("skip_serializing_if", PARTLY),
    ("skip_deserializing", PARTLY),
];
const PARTLY: &str = "a block is written with all its fields, as the server keeps the old value of what is not said: \
    use an Option, or `#[serde(skip)]` for what is not to be kept at all";

pub(crate) fn refuse_serde(attributes: &[Attribute], is_field: bool) -> Result<(), Error> {
    let refused: &[(&str, &str)] = if is_field { &OF_FIELDS } else { &OF_STRUCTS };
    for attribute in attributes {
        if !attribute.path().is_ident("serde") {
            continue;
        }
        attribute.parse_nested_meta(|meta| {
            let found = refused.iter().find(|(key, _)| meta.path.is_ident(key));
            if let Some((_, why)) = found {
                return Err(Error::new(meta.path.span(), *why));
            }
            pass_over(&meta)
        })?;
    }
    Ok(())
}

/// The value of what serde reads itself.
fn pass_over(meta: &ParseNestedMeta<'_>) -> Result<(), Error> {
    if meta.input.peek(Token![=]) {
        let _: Expr = meta.value()?.parse()?;
    } else if meta.input.peek(token::Paren) {
        let list;
        parenthesized!(list in meta.input);
        let _: proc_macro2::TokenStream = list.parse()?;
    }
    Ok(())
}
