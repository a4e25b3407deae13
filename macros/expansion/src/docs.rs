//! The documentation of both faces: examples and names adapted for the twin, and a link from each to the other.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta};

use crate::face::Face;
use crate::names::Names;
use crate::table::Table;

/// Words after which a fence still holds Rust.
const RUST_WORDS: [&str; 6] = [
    "rust",
    "no_run",
    "should_panic",
    "compile_fail",
    "ignore",
    "test_harness",
];

/// How the documentation of one face reaches the other.
#[derive(Clone)]
pub(crate) enum Link {
    /// A function of the same module.
    Function,
    /// An associated function of the same type or trait.
    Associated,
    /// An associated function of the twin type or trait: the paths of both.
    Of {
        asynchronous: String,
        blocking: String,
    },
    /// A type or trait.
    Type,
    /// None, as in impls of traits.
    None,
}

/// Adapts what is documented to one face, and adds the link to the other one, whose name is given.
pub(crate) fn adapt(
    attributes: &mut Vec<Attribute>,
    face: Face,
    table: &Table,
    link: &Link,
    other: &str,
) {
    let mut state = State {
        face,
        names: &table.names,
        fence: None,
    };
    attributes.retain_mut(|attribute| {
        let Some(text) = text_of(attribute) else {
            return true;
        };
        let value = text.value();
        let lines: Vec<String> = value
            .split('\n')
            .filter_map(|line| state.line(line))
            .collect();
        if !lines.is_empty() {
            *text = LitStr::new(&lines.join("\n"), text.span());
        }
        !lines.is_empty()
    });
    if let Some(sentence) = sentence(face, link, other) {
        let condition = match face {
            Face::Async => &table.conditions.blocking,
            Face::Blocking => &table.conditions.asynchronous,
        };
        add_link(attributes, &sentence, condition.as_ref());
    }
}

/// Adds a paragraph. What has no documentation gets none, so that `missing_docs` still finds it.
fn add_link(attributes: &mut Vec<Attribute>, sentence: &str, condition: Option<&Meta>) {
    let is_doc = |attribute: &Attribute| attribute.path().is_ident("doc");
    let Some(last) = attributes.iter().rposition(is_doc) else {
        return;
    };
    let place = attributes
        .get(last)
        .map_or_else(Span::call_site, |doc| doc.meta.span());
    let lines = [doc("", condition, place), doc(sentence, condition, place)];
    attributes.splice(last + 1..=last, lines.concat());
}

fn sentence(face: Face, link: &Link, other: &str) -> Option<String> {
    let target = match (link, face) {
        (Link::Function, _) => format!("[`{other}`](fn@{other})"),
        (Link::Associated, _) => format!("[`{other}`](Self::{other})"),
        (Link::Of { blocking, .. }, Face::Async) => format!("[`{blocking}::{other}`]"),
        (Link::Of { asynchronous, .. }, Face::Blocking) => format!("[`{asynchronous}::{other}`]"),
        (Link::Type, _) => format!("[`{other}`]"),
        (Link::None, _) => return None,
    };
    Some(match face {
        Face::Async => format!(" The blocking twin is {target}."),
        Face::Blocking => format!(" The async twin is {target}."),
    })
}

