//! Patterns of operations in `diptych.toml`.

/// Whether the text is the pattern, in which `*` stands for any text. Each part is looked for as far to the front as
/// can be, which finds a match whenever there is one.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let Some((front, pattern)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut rest) = text.strip_prefix(front) else {
        return false;
    };
    let (middle, end) = pattern.rsplit_once('*').unwrap_or(("", pattern));
    for part in middle.split('*') {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let text = "POST /flows/{id}/filter";
        for pattern in [
            text,
            "*",
            "**",
            "POST *",
            "POST */filter",
            "POST /flows/*/filter",
            "P*/*/*ter",
            "*POST /flows/{id}/filter*",
        ] {
            assert!(matches(pattern, text), "{pattern}");
        }
        for pattern in [
            "",
            "POST",
            "*/filters",
            "GET *",
            "POST /flows/{id}/filter*r",
            "*id*id*",
        ] {
            assert!(!matches(pattern, text), "{pattern}");
        }
    }
}
