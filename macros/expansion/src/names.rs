//! The pairs of names, and the one rule that applies them: every identifier of the table is replaced wherever it stands.

use std::collections::BTreeMap;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// Names that are the language's own.
const BUILT_IN: [(&str, &str); 3] = [
    ("AsyncFn", "Fn"),
    ("AsyncFnMut", "FnMut"),
    ("AsyncFnOnce", "FnOnce"),
];

/// Pairs of paths, async name first. A name that is mapped to itself is known to be the same in both faces.
#[derive(Clone)]
pub(crate) struct Names {
    pairs: BTreeMap<Vec<String>, Vec<String>>,
    longest: usize,
}

impl Default for Names {
    fn default() -> Self {
        let mut names = Self {
            pairs: BTreeMap::new(),
            longest: 1,
        };
        for (from, to) in BUILT_IN {
            names.insert(vec![from.to_owned()], vec![to.to_owned()]);
        }
        names
    }
}

impl Names {
    /// Adds a pair, and gives back what the name was mapped to before.
    pub(crate) fn insert(&mut self, from: Vec<String>, to: Vec<String>) -> Option<Vec<String>> {
        self.longest = self.longest.max(from.len());
        self.pairs.insert(from, to)
    }

    pub(crate) fn insert_ident(&mut self, from: &Ident, to: &Ident) {
        self.insert(vec![from.to_string()], vec![to.to_string()]);
    }

    /// Whether the table says anything about this single name, or about a path that ends in it.
    pub(crate) fn know(&self, name: &str) -> bool {
        self.pairs
            .keys()
            .any(|path| path.last().is_some_and(|last| last == name))
    }

    /// Whether this single name is another one in the blocking face.
    pub(crate) fn change(&self, name: &str) -> bool {
        self.twin_of(name).is_some_and(|twin| twin != [name])
    }

    /// The blocking path of a single async name.
    pub(crate) fn twin_of(&self, name: &str) -> Option<&[String]> {
        self.pairs.get(&vec![name.to_owned()]).map(Vec::as_slice)
    }

    /// Whether replacing would change anything in these tokens.
    pub(crate) fn touch(&self, tokens: &impl ToTokens) -> bool {
        self.replaced(tokens.to_token_stream()).is_some()
    }

    /// Replaces every name of the table. What replaces a name stands at the place of what it replaces.
    pub(crate) fn replace(&self, tokens: TokenStream) -> TokenStream {
        self.replaced(tokens.clone()).unwrap_or(tokens)
    }

    /// Replaces the names of the table in a text, where they stand as whole words.
    pub(crate) fn replace_in_text(&self, text: &str) -> String {
        let mut replaced = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(is_word) {
            replaced.push_str(&rest[..start]);
            rest = &rest[start..];
            let (path, used) = self.match_in_text(rest);
            replaced.push_str(&path);
            rest = &rest[used..];
        }
        replaced + rest
    }

    /// The tokens with every name replaced, or nothing if there is none.
    fn replaced(&self, tokens: TokenStream) -> Option<TokenStream> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut replaced = TokenStream::new();
        let mut changed = false;
        let mut rest = tokens.as_slice();
        let mut lifetime = false;
        while let Some(first) = rest.first() {
            let (used, twin) = if lifetime {
                (1, None)
            } else {
                self.match_at(rest)
            };
            lifetime = matches!(first, TokenTree::Punct(punct) if punct.as_char() == '\'');
            changed |= twin.is_some();
            let (matched, after) = rest.split_at_checked(used).unwrap_or((rest, &[]));
            replaced.extend(twin.unwrap_or_else(|| matched.iter().cloned().collect()));
            rest = after;
        }
        changed.then_some(replaced)
    }

    /// How many tokens the longest entry that begins here takes, and what stands there in the blocking face, if that
    /// is something else. A group is taken whole, so that one without names keeps the places of its brackets.
    fn match_at(&self, tokens: &[TokenTree]) -> (usize, Option<TokenStream>) {
        let first = match tokens.first() {
            Some(TokenTree::Ident(first)) => first,
            Some(TokenTree::Group(group)) => {
                let inside = self.replaced(group.stream());
                return (1, inside.map(|inside| with_content(group, inside)));
            }
            _ => return (1, None),
        };
        let segments = path_at(tokens, self.longest);
        let entry = (1..=segments.len()).rev().find_map(|length| {
            let path = segments.get(..length)?;
            Some((path, self.pairs.get(path)?))
        });
        match entry {
            None => (1, None),
            Some((path, twin)) => {
                let idents = twin.iter().map(|segment| ident(segment, first.span()));
                let twin = (path != twin.as_slice()).then(|| quote!(#(#idents)::*));
                (path.len() * 3 - 2, twin)
            }
        }
    }

    /// The same for a text that begins with a word: what stands there, and how many bytes it takes.
    fn match_in_text(&self, text: &str) -> (String, usize) {
        let mut end = word_length(text);
        let mut best = (text[..end].to_owned(), end);
        let mut path = vec![text[..end].to_owned()];
        loop {
            if let Some(twin) = self.pairs.get(&path) {
                best = (twin.join("::"), end);
            }
            let Some(next) = text[end..].strip_prefix("::") else {
                return best;
            };
            let length = word_length(next);
            if length == 0 || path.len() == self.longest {
                return best;
            }
            path.push(next[..length].to_owned());
            end += "::".len() + length;
        }
    }
}

/// An identifier by its text, which may be a raw one or a keyword that stands in paths.
pub(crate) fn ident(text: &str, span: proc_macro2::Span) -> Ident {
    match text.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, span),
        None => Ident::new(text, span),
    }
}

fn with_content(group: &Group, content: TokenStream) -> TokenStream {
    let mut made = Group::new(group.delimiter(), content);
    made.set_span(group.span());
    TokenTree::from(made).into()
}

/// The identifiers of `a::b::c` at the start of these tokens, at most `longest` of them.
fn path_at(tokens: &[TokenTree], longest: usize) -> Vec<String> {
    let mut segments = Vec::new();
    let mut rest = tokens;
    while let [TokenTree::Ident(segment), after @ ..] = rest {
        segments.push(segment.to_string());
        let [TokenTree::Punct(one), TokenTree::Punct(two), next @ ..] = after else {
            break;
        };
        if segments.len() == longest || one.as_char() != ':' || two.as_char() != ':' {
            break;
        }
        rest = next;
    }
    segments
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

fn word_length(text: &str) -> usize {
    text.find(|character| !is_word(character))
        .unwrap_or(text.len())
}
