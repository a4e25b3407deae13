//! Every operation through both faces and through progenitor's own client: the same requests.

use percent_encoding::percent_decode_str;
use prefect_conformance::{
    Case, Entry, Faces, Fallible, Findings, Leave, Recorder, Reply, Request, answers, cases,
    document, entries, is_same,
};
use serde_json::Value;

/// Nullable fields whose default is `false`, in types that travel both ways: there they are `Option`, and a request can't
/// say null where absent says `false`.
const NULLS_LOST: &[&str] = &["resuming", "deferred"];

/// The requests of one call: blocking, async, progenitor's.
struct Requests {
    blocking: Request,
    asynchronous: Request,
    reference: Request,
}

#[test]
fn hazard_23_every_operation_sends_the_same_request() -> Fallible<()> {
    let (document, recorder) = (document()?, Recorder::start()?);
    let faces = Faces::new(&recorder)?;
    let mut findings = Findings::default();
    for entry in entries() {
        let answer = answers(&document, entry).swap_remove(0);
        for case in cases(&document, entry) {
            let place = format!("{} {}", entry.name, case.name);
            match requests(entry, &case, &answer.reply, &recorder, &faces) {
                Ok(requests) => compare(&mut findings, &place, &case, &requests),
                Err(error) => findings.check(false, || format!("{place}: {error}")),
            }
            recorder.take();
        }
    }
    findings.none();
    Ok(())
}

#[test]
fn a_request_as_data_is_the_one_that_is_sent() -> Fallible<()> {
    let (document, recorder) = (document()?, Recorder::start()?);
    let faces = Faces::new(&recorder)?;
    let mut findings = Findings::default();
    for entry in entries() {
        for case in cases(&document, entry) {
            let data = (entry.data)(&case, Vec::new())?;
            (entry.faces)(&case, &faces)?;
            let sent = recorder.take().swap_remove(0);
            let is_same = sent.method == data.method
                && sent.target == format!("/api{}", data.target)
                && sent.body == data.body
                && data
                    .headers
                    .iter()
                    .all(|header| sent.headers.contains(header));
            findings.check(is_same, || {
                format!("{} {}: {sent:?}", entry.name, case.name)
            });
        }
    }
    findings.none();
    Ok(())
}

#[test]
fn what_is_left_out_is_a_request_with_nothing_in_it() -> Fallible<()> {
    let document = document()?;
    let mut findings = Findings::default();
    for entry in entries() {
        let cases = cases(&document, entry);
        // Where there is no least case, the one with everything is the least.
        let least = cases.iter().find(|case| case.name == "least");
        let case = least.or(cases.first()).ok_or("an operation has no case")?;
        let mut case = case.clone();
        let operation = document.pointer(entry.pointer).ok_or("no such place")?;
        if operation["requestBody"]["required"] != true {
            case.sent.body = None;
        }
        let plain = (entry.plain)(&case)?;
        let empty = (entry.data)(&case, Vec::new())?;
        let is_same = (&plain.method, &plain.target, &plain.headers, &plain.body)
            == (&empty.method, &empty.target, &empty.headers, &empty.body);
        findings.check(is_same, || entry.name.to_owned());
    }
    findings.none();
    Ok(())
}

fn requests(
    entry: &Entry,
    case: &Case,
    reply: &Reply,
    recorder: &Recorder,
    faces: &Faces,
) -> Fallible<Requests> {
    recorder.reply(reply);
    (entry.faces)(case, faces)?;
    let ours = recorder.take();
    let theirs = (entry.reference)(case, faces)?;
    let [blocking, asynchronous] =
        <[Request; 2]>::try_from(ours).map_err(|all| format!("{} requests of ours", all.len()))?;
    let [reference] = <[Request; 1]>::try_from(recorder.take())
        .map_err(|all| format!("{} requests of progenitor's: {theirs:?}", all.len()))?;
    Ok(Requests {
        blocking,
        asynchronous,
        reference,
    })
}

