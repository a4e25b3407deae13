//! Whether each thing of one face has its twin in the other one.

use std::collections::BTreeSet;

use crate::lines::Line;

/// Traits of which each face has its own: nothing to compare.
const OWN_TRAITS: [&str; 7] = [
    "Iterator",
    "IntoIterator",
    "Stream",
    "Future",
    "IntoFuture",
    // What an async drop leaves to its task, a blocking one does itself.
    "Drop",
    // A blocking function is called for an async run on a thread; an async one is called for no blocking run.
    "Host",
];

/// What one face has instead of something in the other.
const INSTEAD: [(&str, &str); 6] = [
    ("BoxFuture", "what blocks gives its answer"),
    ("FlowRunHandle::wait", "the handle itself is awaited"),
    ("AsyncSlots::lost", "threads ask `is_lost`"),
    ("AsyncAsCompleted::anext", "it is an Iterator"),
    ("AsyncInputs::anext", "it is an Iterator"),
    ("to_async", "what awaits is called by nobody who blocks"),
];

/// What only one face has, or what is not under the feature of its face.
pub(crate) fn findings(lines: &[Line]) -> Vec<String> {
    let blocking: BTreeSet<Line> = of(lines, "blocking").cloned().collect();
    let twins: BTreeSet<Line> = of(lines, "async").map(twin).collect();
    let alone = lines.iter().filter(|line| {
        let is_paired = !is_of(line, "async") || blocking.contains(&twin(line));
        let is_promised = !is_of(line, "blocking") || twins.contains(*line);
        !(is_paired && is_promised || has_own_trait(line) || is_instead(line))
    });
    let alone = alone.map(|line| format!("not in the other face: {line}"));
    let bare = lines.iter().filter(|line| {
        let words = [line.path.join(" "), line.what.clone()].concat();
        let is_async = words.contains("async fn") || words.contains("AsyncPrefectClient");
        let is_blocking = self::words(&words).any(|word| word == "PrefectClient");
        (is_async && !is_of(line, "async")) || (is_blocking && !is_of(line, "blocking"))
    });
    alone
        .chain(bare.map(|line| format!("not under its feature: {line}")))
        .collect()
}

/// How many functions and methods there are in both faces.
pub(crate) fn pairs(lines: &[Line]) -> usize {
    let blocking: BTreeSet<Line> = of(lines, "blocking").cloned().collect();
    let functions = of(lines, "async").filter(|line| is_function(line));
    functions
        .filter(|line| blocking.contains(&twin(line)))
        .count()
}

/// The line that the twin of something in the async face must have. This is the convention as users know it, not the
/// attribute's table: types lose `Async`, functions lose `a`, except for methods of types that lose `Async`; of those, what
/// a stream has beside `next` is named like it.
fn twin(line: &Line) -> Line {
    let (last, owners) = line.path.split_last().expect("a name");
    let mut path: Vec<String> = owners.iter().map(|name| replaced(name)).collect();
    let name = match last.strip_prefix('a') {
        Some(rest) if is_function(line) && (path == owners || rest.starts_with("next")) => {
            rest.to_owned()
        }
        _ => replaced(last),
    };
    path.push(name);
    let mut conditions = line.conditions.clone();
    conditions.remove("async");
    conditions.insert("blocking".to_owned());
    let what = without_future(&without_function_s_future(
        &line.what.replace("async fn", "fn"),
    ));
    let what = replaced(&what);
    Line {
        path,
        what,
        conditions,
    }
}

/// What a method of a trait, which must say that its future can be sent, gives in the end. One of a trait of which there are
/// objects gives a box.
fn without_future(what: &str) -> String {
    if let Some((before, boxed)) = what.split_once("-> BoxFuture<'a, ") {
        let (output, rest) = boxed.rsplit_once('>').unwrap_or((boxed, ""));
        let plain = format!("{before}-> {output}{rest}");
        return plain.replace("fn<'a>(", "fn(").replace("&'a ", "&");
    }
    let parts = what.split_once("-> impl Future<Output = ");
    let parts = parts.and_then(|(before, after)| Some((before, after.rsplit_once("> + Send")?)));
    match parts {
        Some((before, (output, rest))) => format!("{before}-> {output}{rest}"),
        None => what.to_owned(),
    }
}

/// A function that is an argument gives, in the other face, what its future gives here: `F: Fn() -> Fut`.
fn without_function_s_future(what: &str) -> String {
    let parts = what.split_once(", Fut: Future<Output = ");
    let parts = parts.and_then(|(before, after)| Some((before, after.split_once("> + Send")?)));
    match parts {
        Some((before, (output, rest))) => {
            let given = before.replace("-> Fut", &format!("-> {output}"));
            let others = rest.strip_prefix(" + 'static").unwrap_or(rest);
            let others = others.strip_suffix(',').unwrap_or(others);
            let given = given.replace(", Fut>", ">").replace(", Fut,", ",");
            format!("{given}{others}")
        }
        None => what.to_owned(),
    }
}

fn is_instead(line: &Line) -> bool {
    let path = line.path.join("::");
    INSTEAD.iter().any(|(place, _)| path.ends_with(place))
}

/// The exceptions that no line needs.
pub(crate) fn needless(lines: &[Line]) -> Vec<&'static str> {
    let paths: BTreeSet<String> = lines.iter().map(|line| line.path.join("::")).collect();
    let places = INSTEAD.iter().map(|(place, _)| *place);
    places
        .filter(|place| !paths.iter().any(|path| path.ends_with(place)))
        .collect()
}

/// A text in which no word says `Async…`.
fn replaced(text: &str) -> String {
    let mut found = text.to_owned();
    for word in words(text).filter(|word| word.len() > "Async".len()) {
        if let Some(rest) = word.strip_prefix("Async") {
            found = found.replace(word, rest);
        }
    }
    found
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric() && character != '_')
}

fn of<'a>(lines: &'a [Line], face: &'a str) -> impl Iterator<Item = &'a Line> {
    lines.iter().filter(move |line| is_of(line, face))
}

fn is_of(line: &Line, face: &str) -> bool {
    line.conditions.contains(face)
}

fn is_function(line: &Line) -> bool {
    let what = line.what.trim_start_matches("async ");
    what.starts_with("fn(") || what.starts_with("fn<")
}

fn has_own_trait(line: &Line) -> bool {
    let is_impl = line.what.starts_with("impl");
    is_impl && words(&line.what).any(|word| OWN_TRAITS.contains(&word))
}
