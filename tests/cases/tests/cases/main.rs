//! What goes over the wire, and what is read from it, is what the specification asks for: in both faces, against a
//! server that keeps what it is sent. The first two letters of some tests name the public report that they stand for.

mod access;
mod alike;
mod answer_headers;
mod answer_kinds;
mod answers;
mod asked;
mod bodies;
mod body_kinds;
mod constants;
mod deep;
mod every_schema;
mod families;
mod form_answers;
mod form_entries;
mod form_files;
mod generic;
mod headed_parts;
mod kinds_of_events;
mod left_open;
mod loose;
mod methods;
mod multipart;
mod named_branches;
mod names;
mod narrowed;
mod null_bodies;
mod numbers;
mod open_files;
mod own_tags;
mod parameters;
mod parts;
mod placed;
mod plain_values;
mod published;
mod references;
mod said;
mod schemas;
mod shared_properties;
mod shop;
mod streams;
mod times;
mod together;
mod unions_together;
mod written;

use diptych_runtime::Config;
use test_server::{Answer, Door, Request, Server};

/// Makes one call in each face. The two must send the same and give the same; the result is that of the blocking one.
macro_rules! both {
    ($api:ident, $reply:expr, $client:ident => $call:expr) => {{
        let reply = $reply;
        let (blocking, sent) = {
            let (server, config) = crate::server(&reply);
            let $client = diptych_cases::$api::Client::from_config(config).unwrap();
            let got = $call;
            (got, crate::plain(server.take()))
        };
        let (asynchronous, also_sent) = crate::on_tokio(async {
            let (server, config) = crate::server(&reply);
            let $client = diptych_cases::$api::AsyncClient::from_config(config).unwrap();
            let got = $call.await;
            (got, crate::plain(server.take()))
        });
        assert_eq!(sent, also_sent, "the faces differ in what they send");
        match (&blocking, &asynchronous) {
            (Ok(one), Ok(other)) => assert_eq!(one, other),
            (Err(one), Err(other)) => assert_eq!(crate::said(one), crate::said(other)),
            (one, other) => panic!("the faces differ: {one:?}, {other:?}"),
        }
        (blocking, sent)
    }};
}
use both;

/// What an error says, without the port of the server.
fn said(error: &diptych_runtime::Error) -> String {
    let text = error.to_string();
    let Some((before, after)) = text.split_once("127.0.0.1:") else {
        return text;
    };
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}127.0.0.1{after}")
}

fn server(reply: &Answer) -> (Server, Config) {
    let server = Server::start(Door::Open, [reply.clone().into()]).unwrap();
    let config = Config::new(&server.url()).unwrap();
    (server, config)
}

fn on_tokio<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// Without what every server has of its own.
fn plain(mut recorded: Vec<Request>) -> Vec<Request> {
    for one in &mut recorded {
        one.headers.retain(|(name, _)| name != "host");
        name_boundary(one);
    }
    recorded
}

/// The boundary of a form is another one each time, and none of a request's length.
fn name_boundary(one: &mut Request) {
    let media_type = one.header("content-type").unwrap_or_default();
    let Some((start, boundary)) = media_type.split_once("boundary=") else {
        return;
    };
    let (start, boundary) = (format!("{start}boundary="), boundary.to_owned());
    assert!(boundary.len() >= 32, "{boundary}");
    for (name, value) in &mut one.headers {
        if name == "content-type" {
            *value = format!("{start}B");
        }
    }
    let mut body = Vec::new();
    let mut rest = one.body.as_slice();
    while let Some((first, others)) = rest.split_first() {
        if rest.starts_with(boundary.as_bytes()) {
            body.push(b'B');
            rest = &rest[boundary.len()..];
        } else {
            body.push(*first);
            rest = others;
        }
    }
    one.body = body;
}

fn json(status: u16, body: &str) -> Answer {
    Answer::json(status, body)
}

fn reply(status: u16, content_type: &str, body: &str) -> Answer {
    Answer::new(status, content_type, body)
}

fn nothing() -> Answer {
    json(204, "")
}

/// The target of the only request, without the path of the base URL.
fn target(sent: &[Request]) -> &str {
    let [only] = sent else {
        panic!("not one request: {sent:?}");
    };
    only.target.strip_prefix("/api").unwrap()
}

fn header<'s>(sent: &'s [Request], name: &str) -> Option<&'s str> {
    sent[0].header(name)
}

/// The body of the only request.
fn body(sent: &[Request]) -> &str {
    let [only] = sent else {
        panic!("not one request: {sent:?}");
    };
    std::str::from_utf8(&only.body).unwrap()
}

/// The parts of a form, each from its name on, in the order of these.
fn parts_of(sent: &[Request]) -> Vec<String> {
    let text = body(sent).strip_suffix("--B--\r\n").unwrap();
    let head = "content-disposition: form-data; name=";
    let parts = text.split("--B\r\n").skip(1);
    let mut parts: Vec<String> = parts
        .map(|part| part.strip_prefix(head).unwrap().trim_end().to_owned())
        .collect();
    parts.sort();
    parts
}
