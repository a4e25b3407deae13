//! Rust names for the description's words.

use std::borrow::Cow;
use std::collections::BTreeMap;

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Names in scope of generated code that a schema must not take.
const TAKEN_TYPES: &[&str] = &[
    "BTreeMap",
    "Box",
    "Call",
    "Clone",
    "DateTime",
    "Debug",
    "Default",
    "Deserialize",
    "Deserializer",
    "Err",
    "Error",
    "From",
    "FromObject",
    "Into",
    "IntoIterator",
    "MapAccess",
    "Method",
    "NaiveDate",
    "None",
    "ObjectReader",
    "ObjectWriter",
    "Ok",
    "Operation",
    "Option",
    "ParameterStyle",
    "ParameterValue",
    "ParameterValues",
    "PartialEq",
    "Patch",
    "Redacted",
    "RequestBuilder",
    "Result",
    "Secret",
    "Self",
    "Serialize",
    "Serializer",
    "Some",
    "String",
    "StyledPair",
    "Utc",
    "Uuid",
    "Value",
    "Vec",
];

/// Names that no field, argument or method can have, even as a raw identifier.
const TAKEN_VALUES: &[&str] = &["self", "super", "crate", "Self", "_", "gen"];

/// A type's name: `CompoundTrigger-Input` gives `CompoundTriggerInput`.
pub(crate) fn type_name(text: &str) -> String {
    let mut name = spelt(text).to_upper_camel_case();
    // `a b` gives `AB`, which would give `Ab` when it is named again: go on until the name stays.
    while name != name.to_upper_camel_case() {
        name = name.to_upper_camel_case();
    }
    let name = if name.starts_with(begins_name) {
        name
    } else {
        format!("T{name}")
    };
    if TAKEN_TYPES.contains(&name.as_str()) {
        return format!("{name}Model");
    }
    name
}

/// An enum variant's name: `and_` gives `And`, `2xx` gives `N2xx`.
pub(crate) fn variant_name(text: &str) -> String {
    // `-name` is the other order than `name`.
    let rest = text.strip_prefix('-');
    let rest = rest.filter(|rest| rest.starts_with(char::is_alphanumeric));
    let text = rest.map_or(text.to_owned(), |rest| format!("minus {rest}"));
    let name = spelt(&text.replace('+', " plus ")).to_upper_camel_case();
    match name.chars().next() {
        None => "Empty".to_owned(),
        Some(first) if begins_name(first) && name != "Self" => name,
        Some(_) => format!("N{name}"),
    }
}

/// The variant of a status: `202` gives `Accepted`, and `2XX`, or a status that stands for all, `Success`.
pub(crate) fn status_name(status: &str) -> String {
    let name = match status {
        "200" => "Ok",
        "201" => "Created",
        "202" => "Accepted",
        "203" => "NonAuthoritative",
        "204" => "NoContent",
        "205" => "ResetContent",
        "206" => "PartialContent",
        "207" => "MultiStatus",
        "208" => "AlreadyReported",
        "226" => "ImUsed",
        other if other.bytes().all(|byte| byte.is_ascii_digit()) => {
            return format!("Status{other}");
        }
        _ => "Success",
    };
    name.to_owned()
}

/// A field's, argument's or method's name. Keywords get an underscore: `type` gives `type_`.
pub(crate) fn value_name(text: &str) -> String {
    let name = spelt(text).to_snake_case();
    if name.is_empty() {
        return "empty".to_owned();
    }
    if !name.starts_with(begins_name) {
        return format!("n{name}");
    }
    if !is_name(&name) || TAKEN_VALUES.contains(&name.as_str()) {
        return format!("{name}_");
    }
    name
}

/// Letters that are other forms of letters, such as `ﬁ` and `Ⅱ`: of a name that has one, rustc warns.
const OTHER_FORMS: &[(char, char)] = &[
    ('\u{aa}', '\u{aa}'),
    ('\u{b5}', '\u{b5}'),
    ('\u{ba}', '\u{ba}'),
    ('\u{132}', '\u{133}'),
    ('\u{13f}', '\u{140}'),
    ('\u{149}', '\u{149}'),
    ('\u{17f}', '\u{17f}'),
    ('\u{1c4}', '\u{1cc}'),
    ('\u{1f1}', '\u{1f3}'),
    ('\u{2b0}', '\u{2b8}'),
    ('\u{2e0}', '\u{2e4}'),
    ('\u{1d2c}', '\u{1d6a}'),
    ('\u{1d78}', '\u{1dbf}'),
    ('\u{2070}', '\u{209c}'),
    ('\u{2102}', '\u{2188}'),
    ('\u{3131}', '\u{318e}'),
    ('\u{f900}', '\u{fdfb}'),
    ('\u{fe70}', '\u{fefc}'),
    ('\u{ff10}', '\u{ffdc}'),
    ('\u{1d400}', '\u{1d7ff}'),
    ('\u{1ee00}', '\u{1eebb}'),
    ('\u{1fbf0}', '\u{1fbf9}'),
    ('\u{2f800}', '\u{2fa1f}'),
];

fn is_other_form(c: char) -> bool {
    OTHER_FORMS
        .iter()
        .any(|(from, to)| (*from..=*to).contains(&c))
}

