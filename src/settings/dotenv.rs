//! `.env` files as python-dotenv reads them, which Prefect uses: quotes, escapes, `export`, comments, `${NAME}`.
//!
//! The crates for such files were written for other rules: dotenvy replaces a bare `$NAME` too, asks the environment of
//! the process, and stops at the first line that it can't read.

/// The variables of a file.
#[derive(Default)]
pub(super) struct DotEnv {
    /// In the order of the file; a key without `=` has no value.
    pub(super) variables: Vec<(String, Option<String>)>,
    /// The numbers of the lines that could not be read, and were left out.
    pub(super) unread: Vec<usize>,
}

/// Reads a file. `${NAME}` is a variable that stands above it in the file, else one of the environment.
pub(super) fn parse(text: &str, environment: impl Fn(&str) -> Option<String>) -> DotEnv {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut read = DotEnv::default();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        match binding(rest) {
            Ok((key, value, behind)) => {
                if let Some(key) = key {
                    let value = value.map(|value| expand(&value, &read.variables, &environment));
                    set(&mut read.variables, key, value);
                }
                rest = behind;
            }
            Err(stop) => {
                let before = text.bytes().take(text.len() - rest.len());
                read.unread
                    .push(before.filter(|byte| *byte == b'\n').count() + 1);
                rest = next_line(stop);
            }
        }
        rest = rest.trim_start();
    }
    read
}

/// A later line replaces the value, but not the place, of an earlier one.
fn set(variables: &mut Vec<(String, Option<String>)>, key: &str, value: Option<String>) {
    match variables.iter_mut().find(|(earlier, _)| earlier == key) {
        Some((_, earlier)) => *earlier = value,
        None => variables.push((key.to_owned(), value)),
    }
}

type Binding<'t> = (Option<&'t str>, Option<String>, &'t str);

/// One line, or more where a value in quotes has more, and what is behind it. A comment has no key. The error is the text
/// from where it could not be read.
fn binding(text: &str) -> Result<Binding<'_>, &str> {
    let text = text
        .strip_prefix("export")
        .filter(|rest| rest.starts_with(is_blank))
        .map_or(text, |rest| rest.trim_start_matches(is_blank));
    let (key, rest) = key(text).ok_or(text)?;
    let rest = rest.trim_start_matches(is_blank);
    let (value, rest) = match rest.strip_prefix('=') {
        None => (None, rest),
        Some(rest) => {
            let (value, rest) = value(rest).ok_or(rest)?;
            (Some(value), rest)
        }
    };
    let rest = rest.trim_start_matches(is_blank);
    match rest.chars().next() {
        None | Some('\n' | '#') => Ok((key, value, next_line(rest))),
        Some(_) => Err(rest),
    }
}

fn next_line(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, next)| next)
}

fn key(text: &str) -> Option<(Option<&str>, &str)> {
    if text.starts_with('#') {
        return Some((None, text));
    }
    if let Some(quoted) = text.strip_prefix('\'') {
        let (key, rest) = quoted.split_once('\'')?;
        return (!key.is_empty()).then_some((Some(key), rest));
    }
    let ends = |c: char| c == '=' || c == '#' || c.is_whitespace();
    let (key, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
    (!key.is_empty()).then_some((Some(key), rest))
}

fn value(text: &str) -> Option<(String, &str)> {
    let trimmed = text.trim_start_matches(is_blank);
    match trimmed.chars().next() {
        // `KEY= # why` has no value, while `KEY=#1` has one.
        Some('#') if trimmed.len() < text.len() => Some((String::new(), trimmed)),
        Some(quote @ ('\'' | '"')) => quoted(quote, trimmed.get(1..)?),
        _ => {
            let end = trimmed.find('\n').unwrap_or(trimmed.len());
            let (line, rest) = trimmed.split_at(end);
            Some((without_comment(line).trim_end().to_owned(), rest))
        }
    }
}

/// Everything up to the closing quote. Between single quotes, a backslash stands before a quote or a backslash only.
fn quoted(quote: char, text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        if char == quote {
            return Some((value, text.get(at + 1..)?));
        }
        if char != '\\' {
            value.push(char);
            continue;
        }
        let (_, escaped) = chars.next()?;
        match (escape(escaped), quote) {
            (Some(plain), '"') => value.push(plain),
            (Some(_), _) if matches!(escaped, '\\' | '\'') => value.push(escaped),
            _ => value.extend(['\\', escaped]),
        }
    }
    None
}

