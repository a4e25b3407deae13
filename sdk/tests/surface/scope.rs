//! Which item a path means.

use syn::{Attribute, Item, UseTree, Visibility};

use crate::source::Source;

/// A module, and a name in it.
pub(crate) type Place = (Vec<String>, String);

/// One name that a `use` brings; `*` for all.
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    pub(crate) name: String,
}

/// Paths that go round in circles end here.
const DEPTH: usize = 16;

impl Source {
    /// The definition that a path means in a module; nothing where it is not in this crate.
    pub(crate) fn resolve(&self, module: &[String], path: &[String]) -> Option<Place> {
        self.resolve_within(module, path, DEPTH)
    }

    fn resolve_within(&self, from: &[String], path: &[String], depth: usize) -> Option<Place> {
        let depth = depth.checked_sub(1)?;
        let (name, modules) = path.split_last()?;
        let mut module = from.to_vec();
        for segment in modules {
            module = self.enter(&module, segment, depth)?;
        }
        self.lookup(&module, name, depth)
    }

    fn enter(&self, module: &[String], segment: &str, depth: usize) -> Option<Vec<String>> {
        match segment {
            "crate" => return Some(Vec::new()),
            "self" => return Some(module.to_vec()),
            "super" => return Some(module.split_last()?.1.to_vec()),
            _ => {}
        }
        let child = [module, &[segment.to_owned()]].concat();
        if self.0.contains_key(&child) {
            return Some(child);
        }
        let (parent, name) = self.lookup(module, segment, depth)?;
        let found = [parent, vec![name]].concat();
        self.0.contains_key(&found).then_some(found)
    }

    fn lookup(&self, module: &[String], name: &str, depth: usize) -> Option<Place> {
        let items = &self.0.get(module)?.items;
        if items
            .iter()
            .any(|item| name_of(item).is_some_and(|own| own == name))
        {
            return Some((module.to_vec(), name.to_owned()));
        }
        let all = items.iter().filter_map(|item| match item {
            Item::Use(item) => Some(imports(&item.tree)),
            _ => None,
        });
        all.flatten().find_map(|import| match import.name.as_str() {
            "*" => {
                let path = [import.path, vec![name.to_owned()]].concat();
                self.resolve_within(module, &path, depth)
            }
            own if own == name => self.resolve_within(module, &import.path, depth),
            _ => None,
        })
    }
}

/// The names that a `use` brings.
pub(crate) fn imports(tree: &UseTree) -> Vec<Import> {
    let mut found = Vec::new();
    collect(tree, &[], &mut found);
    found
}

fn collect(tree: &UseTree, before: &[String], found: &mut Vec<Import>) {
    let with = |name: String| [before, &[name]].concat();
    let mut add = |path: Vec<String>, name: String| {
        let is_module = path.last().is_some_and(|last| last == "self") && path.len() > 1;
        let path = if is_module { before.to_vec() } else { path };
        let name = if name == "self" {
            before.last().cloned().unwrap_or(name)
        } else {
            name
        };
        found.push(Import { path, name });
    };
    match tree {
        UseTree::Path(path) => collect(&path.tree, &with(path.ident.to_string()), found),
        UseTree::Name(name) => add(with(name.ident.to_string()), name.ident.to_string()),
        UseTree::Rename(rename) => add(with(rename.ident.to_string()), rename.rename.to_string()),
        UseTree::Glob(_) => add(before.to_vec(), "*".to_owned()),
        UseTree::Group(group) => {
            for tree in &group.items {
                collect(tree, before, found);
            }
        }
    }
}

/// The name that an item gives to something.
pub(crate) fn name_of(item: &Item) -> Option<String> {
    described(item).map(|(name, _, _)| name)
}

/// The name, visibility and attributes of an item that has a name.
pub(crate) fn described(item: &Item) -> Option<(String, &Visibility, &[Attribute])> {
    let (ident, visibility, attributes) = match item {
        Item::Const(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Enum(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Fn(item) => (&item.sig.ident, &item.vis, &item.attrs),
        Item::Mod(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Static(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Struct(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Trait(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Type(item) => (&item.ident, &item.vis, &item.attrs),
        _ => return None,
    };
    Some((ident.to_string(), visibility, attributes))
}
