//! The public surface as sorted lines: one for each thing that a user can name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item, ItemImpl, Meta, Signature, TraitItem, Type};

use crate::scope::{Place, described, imports};
use crate::source::{Source, conditions, is_public};

/// Something that a user can name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    /// Its path in the module: `Type::method`.
    pub(crate) path: Vec<String>,
    /// What it is.
    pub(crate) what: String,
    /// The features, and other conditions, that it needs.
    pub(crate) conditions: BTreeSet<String>,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.join("::"), self.what)?;
        if self.conditions.is_empty() {
            return Ok(());
        }
        let conditions: Vec<&str> = self.conditions.iter().map(String::as_str).collect();
        write!(f, " [{}]", conditions.join(", "))
    }
}

/// The lines of each public module, by its path.
pub(crate) fn surface(source: &Source) -> BTreeMap<Vec<String>, Vec<Line>> {
    let mut modules = BTreeMap::new();
    let mut open = vec![Vec::new()];
    while let Some(path) = open.pop() {
        let mut lines = BTreeSet::new();
        for item in &source.0[&path].items {
            add_item(source, &path, item, &mut lines);
            if let Item::Mod(module) = item
                && is_public(&module.vis)
            {
                let inner = [path.clone(), vec![module.ident.to_string()]].concat();
                open.extend(source.0.contains_key(&inner).then_some(inner));
            }
        }
        modules.insert(path, lines.into_iter().collect());
    }
    modules
}

/// An item of a public module: as it is, or what it exports from elsewhere.
fn add_item(source: &Source, module: &[String], item: &Item, lines: &mut BTreeSet<Line>) {
    let around = &source.0[module].conditions;
    if let Item::Use(item) = item {
        if is_public(&item.vis) {
            let around: BTreeSet<String> = around | &conditions(&item.attrs);
            for import in imports(&item.tree) {
                add_import(source, module, &import.path, &import.name, &around, lines);
            }
        }
        return;
    }
    let Some((name, visibility, _)) = described(item) else {
        return;
    };
    if is_public(visibility) {
        let place = (module.to_vec(), name.clone());
        Named {
            source,
            place,
            name,
            around,
        }
        .add(item, lines);
    }
}

fn add_import(
    source: &Source,
    module: &[String],
    path: &[String],
    name: &str,
    around: &BTreeSet<String>,
    lines: &mut BTreeSet<Line>,
) {
    let Some(place) = source.resolve(module, path) else {
        lines.insert(Line {
            path: vec![name.to_owned()],
            what: format!("use {}", path.join("::")),
            conditions: around.clone(),
        });
        return;
    };
    let found = &source.0[&place.0];
    let around: BTreeSet<String> = around | &found.conditions;
    for item in &found.items {
        if described(item).is_some_and(|(own, _, _)| own == place.1) {
            let (place, name) = (place.clone(), name.to_owned());
            Named {
                source,
                place,
                name,
                around: &around,
            }
            .add(item, lines);
        }
    }
}

/// An item under the name that users have for it.
struct Named<'a> {
    source: &'a Source,
    place: Place,
    name: String,
    around: &'a BTreeSet<String>,
}

impl Named<'_> {
    fn add(&self, item: &Item, lines: &mut BTreeSet<Line>) {
        let Some((_, _, attributes)) = described(item) else {
            return;
        };
        let around: BTreeSet<String> = self.around | &conditions(attributes);
        if around.contains("test") || is_hidden(attributes) {
            return;
        }
        let own = head(item).map(|what| (None, what, &[][..]));
        for (inner, what, more) in own.into_iter().chain(members(item)) {
            let mut path = vec![self.name.clone()];
            path.extend(inner);
            lines.insert(Line {
                path,
                what,
                conditions: &around | &conditions(more),
            });
        }
        if matches!(item, Item::Struct(_) | Item::Enum(_)) {
            self.add_impls(lines);
        }
    }

    /// What the whole crate implements for this type.
    fn add_impls(&self, lines: &mut BTreeSet<Line>) {
        for (path, module) in &self.source.0 {
            let blocks = module.items.iter().filter_map(|item| match item {
                Item::Impl(block) => Some(block),
                _ => None,
            });
            for block in blocks.filter(|block| self.is_of(block, path)) {
                let around: BTreeSet<String> = self.around | &module.conditions;
                let around: BTreeSet<String> = &around | &conditions(&block.attrs);
                if !around.contains("test") {
                    self.add_impl(block, &around, lines);
                }
            }
        }
    }

    fn is_of(&self, block: &ItemImpl, module: &[String]) -> bool {
        let mut ty = &*block.self_ty;
        while let Type::Reference(reference) = ty {
            ty = &*reference.elem;
        }
        let Type::Path(ty) = ty else {
            return false;
        };
        let path: Vec<String> = ty
            .path
            .segments
            .iter()
            .map(|one| one.ident.to_string())
            .collect();
        self.source.resolve(module, &path).as_ref() == Some(&self.place)
    }

    fn add_impl(&self, block: &ItemImpl, around: &BTreeSet<String>, lines: &mut BTreeSet<Line>) {
        if let Some((path, _)) = &block.trait_ {
            lines.insert(Line {
                path: vec![self.name.clone()],
                what: format!(
                    "impl{} {} for {}",
                    text(&block.generics),
                    text(path),
                    text(&block.self_ty)
                ),
                conditions: around.clone(),
            });
            return;
        }
        for member in &block.items {
            let (name, what, visibility, attributes) = match member {
                ImplItem::Fn(one) => (&one.sig.ident, signature(&one.sig), &one.vis, &one.attrs),
                ImplItem::Const(one) => (
                    &one.ident,
                    format!("const {}", text(&one.ty)),
                    &one.vis,
                    &one.attrs,
                ),
                _ => continue,
            };
            let conditions: BTreeSet<String> = around | &conditions(attributes);
            if is_public(visibility) && !is_hidden(attributes) && !conditions.contains("test") {
                lines.insert(Line {
                    path: vec![self.name.clone(), name.to_string()],
                    what,
                    conditions,
                });
            }
        }
    }
}

