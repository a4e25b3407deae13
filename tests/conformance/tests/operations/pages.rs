//! Every operation that answers page by page, through both faces: what is asked for, and what comes of it.

use prefect_conformance::{
    Case, Entry, Faces, Fallible, Recorder, Reply, Request, answers, cases, document, entries,
};
use serde_json::{Map, Value, json};

/// Where an operation says what page it wants, and how it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Offset,
    Number,
    Link,
}

/// What one face asked for, in its order: the target, and the body.
type Asked = Vec<(String, Value)>;

#[test]
fn what_takes_a_place_has_pages_and_nothing_else() -> Fallible<()> {
    let document = document()?;
    let mut counts = [0; 3];
    for entry in entries() {
        let rule = rule(&document, entry);
        assert_eq!(rule.is_some(), entry.pages.is_some(), "{}", entry.name);
        if let Some(rule) = rule {
            counts[rule as usize] += 1;
        }
    }
    assert_eq!(counts, [20, 6, 2], "by offset, by number, by link");
    Ok(())
}

#[test]
fn both_faces_read_every_page_with_the_same_requests() -> Fallible<()> {
    let (document, recorder) = (document()?, Recorder::start()?);
    let faces = Faces::new(&recorder)?;
    for entry in entries().iter().filter(|entry| entry.pages.is_some()) {
        let rule = rule(&document, entry).ok_or("a rule")?;
        for (limit, start) in [(None, None), (Some(2), None), (Some(2), Some(3))] {
            let case = case(&document, entry, limit, start)?;
            let place = format!("{} {limit:?} {start:?}", entry.name);
            let replies = replies(&document, entry, rule, start.unwrap_or(1));
            let ends_early = rule == Rule::Offset && limit.is_some();
            let count = if rule != Rule::Offset || ends_early {
                3
            } else {
                4
            };
            let expected: Asked = (0..count)
                .map(|turn| expected(entry, &case, rule, turn, start))
                .collect();
            let [blocking, asynchronous] = run(entry, &case, &replies[..count], &recorder, &faces)?;
            assert_eq!(blocking, asynchronous, "{place}");
            assert_eq!(blocking, expected, "{place}");
        }
    }
    Ok(())
}

/// Both faces, with the same answers: the pages are the three that have items, and equal.
fn run(
    entry: &Entry,
    case: &Case,
    replies: &[Reply],
    recorder: &Recorder,
    faces: &Faces,
) -> Fallible<[Asked; 2]> {
    recorder.reply_in_turn(replies.iter().chain(replies).cloned());
    let pages = entry.pages.ok_or("no pages")?(case, faces)?;
    assert_eq!(pages.blocking, pages.asynchronous, "{}", entry.name);
    let lengths = pages.blocking.iter().map(|page| match page {
        Ok(page) => Ok(page.as_array().map_or(0, Vec::len)),
        Err(failure) => Err(format!("{}: {failure:?}", entry.name)),
    });
    assert_eq!(lengths.collect::<Result<Vec<_>, _>>()?, [2, 2, 1]);
    let sent = recorder.take();
    assert_eq!(sent.len(), 2 * replies.len(), "{}", entry.name);
    let (blocking, asynchronous) = sent.split_at(replies.len());
    Ok([asked(blocking)?, asked(asynchronous)?])
}

fn asked(recorded: &[Request]) -> Fallible<Asked> {
    let each = recorded.iter().map(|request| {
        let body = match request.body.as_slice() {
            [] => Value::Null,
            body => serde_json::from_slice(body)?,
        };
        Ok((request.target.clone(), body))
    });
    each.collect()
}

/// The rule, from the description as the server gave it.
fn rule(document: &Value, entry: &Entry) -> Option<Rule> {
    let operation = document.pointer(entry.pointer)?;
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    let takes = |name: &str| resolved(document, body)["properties"].get(name).is_some();
    let answer = resolved(document, answer(document, entry));
    if answer["properties"].get("next_page").is_some() {
        return Some(Rule::Link);
    }
    match (takes("offset"), takes("page")) {
        (true, false) if takes("limit") => Some(Rule::Offset),
        (false, true) if takes("limit") => Some(Rule::Number),
        _ => None,
    }
}

fn answer<'d>(document: &'d Value, entry: &Entry) -> &'d Value {
    let place = format!(
        "{}/responses/200/content/application~1json/schema",
        entry.pointer
    );
    document.pointer(&place).unwrap_or(&Value::Null)
}

fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let target = schema["$ref"].as_str();
    let target = target.and_then(|target| document.pointer(target.trim_start_matches('#')));
    target.unwrap_or(schema)
}

/// The least that the operation takes, with this limit and this start.
fn case(document: &Value, entry: &Entry, limit: Option<i64>, start: Option<i64>) -> Fallible<Case> {
    let mut cases = cases(document, entry);
    let index = cases.iter().position(|case| case.name == "least");
    let mut case = cases.swap_remove(index.unwrap_or(0));
    let body = match &mut case.sent.body {
        Some(Value::Object(body)) => body,
        None if entry.method == "GET" => return Ok(case),
        other => {
            *other = Some(Value::Object(Map::new()));
            other
                .as_mut()
                .and_then(Value::as_object_mut)
                .ok_or("a body")?
        }
    };
    let place = match rule(document, entry) {
        Some(Rule::Offset) => Some("offset"),
        Some(Rule::Number) => Some("page"),
        _ => None,
    };
    body.extend(limit.map(|limit| ("limit".to_owned(), json!(limit))));
    let start = place.and_then(|place| start.map(|start| (place.to_owned(), json!(start))));
    body.extend(start);
    Ok(case)
}

/// Two items, two items, one item, and nothing.
fn replies(document: &Value, entry: &Entry, rule: Rule, start: i64) -> Vec<Reply> {
    let sample = answers(document, entry).swap_remove(0);
    let list = match &sample.value {
        Value::Array(items) => items,
        object => items(object),
    };
    let page = |turn: i64, count: usize| {
        let items = json!(vec![list[0].clone(); count]);
        let value = match rule {
            Rule::Offset => items,
            Rule::Number | Rule::Link => with(&sample.value, &items, rule, turn, start),
        };
        // Two equal answers are a server that does not know the offset.
        let padding = " ".repeat(usize::try_from(turn).unwrap_or(0));
        Reply {
            body: format!("{value}{padding}").into_bytes(),
            ..sample.reply.clone()
        }
    };
    vec![page(0, 2), page(1, 2), page(2, 1), page(3, 0)]
}

fn with(answer: &Value, items: &Value, rule: Rule, turn: i64, start: i64) -> Value {
    let mut answer = answer.clone();
    let list = answer.as_object_mut().into_iter().flatten();
    for (name, value) in list {
        match (name.as_str(), rule) {
            (_, _) if value.is_array() => *value = items.clone(),
            ("page", Rule::Number) => *value = json!(start + turn),
            ("pages", Rule::Number) => *value = json!(start + 2),
            ("next_page", Rule::Link) if turn < 2 => {
                let url = "https://somebody.else.example/api/events/filter/next?page-token";
                *value = json!(format!("{url}={}", token(turn + 1)));
            }
            ("next_page", Rule::Link) => *value = Value::Null,
            _ => {}
        }
    }
    answer
}

fn items(answer: &Value) -> &Vec<Value> {
    let mut lists = answer.as_object().into_iter().flat_map(Map::values);
    let list = lists.find_map(Value::as_array);
    list.expect("an answer with a list")
}

/// A token that has to be encoded in a query.
fn token(turn: i64) -> String {
    format!("dG9rZW4%2F{turn}%3D")
}

fn expected(
    entry: &Entry,
    case: &Case,
    rule: Rule,
    turn: usize,
    start: Option<i64>,
) -> (String, Value) {
    let mut target = format!("/api{}", entry.path);
    for (name, value) in &case.sent.path {
        let value = value.as_str().unwrap_or_default();
        target = target.replace(&format!("{{{name}}}"), value);
    }
    let mut body = case.sent.body.clone().unwrap_or_default();
    let turn = i64::try_from(turn).unwrap_or(0);
    match rule {
        Rule::Offset => {
            let items = if turn < 3 { 2 * turn } else { 5 };
            body["offset"] = json!(start.unwrap_or(0) + items);
        }
        Rule::Number => body["page"] = json!(start.unwrap_or(1) + turn),
        Rule::Link if turn > 0 => {
            return (
                format!("/api/events/filter/next?page-token={}", token(turn)),
                Value::Null,
            );
        }
        Rule::Link => {
            if let Some(token) = case.sent.query.get("page-token") {
                target = format!("{target}?page-token={}", token.as_str().unwrap_or_default());
            }
        }
    }
    (target, body)
}