fn escape(char: char) -> Option<char> {
    Some(match char {
        '\\' | '\'' | '"' => char,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        _ => return None,
    })
}

/// A `#` begins a comment where a space stands before it.
fn without_comment(line: &str) -> &str {
    let comment = line.match_indices('#').find(|(at, _)| {
        let before = line
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        before.is_some_and(char::is_whitespace)
    });
    comment.and_then(|(at, _)| line.get(..at)).unwrap_or(line)
}

fn is_blank(char: char) -> bool {
    char.is_whitespace() && char != '\n'
}

/// Replaces `${NAME}` and `${NAME:-default}`; a name that means nothing becomes nothing.
fn expand(
    value: &str,
    above: &[(String, Option<String>)],
    environment: &impl Fn(&str) -> Option<String>,
) -> String {
    let mut expanded = String::new();
    let mut rest = value;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        let inner = from.get(2..).and_then(|inner| inner.split_once('}'));
        let Some((inner, behind)) = inner else { break };
        let (name, default) = inner.split_once(":-").unwrap_or((inner, ""));
        if name.contains(':') {
            // `${A:B}` is no variable.
            expanded.extend([before, "${"]);
            rest = from.get(2..).unwrap_or_default();
            continue;
        }
        let found = match above.iter().find(|(key, _)| key == name) {
            Some((_, value)) => Some(value.clone().unwrap_or_default()),
            None => environment(name),
        };
        expanded.push_str(before);
        expanded.push_str(found.as_deref().unwrap_or(default));
        rest = behind;
    }
    expanded + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Option<String>)> {
        parse(text, |name| (name == "OUTER").then(|| "outside".to_owned())).variables
    }

    #[track_caller]
    fn one(text: &str, value: &str) {
        assert_eq!(
            read(text),
            [("A".to_owned(), Some(value.to_owned()))],
            "{text}"
        );
    }

    #[test]
    fn plain_values_end_with_the_line_or_a_comment() {
        one("A=b", "b");
        one("  A = b c  \n", "b c");
        one("export A=b", "b");
        one("export\tA=b", "b");
        one("'A'=b", "b");
        one("A=b # why", "b");
        one("A=b#c", "b#c");
        one("A=#c", "#c");
        one("A= # why", "");
        one("A=", "");
        one("A=b'c'", "b'c'");
        one("A=b\\n", "b\\n");
        one("\u{feff}# comment\n\nA=b\r\n", "b");
    }

    #[test]
    fn quotes_keep_spaces_lines_and_escapes() {
        one("A=' b # c ' # why", " b # c ");
        one("A=\"b\nc\"", "b\nc");
        one(r#"A="b\n\t\"\\\q""#, "b\n\t\"\\\\q");
        one(r"A='b\n\'\\'", r"b\n'\");
        one(r#"A="{\"X\": \"y\"}""#, r#"{"X": "y"}"#);
        one(r#"A='{"X": "y"}'"#, r#"{"X": "y"}"#);
    }

    #[test]
    fn names_in_braces_are_replaced() {
        one("A=${OUTER}/b", "outside/b");
        one("A='${OUTER}'", "outside");
        one("A=${NOWHERE}b${NOWHERE:-c}", "bc");
        one("A=$OUTER", "$OUTER");
        one("A=${OUTER", "${OUTER");
        one("A=${B:C}${OUTER}", "${B:C}outside");
        let both = read("OUTER=inside\nA=${OUTER}");
        assert_eq!(
            both.last(),
            Some(&("A".to_owned(), Some("inside".to_owned())))
        );
    }

    #[test]
    fn the_last_line_of_a_key_counts() {
        one("A=b\nA=c", "c");
        assert_eq!(read("A"), [("A".to_owned(), None)]);
    }

    #[test]
    fn lines_that_say_nothing_are_left_out_and_named() {
        let read = parse("A=b\n\n=c\nB='d\nC=e' f\nD='g\nE=h\n", |_| None);
        let keys: Vec<_> = read.variables.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["A", "E"]);
        assert_eq!(read.unread, [3, 4, 6]);
    }
}