fn compare(findings: &mut Findings, place: &str, case: &Case, requests: &Requests) {
    let Requests {
        blocking,
        asynchronous,
        reference,
    } = requests;
    findings.check(blocking == asynchronous, || {
        format!("{place}: {blocking:?} is not the async {asynchronous:?}")
    });
    let (ours, theirs) = (body(blocking), body(reference));
    // A null that means the same as nothing is left out.
    let leave = Leave {
        nulls: case.name == "Nulls",
        ..Leave::default()
    };
    let is_said = match (&case.sent.body, &ours) {
        (Some(said), Some(sent)) => is_same(&without_lost_nulls(said), sent, leave),
        (said, sent) => said == sent,
    };
    findings.check(is_said, || {
        format!("{place}: the body {ours:?} is not {:?}", case.sent.body)
    });
    findings.check(
        ours == theirs || is_null_lost(case, theirs.as_ref()),
        || format!("{place}: the body {ours:?} is not progenitor's {theirs:?}"),
    );
    let head = |request: &Request| {
        (
            request.method.clone(),
            request.header("content-type").map(str::to_owned),
        )
    };
    findings.check(head(blocking) == head(reference), || {
        format!("{place}: {blocking:?} is not progenitor's {reference:?}")
    });
    compare_targets(findings, place, case, blocking, reference);
}

fn without_lost_nulls(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let is_kept =
                |key: &str, value: &Value| !(value.is_null() && NULLS_LOST.contains(&key));
            let kept = object.iter().filter(|(key, value)| is_kept(key, value));
            kept.map(|(key, value)| (key.clone(), without_lost_nulls(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(without_lost_nulls).collect(),
        value => value.clone(),
    }
}

/// progenitor leaves out the nulls that ours sends: absent and null are the same to it.
fn is_null_lost(case: &Case, theirs: Option<&Value>) -> bool {
    let leave = Leave {
        nulls: true,
        ..Leave::default()
    };
    case.name.ends_with("Nulls")
        && matches!((&case.sent.body, theirs), (Some(said), Some(sent)) if is_same(said, sent, leave))
}

/// Byte by byte; but awkward text in a path is compared decoded: progenitor leaves `+`, `&`, `=` and `'` as they are,
/// ours encodes everything but RFC 3986's unreserved characters. A query is in the description's order, and in that of the names
/// with progenitor, to which a space there is `+`, as in a form; ours is `%20`.
fn compare_targets(
    findings: &mut Findings,
    place: &str,
    case: &Case,
    ours: &Request,
    theirs: &Request,
) {
    let differ = || {
        format!(
            "{place}: {} is not progenitor's {}",
            ours.target, theirs.target
        )
    };
    let (path, query) = ours.path_and_query();
    let (their_path, their_query) = theirs.path_and_query();
    let is_same_query = by_name(query) == by_name(&their_query.replace('+', "%20"));
    if case.name != "awkward" {
        findings.check(path == their_path && is_same_query, differ);
        return;
    }
    findings.check(
        decoded(path) == decoded(their_path) && is_same_query,
        differ,
    );
    let is_strict = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
    findings.check(path.chars().all(is_strict), || {
        format!("{place}: {path} is not encoded")
    });
    for text in case.sent.path.values().filter_map(Value::as_str) {
        let is_there = decoded(path).iter().any(|segment| segment == text);
        findings.check(is_there, || format!("{place}: {path} does not say {text}"));
    }
}

/// The parameters of a query by their names; those of one name stay in order.
fn by_name(query: &str) -> Vec<&str> {
    let mut parameters: Vec<_> = query.split('&').collect();
    parameters.sort_by_key(|parameter| parameter.split('=').next());
    parameters
}

fn decoded(path: &str) -> Vec<String> {
    let segments = path
        .split('/')
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy());
    segments.map(std::borrow::Cow::into_owned).collect()
}

fn body(request: &Request) -> Option<Value> {
    serde_json::from_slice(&request.body).ok()
}
