//! Which JSON value stands at a position of a text: what an error of the parser is about.

/// The path of the value that an error of the parser is about, for example `[3].state.type`; `.` is the whole document.
/// `None` where the error has no position.
///
/// A value that is refused only after it was parsed, as a generated union does, has its error placed by the parser
/// behind it, or behind the object or array that it ends: then that object or array is named.
pub(crate) fn of(text: &[u8], error: &serde_json::Error) -> Option<String> {
    let consumed = offset(text, error.line(), error.column())?;
    let mut read = text.get(..consumed).unwrap_or(text);
    if error.is_data() && !is_about_what_follows(error) {
        // The parser has passed the comma after an array's value already.
        let before = read.trim_ascii_end();
        read = before.strip_suffix(b",").unwrap_or(before);
    }
    Some(path(read))
}

/// Whether the error was raised at the bracket that begins a value, and not behind the value.
fn is_about_what_follows(error: &serde_json::Error) -> bool {
    let text = error.to_string();
    text.starts_with("invalid type: sequence") || text.starts_with("invalid type: map")
}

/// How many levels a path names. The parser reads no value that is nested deeper; it passes over one of any depth.
const DEEPEST: usize = 128;

/// The levels of nesting around a place.
#[derive(Default)]
struct Nesting<'t> {
    frames: Vec<Frame<'t>>,
    /// How many more levels there are than those that have a frame.
    deeper: usize,
}

/// One level of nesting.
enum Frame<'t> {
    Array {
        index: usize,
    },
    Object {
        key: Option<&'t [u8]>,
        key_next: bool,
    },
}

/// The number of bytes that were consumed at a line (from 1) and column (bytes of that line).
fn offset(text: &[u8], line: usize, column: usize) -> Option<usize> {
    let mut start = 0;
    for _ in 1..line.max(1) {
        let rest = text.get(start..)?;
        start += rest.iter().position(|&byte| byte == b'\n')? + 1;
    }
    (line > 0).then(|| start.saturating_add(column).min(text.len()))
}

/// The path of the value in which the text breaks off.
fn path(text: &[u8]) -> String {
    let mut nesting = Nesting::default();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let next = if byte == b'"' {
            end_of_string(text, at)
        } else {
            at + 1
        };
        step(&mut nesting, byte, text.get(at..next).unwrap_or_default());
        at = next;
    }
    render(&nesting)
}

/// Takes one byte outside strings, or one whole string.
fn step<'t>(nesting: &mut Nesting<'t>, byte: u8, token: &'t [u8]) {
    let Nesting { frames, deeper } = nesting;
    let is_deepest = frames.len() == DEEPEST;
    match (byte, frames.last_mut()) {
        (b'[' | b'{', _) if is_deepest => *deeper += 1,
        (b']' | b'}', _) if *deeper > 0 => *deeper -= 1,
        _ if *deeper > 0 => {}
        (b'[', _) => frames.push(Frame::Array { index: 0 }),
        (b'{', _) => frames.push(Frame::Object {
            key: None,
            key_next: true,
        }),
        (b']' | b'}', _) => drop(frames.pop()),
        (b',', Some(Frame::Array { index })) => *index += 1,
        (b',', Some(Frame::Object { key, key_next })) => {
            *key = None;
            *key_next = true;
        }
        (b'"', Some(Frame::Object { key, key_next })) if *key_next => {
            *key = Some(token);
            *key_next = false;
        }
        _ => {}
    }
}

/// The offset after a string that begins at `start`, or the end of the text.
fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn render(nesting: &Nesting<'_>) -> String {
    let mut path = String::new();
    for frame in &nesting.frames {
        match frame {
            Frame::Array { index } => path.extend(["[", &index.to_string(), "]"]),
            Frame::Object { key: Some(key), .. } => push_key(&mut path, key),
            Frame::Object { key: None, .. } => {}
        }
    }
    if nesting.deeper > 0 {
        path.push('…');
    }
    if path.is_empty() {
        ".".to_owned()
    } else {
        path
    }
}