/// A line of documentation, which is there under a condition only if the link's target is.
///
/// It stands at the place of the user's documentation, or rustdoc would look for a failing example elsewhere.
fn doc(text: &str, condition: Option<&Meta>, place: Span) -> Vec<Attribute> {
    let line = LitStr::new(text, place);
    match condition {
        None => outer(quote_spanned!(place=> #[doc = #line])),
        Some(condition) => outer(quote_spanned!(place=> #[cfg_attr(#condition, doc = #line)])),
    }
}

/// These attributes, which are known to be well-formed.
pub(crate) fn outer(tokens: TokenStream) -> Vec<Attribute> {
    Attribute::parse_outer.parse2(tokens).unwrap_or_default()
}

fn text_of(attribute: &mut Attribute) -> Option<&mut LitStr> {
    match &mut attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &mut pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Where in the documentation a line stands.
struct State<'a> {
    face: Face,
    names: &'a Names,
    fence: Option<Fence>,
}

/// An open code block.
struct Fence {
    /// The characters that close it.
    marker: String,
    is_rust: bool,
    /// Whether this face has it.
    kept: bool,
}

impl State<'_> {
    /// The line as this face has it, or nothing.
    fn line(&mut self, line: &str) -> Option<String> {
        let marker = fence_marker(line);
        match &self.fence {
            None => match marker {
                Some(marker) => self.open(line, marker),
                None if self.face == Face::Blocking => Some(adapt_prose(line, self.names)),
                None => Some(line.to_owned()),
            },
            Some(fence)
                if marker.as_ref() == Some(&fence.marker) && line.trim() == fence.marker =>
            {
                let kept = fence.kept;
                self.fence = None;
                kept.then(|| line.to_owned())
            }
            Some(fence) if !fence.kept => None,
            Some(fence) if fence.is_rust && self.face == Face::Blocking => {
                adapt_code(line, self.names)
            }
            Some(_) => Some(line.to_owned()),
        }
    }

    fn open(&mut self, line: &str, marker: String) -> Option<String> {
        let (before, info) = line.split_once(&marker)?;
        let words: Vec<&str> = info
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .collect();
        let kept = match (words.contains(&"async"), words.contains(&"blocking")) {
            (true, false) => self.face == Face::Async,
            (false, true) => self.face == Face::Blocking,
            _ => true,
        };
        let words: Vec<&str> = words
            .into_iter()
            .filter(|word| !matches!(*word, "async" | "blocking"))
            .collect();
        let is_rust = words
            .iter()
            .all(|word| RUST_WORDS.contains(word) || word.starts_with("edition"));
        let line = format!("{before}{marker}{}", words.join(","));
        self.fence = Some(Fence {
            marker,
            is_rust,
            kept,
        });
        kept.then_some(line)
    }
}

/// The backticks or tildes that a fence begins with.
fn fence_marker(line: &str) -> Option<String> {
    let text = line.trim_start();
    let first = text
        .chars()
        .next()
        .filter(|first| matches!(first, '`' | '~'))?;
    let marker: String = text.chars().take_while(|next| *next == first).collect();
    (marker.len() >= 3).then_some(marker)
}

/// A line of an example. The attribute of an async `main` goes.
fn adapt_code(line: &str, names: &Names) -> Option<String> {
    let bare = line.trim().trim_start_matches("# ").trim_start();
    if bare.starts_with("#[tokio::main") {
        return None;
    }
    let mut code = line.replace(".await", "");
    for (from, to) in [
        ("async fn ", "fn "),
        ("async move {", "{"),
        ("async {", "{"),
        ("async move |", "move |"),
    ] {
        code = code.replace(from, to);
    }
    Some(names.replace_in_text(&code.replace("async |", "|")))
}

/// A line of prose: only what is code in it changes, and where links lead to.
fn adapt_prose(line: &str, names: &Names) -> String {
    if let Some((label, target)) = line
        .split_once("]: ")
        .filter(|(label, _)| label.trim_start().starts_with('['))
    {
        let target = adapt_target(target, names);
        return format!("{}]: {target}", adapt_prose(label, names));
    }
    let mut adapted = String::new();
    for (position, part) in line.split('`').enumerate() {
        if position > 0 {
            adapted.push('`');
        }
        if position % 2 == 1 {
            adapted += &names.replace_in_text(&part.replace(".await", ""));
        } else {
            adapted += &adapt_targets(part, names);
        }
    }
    adapted
}

/// Prose without code in it: only the targets in `](target)`.
fn adapt_targets(text: &str, names: &Names) -> String {
    let mut parts = text.split("](");
    let mut adapted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(')').unwrap_or(part.len());
        let (target, after) = part.split_at(end);
        adapted.push_str("](");
        adapted.push_str(&adapt_target(target, names));
        adapted.push_str(after);
    }
    adapted
}

/// Where a link leads to, if that is a path and no URL.
fn adapt_target(target: &str, names: &Names) -> String {
    if target.contains('/') {
        return target.to_owned();
    }
    names.replace_in_text(target)
}
