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

/// Markdown that rustdoc takes without a warning: no accidental links, HTML or doctests.
fn lines(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim().lines() {
        // Indentation would make a code block, and a code block a doctest.
        let line = line.trim();
        if line.starts_with("```") {
            fenced = !fenced;
            lines.push(if fenced {
                "```text".to_owned()
            } else {
                "```".to_owned()
            });
        } else if fenced {
            lines.push(line.to_owned());
        } else if !(line.is_empty() && lines.last().is_some_and(String::is_empty)) {
            lines.push(escaped(line));
        }
    }
    if fenced {
        lines.push("```".to_owned());
    }
    lines
}

fn escaped(line: &str) -> String {
    let balanced = line.matches('`').count() % 2 == 0;
    let mut out = String::with_capacity(line.len());
    let mut in_code = false;
    for word in line.split_inclusive(' ') {
        if !in_code && (word.starts_with("http://") || word.starts_with("https://")) {
            let end = word.trim_end_matches([' ', '.', ',', ')']).len();
            out.push_str(&format!("<{}>{}", &word[..end], &word[end..]));
            continue;
        }
        for c in word.chars() {
            if c == '`' && balanced {
                in_code = !in_code;
            }
            if !in_code && matches!(c, '[' | ']' | '<' | '>') || (c == '`' && !balanced) {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
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
        assert_eq!(lines("an odd ` tick"), ["an odd \\` tick"]);
    }

    #[test]
    fn indentation_and_fences_are_no_doctests() {
        assert_eq!(lines("a\n\n\n    b"), ["a", "", "b"]);
        assert_eq!(lines("```\nx = 1"), ["```text", "x = 1", "```"]);
    }
}
