//! Documentation as attributes, safe for rustdoc whatever the description says.

use proc_macro2::TokenStream;
use quote::quote;

/// `#[doc = " …"]` for each line.
pub(super) fn attributes(text: &str) -> TokenStream {
    lines(text)
        .into_iter()
        .map(|line| {
            let line = if line.is_empty() {
                line
            } else {
                format!(" {line}")
            };
            quote!(#[doc = #line])
        })
        .collect()
}

/// The same for the generator's own words, whose links and code are meant.
pub(super) fn own(text: &str) -> TokenStream {
    text.lines()
        .map(|line| {
            let space = if line.is_empty() { "" } else { " " };
            let line = format!("{space}{line}");
            quote!(#[doc = #line])
        })
        .collect()
}

/// The description's words as a paragraph behind others, where it has any.
pub(super) fn paragraph(text: &str) -> Option<TokenStream> {
    (!text.is_empty()).then(|| {
        let words = attributes(text);
        quote!(#[doc = ""] #words)
    })
}

/// The names that Rust has for derives everywhere.
const DERIVES: [&str; 9] = [
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Eq",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
];

/// A link to a type, which rustdoc takes for no derive of that name.
pub(super) fn link_to(name: &str) -> String {
    if DERIVES.contains(&name) {
        format!("[`{name}`](type@{name})")
    } else {
        format!("[`{name}`]")
    }
}

/// A word of the description within backticks of the generator's own.
pub(super) fn code(text: &str) -> String {
    let shown = text.chars().map(|c| match c {
        '`' => '\'',
        c if c.is_control() => ' ',
        c => c,
    });
    shown.collect()
}

/// Markdown that rustdoc takes without a warning: no accidental links, HTML or doctests.
fn lines(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim().lines() {
        // Indentation would make a code block, and a code block a doctest.
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
            lines.push(if fenced {
                "```text".to_owned()
            } else {
                "```".to_owned()
            });
        } else if fenced {
            lines.push(line.replace('\t', "    "));
        } else if !(line.is_empty() && lines.last().is_some_and(String::is_empty)) {
            lines.push(escaped(&line.replace('\t', " ")));
        }
    }
    if fenced {
        lines.push("```".to_owned());
    }
    lines
}

fn escaped(line: &str) -> String {
    let balanced = line.matches('`').count().is_multiple_of(2);
    let mut out = String::with_capacity(line.len() + 8);
    let mut in_code = false;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if !in_code && let Some(length) = link(rest) {
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        if !in_code && let Some(length) = url(rest) {
            out.extend(["<", &rest[..length], ">"]);
            rest = &rest[length..];
            continue;
        }
        if c == '`' && balanced {
            in_code = !in_code;
        }
        if !in_code && matches!(c, '[' | ']' | '<' | '>') || (c == '`' && !balanced) {
            out.push('\\');
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// The length of a link to the web that the text begins with: `[text](https://…)` or `<https://…>`.
fn link(text: &str) -> Option<usize> {
    if let Some(target) = text.strip_prefix('<') {
        let length = url(target)?;
        return target[length..].starts_with('>').then_some(length + 2);
    }
    let label = text.strip_prefix('[')?;
    let (label, target) = label.split_once("](")?;
    let length = url(target)?;
    let plain = !label.contains(['[', ']', '`', '<', '>']) && target[length..].starts_with(')');
    plain.then(|| 1 + label.len() + 2 + length + 1)
}

/// The length of a URL that the text begins with, without the punctuation of its sentence.
fn url(text: &str) -> Option<usize> {
    if !text.starts_with("http://") && !text.starts_with("https://") {
        return None;
    }
    let mut open = 0_usize;
    let end = text.find(|c: char| match c {
        '(' => {
            open += 1;
            false
        }
        // A parenthesis that the URL did not open is the sentence's.
        ')' if open == 0 => true,
        ')' => {
            open -= 1;
            false
        }
        c => c.is_whitespace() || matches!(c, ']' | '>' | '<' | '"' | '`'),
    });
    let url = &text[..end.unwrap_or(text.len())];
    Some(url.trim_end_matches(['.', ',', ';', ':', '!', '?']).len())
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn links_and_html_are_text() {
        assert_eq!(lines("a [b] <c>"), ["a \\[b\\] \\<c\\>"]);
        assert_eq!(lines("`Vec<[u8]>` stays"), ["`Vec<[u8]>` stays"]);
        assert_eq!(
            lines("see https://example.org/a."),
            ["see <https://example.org/a>."]
        );
        let link = "(see [RFC 5545](https://example.org/5545))";
        assert_eq!(lines(link), [link]);
        assert_eq!(lines("<https://a.b>"), ["<https://a.b>"]);
        assert_eq!(lines("https://a.b/c_(d)."), ["<https://a.b/c_(d)>."]);
        assert_eq!(
            lines("[a](b) (https://example.org)"),
            ["\\[a\\](b) (<https://example.org>)"]
        );
        assert_eq!(lines("an odd ` tick"), ["an odd \\` tick"]);
    }

    #[test]
    fn indentation_and_fences_are_no_doctests() {
        assert_eq!(lines("a\n\n\n    b\tc"), ["a", "", "b c"]);
        assert_eq!(lines("```\nx = 1"), ["```text", "x = 1", "```"]);
    }
}