/// Adds a key, given with its quotes and escapes; one that is no plain word stays in brackets and quotes.
fn push_key(path: &mut String, raw: &[u8]) {
    let key = serde_json::from_slice::<String>(raw)
        .unwrap_or_else(|_| String::from_utf8_lossy(raw).trim_matches('"').to_owned());
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if key.is_empty() || !key.chars().all(plain) {
        path.extend(["[", &format!("{key:?}"), "]"]);
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(&key);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "the fields are there to be read")]
    struct Run {
        state: State,
        tags: Option<Vec<String>>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "the fields are there to be read")]
    struct State {
        #[serde(rename = "type")]
        kind: String,
        at: Option<chrono::DateTime<chrono::Utc>>,
    }

    fn failing<T: for<'de> Deserialize<'de>>(text: &str) -> String {
        let Err(error) = serde_json::from_slice::<T>(text.as_bytes()) else {
            panic!("{text} was read");
        };
        of(text.as_bytes(), &error).unwrap()
    }

    #[test]
    fn the_value_of_a_wrong_type_is_named() {
        let runs = |last: &str| format!(r#"[{{"state":{{"type":"A"}}}}, {last}]"#);
        let cases = [
            (r#"{"state":{"type":3}}"#, "[1].state.type"),
            (r#"{"state":{"type": [1, 2]}}"#, "[1].state.type"),
            (r#"{"state":{"type": {"a": 1}}}"#, "[1].state.type"),
            (r#"{"state":{"type": null }}"#, "[1].state.type"),
            (r#"{"state":{"type":"A","at":"never"}}"#, "[1].state.at"),
            (r#"{"state":{"type":"A"},"tags":["a",{}]}"#, "[1].tags[1]"),
            (r#"{"state":{"type":"A"},"tags":["a",[]]}"#, "[1].tags[1]"),
            (
                r#"{"state":{"type":"A"},"tags":["a", true ]}"#,
                "[1].tags[1]",
            ),
            (r#"{"state":"A"}"#, "[1].state"),
            (r#""A""#, "[1]"),
        ];
        for (last, expected) in cases {
            assert_eq!(failing::<Vec<Run>>(&runs(last)), expected, "{last}");
        }
    }

    /// Read by way of a JSON value, as generated unions are: the parser learns of the error only afterwards.
    #[derive(Debug)]
    #[allow(dead_code, reason = "the value is there to be read")]
    struct Indirect(i64);

    impl<'de> Deserialize<'de> for Indirect {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let value = serde_json::Value::deserialize(deserializer)?;
            crate::model::union::read(value).map(Self)
        }
    }

    #[test]
    fn a_value_that_is_refused_later_is_named_or_what_holds_it() {
        type Map = BTreeMap<String, Vec<Indirect>>;
        assert_eq!(failing::<Map>(r#"{"a":[1,2],"b":[3,{"c":[4]},5]}"#), "b[1]");
        assert_eq!(failing::<Map>(r#"{"a":[1,{} , {}]}"#), "a[1]");
        assert_eq!(failing::<Map>(r#"{"a":[1,"x"] ,"b":[]}"#), "a");
    }

    #[test]
    fn a_missing_field_is_named_by_its_object() {
        assert_eq!(
            failing::<Vec<Run>>(r#"[{"state":{"at":null}}]"#),
            "[0].state"
        );
        assert_eq!(failing::<Vec<Run>>("[\n  {\n  }\n]"), "[0]");
        assert_eq!(failing::<Run>("{}"), ".");
    }

    #[test]
    fn keys_with_escapes_and_other_scripts_are_read() {
        type Map = BTreeMap<String, BTreeMap<String, i64>>;
        assert_eq!(failing::<Map>(r#"{"a b":{"c":"x"}}"#), r#"["a b"].c"#);
        assert_eq!(
            failing::<Map>(r#"{"q\"}":{"\u0063":"x"}}"#),
            r#"["q\"}"].c"#
        );
        assert_eq!(
            failing::<Map>("{\"fläche\":{\"größe\":\"x\"}}"),
            "fläche.größe"
        );
        assert_eq!(failing::<Map>(r#"{"":{"c":"x"}}"#), r#"[""].c"#);
    }

    #[test]
    fn a_text_that_breaks_off_has_a_path() {
        let whole = r#"[{"state":{"type":"A\"","at":null}},{"tags":["ä",{"k":[1]}]}]"#;
        for end in 0..whole.len() {
            let text = &whole.as_bytes()[..end];
            let error = serde_json::from_slice::<serde_json::Value>(text).unwrap_err();
            assert!(!of(text, &error).unwrap().is_empty());
        }
        assert_eq!(path(br#"[1,{"a":[tru"#), "[1].a[0]");
        assert_eq!(path(br#"{"a":1,"b"#), "b");
        assert_eq!(path(br#"{"a":1,"#), ".");
    }

    #[test]
    fn a_path_ends_where_nesting_gets_too_deep() {
        let deep = |levels| "[".repeat(levels);
        assert_eq!(path(deep(DEEPEST).as_bytes()), "[0]".repeat(DEEPEST));
        let ended = format!("{}…", "[0]".repeat(DEEPEST));
        assert_eq!(path(deep(1_000_000).as_bytes()), ended);
        let closed = format!("{{\"a\":{}{},\"b\":[", deep(500), "]".repeat(500));
        assert_eq!(path(closed.as_bytes()), "b[0]");
    }

    #[test]
    fn nonsense_never_panics() {
        assert_eq!(offset(b"", 0, 0), None);
        assert_eq!(offset(b"", 1, 99), Some(0));
        assert_eq!(offset(b"[1]", 9, 9), None);
        assert_eq!(offset(b"[1", usize::MAX, usize::MAX), None);
        assert_eq!(offset(b"[1\n,", 2, usize::MAX), Some(4));
        assert_eq!(path(b""), ".");
        assert_eq!(path(b"]]}},,\"\\"), ".");
        assert_eq!(path(b"\xff\xfe{\"\xff\":["), "[\"\u{fffd}\"][0]");
        for bytes in 0..=u16::MAX {
            let [first, second] = bytes.to_be_bytes();
            path(&[b'{', first, second, b'[', second, first]);
        }
    }
}
