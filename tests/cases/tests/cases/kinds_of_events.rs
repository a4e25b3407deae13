//! Events of several kinds, each with data of its own.

use diptych_cases::kinds_of_events::models::{JsonAnswer, Thing};

use crate::{both, reply};

fn events(text: &str) -> test_server::Answer {
    reply(200, "text/event-stream", text)
}

#[test]
fn data_that_is_json_is_what_one_of_the_kinds_says() {
    let text = "event: made\ndata: {\"name\":\"a\"}\n\nevent: count\ndata: 2\n\nevent: done\ndata: [DONE]\n\n";
    let (got, _) = both!(kinds_of_events, events(text), client => client.json());
    let got: Vec<JsonAnswer> = got.unwrap().into_iter().map(|event| event.data).collect();
    let [
        JsonAnswer::Thing(Thing { name, .. }),
        JsonAnswer::Integer(2),
    ] = got.as_slice()
    else {
        panic!("{got:?}");
    };
    assert_eq!(name, "a");
}

#[test]
fn data_that_may_be_text_is_text() {
    let text = "event: log\ndata: not JSON\n\nevent: made\ndata: {\"name\":\"a\"}\n\n";
    let (got, _) = both!(kinds_of_events, events(text), client => client.plain());
    let got: Vec<String> = got.unwrap().into_iter().map(|event| event.data).collect();
    assert_eq!(got, ["not JSON", "{\"name\":\"a\"}"]);
    // The example of the specification.
    let text = "event: addString\ndata: This data is formatted\ndata: across two lines\nretry: 5\n\n\
                event: addInt64\ndata: 1234.5678\nunknownField: this is ignored\n\n\
                : This is a comment\nevent: addJSON\ndata: {\"foo\": 42}\n\n";
    let (got, _) = both!(kinds_of_events, events(text), client => client.spec());
    let got: Vec<String> = got.unwrap().into_iter().map(|event| event.data).collect();
    let first = "This data is formatted\nacross two lines";
    assert_eq!(got, [first, "1234.5678", "{\"foo\": 42}"]);
}

#[test]
fn data_of_a_kind_that_is_not_known_yet_is_no_error() {
    let text = "event: made\ndata: {\"name\":\"a\"}\n\nevent: new\ndata: no JSON\n\nevent: count\ndata: 2\n\n";
    let (got, _) = both!(kinds_of_events, events(text), client => client.json());
    let got: Vec<JsonAnswer> = got.unwrap().into_iter().map(|event| event.data).collect();
    assert_eq!(got[1], JsonAnswer::Unknown("no JSON".into()));
    assert_eq!(got[2], JsonAnswer::Integer(2));
    let (server, config) = crate::server(&events(text));
    let client = diptych_cases::kinds_of_events::Client::from_config(config).unwrap();
    let streamed: Vec<JsonAnswer> = client
        .json_stream()
        .unwrap()
        .map(|event| event.unwrap().data)
        .collect();
    assert_eq!(streamed, got);
    drop(server);
}