/// The letters that are as wide as those of Japanese, as those of ASCII that they are.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// With the letters that no name has, such as `²`, by their numbers, and the sign of millionths, of which capitals make a Greek
/// letter that looks like an `M`, as a word.
fn spelt(text: &str) -> Cow<'_, str> {
    const MICRO: [char; 2] = ['\u{b5}', '\u{3bc}'];
    let is_sign = |text: &str| text.contains(MICRO) && text.replace(MICRO, "").is_ascii();
    let text: Cow<'_, str> = if is_sign(text) {
        text.replace(MICRO, "micro").into()
    } else {
        text.into()
    };
    let is_in_names = |c: char| unicode_ident::is_xid_continue(c) && !is_other_form(c);
    let is_fit = |c: char| c.is_ascii() || !c.is_alphanumeric() || is_in_names(c);
    if text.chars().all(is_fit) {
        return text;
    }
    let spelt = text.chars().map(narrow).map(|c| {
        if is_fit(c) {
            c.to_string()
        } else {
            format!("u{:x}", u32::from(c))
        }
    });
    spelt.collect::<String>().into()
}

fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && unicode_ident::is_xid_start(c))
}

/// Whether Rust takes it for the name of an item.
pub(crate) fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    let begins = |c: char| c == '_' || unicode_ident::is_xid_start(c);
    letters.next().is_some_and(begins)
        && letters.all(unicode_ident::is_xid_continue)
        && text != "_"
        && !KEYWORDS.contains(&text)
}

/// The words of the language, those that it keeps for itself too.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A tag's module: `Block types` gives `block_types`. Files have names of ASCII letters.
pub(crate) fn module_name(tag: &str) -> String {
    let mut ascii = String::with_capacity(tag.len());
    for c in tag.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            ascii.extend(["u", &format!("{:x}", u32::from(c))]);
        }
    }
    value_name(&ascii)
}

/// The word for one of many, as English mostly forms it: `flow_runs` gives `flow_run`.
pub(crate) fn singular(text: &str) -> String {
    if let Some(stem) = text.strip_suffix("ies") {
        return format!("{stem}y");
    }
    if let Some(stem) = text
        .strip_suffix("es")
        .filter(|stem| stem.ends_with("ch") || stem.ends_with("sh"))
    {
        return stem.to_owned();
    }
    text.strip_suffix('s').unwrap_or(text).to_owned()
}

/// What is called after something else: `type_` and `with` are `type_with`, as two underscores are no snake case.
pub(crate) fn derived_name(name: &str, suffix: &str) -> String {
    format!("{}_{suffix}", name.trim_end_matches('_'))
}

/// The numbers that tell equal names apart: `Pet`, `Pet2`, `Pet3`. Where many are equal, each search goes on where the
/// last one ended.
#[derive(Default)]
pub(crate) struct Numbers(BTreeMap<String, usize>);

impl Numbers {
    /// The name, or the first with a number that is not taken.
    pub(crate) fn free(&mut self, name: &str, is_taken: impl Fn(&str) -> bool) -> String {
        self.free_after(name, "", is_taken)
    }

    /// As [`free`](Self::free), with something between name and number.
    pub(crate) fn free_after(
        &mut self,
        name: &str,
        between: &str,
        is_taken: impl Fn(&str) -> bool,
    ) -> String {
        if !is_taken(name) {
            return name.to_owned();
        }
        let number = self.0.entry(name.to_owned()).or_insert(1);
        // Two underscores are no snake case.
        let name = match between {
            "_" => name.trim_end_matches('_'),
            _ => name,
        };
        loop {
            *number += 1;
            let free = format!("{name}{between}{number}");
            if !is_taken(&free) {
                return free;
            }
        }
    }

    /// The name, with an underscore behind it where it is taken, and with a number where many are.
    pub(crate) fn set_apart(&mut self, name: &str, is_taken: impl Fn(&str) -> bool) -> String {
        const MOST: usize = 3;
        for count in 0..=MOST {
            let free = format!("{name}{}", "_".repeat(count));
            if !is_taken(&free) {
                return free;
            }
        }
        self.free(name, is_taken)
    }
}

/// Whether a character turns the direction of a text around, and shows nothing itself: Rust takes it for an attack.
pub(crate) fn turns(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{module_name, singular, type_name, value_name, variant_name};

    #[test]
    fn words_become_identifiers() {
        assert_eq!(type_name("CompoundTrigger-Input"), "CompoundTriggerInput");
        assert_eq!(type_name("Option"), "OptionModel");
        assert_eq!(type_name("Object a b"), "ObjectAb");
        assert_eq!(variant_name("and_"), "And");
        assert_eq!(variant_name("2xx"), "N2xx");
        assert_eq!(variant_name("µs"), "Micros");
        assert_eq!(variant_name("μήνας"), "Μήνας");
        assert_eq!(variant_name(""), "Empty");
        assert_eq!(variant_name("postgresql+asyncpg"), "PostgresqlPlusAsyncpg");
        assert_eq!(value_name("type"), "type_");
        assert_eq!(value_name("page-token"), "page_token");
        assert_eq!(value_name("self"), "self_");
        assert_eq!(value_name("gen"), "gen_");
        assert_eq!(module_name("Wörter"), "wuf6rter");
        assert_eq!(value_name("3d"), "n3d");
        for letters in ["area_m²", "½", "①b", "٣", "ⓐ", "\u{93e}a", "ª", "日本"] {
            for name in [
                value_name(letters),
                type_name(letters),
                variant_name(letters),
            ] {
                assert!(
                    syn::parse_str::<syn::Ident>(&name).is_ok(),
                    "{letters}: {name}"
                );
            }
        }
        assert_eq!(value_name("area_m²"), "area_mub2");
        assert_eq!(value_name("ﬁ"), "ufb01");
        assert_eq!(type_name("第Ⅱ"), "第u2161");
        assert_eq!(value_name("顧客ＩＤ"), "顧客id");
    }

    #[test]
    fn tags_have_singulars() {
        assert_eq!(singular("flow_runs"), "flow_run");
        assert_eq!(singular("saved_searches"), "saved_search");
        assert_eq!(singular("policies"), "policy");
        assert_eq!(singular("admin"), "admin");
    }
}