/// What a line says of an item itself.
fn head(item: &Item) -> Option<String> {
    Some(match item {
        Item::Fn(item) => signature(&item.sig),
        Item::Mod(_) => "mod".to_owned(),
        Item::Const(item) => format!("const {}", text(&item.ty)),
        Item::Static(item) => format!("static {}", text(&item.ty)),
        Item::Type(item) => format!("type{} = {}", text(&item.generics), text(&item.ty)),
        Item::Struct(item) => type_head("struct", &item.generics, &item.attrs),
        Item::Enum(item) => type_head("enum", &item.generics, &item.attrs),
        Item::Trait(item) => {
            let head = type_head("trait", &item.generics, &item.attrs);
            format!("{head} {}", text(&item.supertraits))
                .trim_end()
                .to_owned()
        }
        _ => return None,
    })
}

/// The name of something inside an item, what a line says of it, and its attributes.
type Member<'a> = (Option<String>, String, &'a [Attribute]);

fn members(item: &Item) -> Vec<Member<'_>> {
    match item {
        Item::Struct(item) => public_fields(&item.fields),
        Item::Enum(item) => {
            let variants = item.variants.iter().map(|one| {
                let what = format!("variant {}", text(&one.fields));
                let name = one.ident.to_string();
                (Some(name), what.trim_end().to_owned(), one.attrs.as_slice())
            });
            variants.collect()
        }
        Item::Trait(item) => item.items.iter().filter_map(trait_member).collect(),
        _ => Vec::new(),
    }
}

fn trait_member(member: &TraitItem) -> Option<Member<'_>> {
    let (name, what, attributes) = match member {
        TraitItem::Fn(one) => {
            let given = if one.default.is_some() {
                " (given)"
            } else {
                ""
            };
            let what = format!("{}{given}", signature(&one.sig));
            (&one.sig.ident, what, &one.attrs)
        }
        TraitItem::Type(one) => (
            &one.ident,
            format!("type {}", text(&one.bounds)),
            &one.attrs,
        ),
        TraitItem::Const(one) => (&one.ident, format!("const {}", text(&one.ty)), &one.attrs),
        _ => return None,
    };
    Some((
        Some(name.to_string()),
        what.trim_end().to_owned(),
        attributes,
    ))
}

fn public_fields(fields: &Fields) -> Vec<Member<'_>> {
    let all = fields.iter().enumerate();
    all.filter(|(_, field)| is_public(&field.vis))
        .map(|(index, field)| {
            let name = field.ident.as_ref();
            let name = name.map_or(index.to_string(), ToString::to_string);
            (Some(name), text(&field.ty), field.attrs.as_slice())
        })
        .collect()
}

/// The kind of a type, with what it derives, and whether it may grow.
fn type_head(kind: &str, generics: &syn::Generics, attributes: &[Attribute]) -> String {
    let words = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::List(list) if list.path.is_ident("derive") => Some(text(&list.tokens)),
            Meta::Path(path) if path.is_ident("non_exhaustive") => {
                Some("non_exhaustive".to_owned())
            }
            _ => None,
        });
    let words: Vec<String> = words.collect();
    let generics = format!("{kind}{} {}", text(generics), text(&generics.where_clause));
    let head = generics.trim_end();
    if words.is_empty() {
        head.to_owned()
    } else {
        format!("{head} ({})", words.join(", "))
    }
}

/// A signature without its name, on one line.
fn signature(signature: &Signature) -> String {
    let mut signature = signature.clone();
    signature.ident = quote::format_ident!("__name");
    text(&signature).replace("fn __name", "fn")
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("doc") && list.tokens.to_string() == "hidden",
        _ => false,
    })
}

/// Tokens on one line, spaced as people do, whether they were broken into several or not.
fn text(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string().replace('\n', " ");
    for (from, to) in [
        (" ,", ","),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" :: ", "::"),
        (" :", ":"),
        ("& ", "&"),
        (" (", "("),
        ("=(", "= ("),
        ("? ", "?"),
        ("( ", "("),
        (" )", ")"),
        (",)", ")"),
        (",>", ">"),
        ("->", " ->"),
        ("  ->", " ->"),
        ("- >", "->"),
    ] {
        text = text.replace(from, to);
    }
    text
}
