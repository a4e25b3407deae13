//! The modules of a crate, with what `#[dual]` makes of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use diptych_expansion::Declaration;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, File, ImplItem, Item, ItemImpl, Meta, Visibility};

/// The tables that a crate declares, by name.
type Tables = BTreeMap<String, Declaration>;

/// The modules of a crate by their paths; the root's is empty.
pub(crate) struct Source(pub(crate) BTreeMap<Vec<String>, Module>);

/// A module.
#[derive(Default)]
pub(crate) struct Module {
    /// The conditions of the module itself and of those around it.
    pub(crate) conditions: BTreeSet<String>,
    /// Its items, with both faces.
    pub(crate) items: Vec<Item>,
}

impl Source {
    /// Reads a crate from its root file.
    pub(crate) fn read(root: &Path) -> Self {
        let mut source = Self(BTreeMap::new());
        let folder = root.parent().expect("a folder").to_owned();
        source.add(Vec::new(), BTreeSet::new(), file(root).items, &folder);
        source.expanded()
    }

    /// Reads a crate that is one text.
    pub(crate) fn parse(text: &str) -> Self {
        let mut source = Self(BTreeMap::new());
        let file = syn::parse_file(text).expect("Rust");
        source.add(Vec::new(), BTreeSet::new(), file.items, Path::new("none"));
        source.expanded()
    }

    fn add(
        &mut self,
        path: Vec<String>,
        conditions: BTreeSet<String>,
        items: Vec<Item>,
        folder: &Path,
    ) {
        for item in &items {
            let Item::Mod(module) = item else { continue };
            let given = module.attrs.iter().any(|one| one.path().is_ident("path"));
            let inner: BTreeSet<String> = &conditions | &self::conditions(&module.attrs);
            if given || inner.contains("test") {
                continue; // What is generated has snapshots of its own.
            }
            let name = module.ident.to_string();
            let inner_folder = folder.join(&name);
            let content = match &module.content {
                Some((_, items)) => items.clone(),
                None => file(&file_of(folder, &name)).items,
            };
            let inner_path = [path.clone(), vec![name]].concat();
            self.add(inner_path, inner, content, &inner_folder);
        }
        self.0.insert(path, Module { conditions, items });
    }

    fn expanded(mut self) -> Self {
        let tables: Tables = self
            .0
            .values()
            .flat_map(|module| module.items.iter().filter_map(table))
            .collect();
        for module in self.0.values_mut() {
            let items = std::mem::take(&mut module.items).into_iter();
            module.items = items.flat_map(|item| both_faces(item, &tables)).collect();
        }
        self
    }
}

/// Whether everybody sees it.
pub(crate) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The conditions in these attributes: a feature by its name, others as they are written.
pub(crate) fn conditions(attributes: &[Attribute]) -> BTreeSet<String> {
    let condition = |attribute: &Attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => Some(list.tokens.to_string()),
        _ => None,
    };
    let bare = |text: String| match text.strip_prefix("feature = \"") {
        Some(feature) => feature.trim_end_matches('"').to_owned(),
        None => text,
    };
    attributes.iter().filter_map(condition).map(bare).collect()
}

fn file(path: &Path) -> File {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn file_of(folder: &Path, name: &str) -> PathBuf {
    let flat = folder.join(format!("{name}.rs"));
    if flat.exists() {
        flat
    } else {
        folder.join(name).join("mod.rs")
    }
}

/// The table that `faces!` declares, by its name.
fn table(item: &Item) -> Option<(String, Declaration)> {
    let Item::Macro(item) = item else { return None };
    if item.mac.path.segments.last()?.ident != "faces" {
        return None;
    }
    let declared: Declaration = item.mac.parse_body().expect("a table");
    Some((declared.name.to_string(), declared))
}

fn both_faces(mut item: Item, tables: &Tables) -> Vec<Item> {
    if let Some(arguments) = attributes(&mut item).and_then(take_dual) {
        let made = expansion(arguments, item.to_token_stream(), tables);
        let file: File = syn::parse2(made).expect("the attribute makes items");
        return file.items;
    }
    if let Item::Impl(block) = &mut item {
        let members = std::mem::take(&mut block.items).into_iter();
        block.items = members
            .flat_map(|member| both_members(member, tables))
            .collect();
    }
    vec![item]
}

/// A method that is dual in an `impl` block that is not.
fn both_members(member: ImplItem, tables: &Tables) -> Vec<ImplItem> {
    let ImplItem::Fn(mut method) = member else {
        return vec![member];
    };
    let Some(arguments) = take_dual(&mut method.attrs) else {
        return vec![ImplItem::Fn(method)];
    };
    let made = expansion(arguments, method.to_token_stream(), tables);
    let block: ItemImpl =
        syn::parse2(quote!(impl Made { #made })).expect("the attribute makes methods");
    block.items
}

/// What the attribute and its table's macro make, as the compiler would have it.
fn expansion(arguments: TokenStream, item: TokenStream, tables: &Tables) -> TokenStream {
    let find = |path: &syn::Path| {
        let name = path.segments.last()?.ident.to_string();
        tables.get(&name).cloned()
    };
    let made = diptych_expansion::attribute_with(arguments, item, find);
    let refused = made.to_string().contains("compile_error");
    assert!(!refused, "the attribute refuses: {made}");
    made
}

/// The arguments of `#[dual]`, which is taken out.
fn take_dual(attributes: &mut Vec<Attribute>) -> Option<TokenStream> {
    let is_dual = |one: &Attribute| {
        one.path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "dual")
    };
    let position = attributes.iter().position(is_dual)?;
    match attributes.remove(position).meta {
        Meta::List(list) => Some(list.tokens),
        _ => Some(TokenStream::new()),
    }
}

fn attributes(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    match item {
        Item::Enum(item) => Some(&mut item.attrs),
        Item::Fn(item) => Some(&mut item.attrs),
        Item::Impl(item) => Some(&mut item.attrs),
        Item::Struct(item) => Some(&mut item.attrs),
        Item::Trait(item) => Some(&mut item.attrs),
        Item::Type(item) => Some(&mut item.attrs),
        Item::Use(item) => Some(&mut item.attrs),
        _ => None,
    }
}
