//! The double's other half: it takes events and logs by request, as the server does, and names those that it can't read.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Manner, Seen};

/// Answers the requests of one connection, until it is cut or closed.
pub(super) fn serve(stream: &TcpStream, manner: &Manner, seen: &Seen) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = Request::read(&mut reader)? {
        if seen.is_over.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (status, body) = answer(&request, manner, seen);
        if status == 0 {
            return Ok(());
        }
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\ncontent-type: application/json\r\n\r\n{body}",
            body.len()
        )?;
    }
    Ok(())
}

struct Request {
    line: String,
    authorization: Option<String>,
    body: Vec<u8>,
}

impl Request {
    /// `None` where the connection is closed.
    fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let (mut length, mut authorization) = (0, None);
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let Some((name, value)) = header.trim().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().expect("a length"),
                "authorization" => authorization = Some(value.to_owned()),
                "transfer-encoding" => panic!("the double does not read chunks"),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(Some(Self {
            line,
            authorization,
            body,
        }))
    }
}

/// The status, and the body. 0: the connection is cut instead.
fn answer(request: &Request, manner: &Manner, seen: &Seen) -> (u16, String) {
    let who = request.authorization.clone();
    if manner
        .authorization
        .is_some_and(|expected| who.as_deref() != Some(expected))
    {
        seen.requests.fetch_add(1, Ordering::Relaxed);
        return (
            401,
            json!({"exception_message": "Unauthorized"}).to_string(),
        );
    }
    let mut words = request.line.split(' ');
    match (words.next(), words.next()) {
        (Some("POST"), Some("/api/events")) => take(request, manner, seen, 204),
        (Some("POST"), Some("/api/logs/")) => take(request, manner, seen, 201),
        (Some("GET"), Some("/api/admin/version")) => {
            (200, json!(prefect_client::PREFECT_VERSION).to_string())
        }
        (Some("POST"), Some(path)) if path.ends_with("/filter") && manner.drops_at_filter => {
            let problem = json!({"loc": ["body", "since"], "msg": "Unable to parse string"});
            (422, json!({"exception_detail": [problem]}).to_string())
        }
        _ => (404, r#"{"detail": "Not Found"}"#.to_owned()),
    }
}

fn take(request: &Request, manner: &Manner, seen: &Seen, status: u16) -> (u16, String) {
    let number = seen.requests.fetch_add(1, Ordering::Relaxed);
    let items: Vec<Value> = serde_json::from_slice(&request.body).expect("a list");
    let is_cut = manner
        .cuts_request
        .is_some_and(|each| number % each == each - 1);
    // Some are cut before they are taken, and some after.
    if is_cut && number.is_multiple_of(2) {
        return (0, String::new());
    }
    if items.iter().any(|item| says(item, "breaks the server")) {
        return (
            500,
            json!({"exception_message": "Internal Server Error"}).to_string(),
        );
    }
    let unfit: Vec<Value> = items.iter().enumerate().filter_map(problem).collect();
    if !unfit.is_empty() && manner.unfit_is_unclear {
        return (422, "no JSON".to_owned());
    }
    if !unfit.is_empty() {
        let answer = json!({
            "exception_message": "Invalid request received.",
            "exception_detail": unfit,
            "request_body": items,
        });
        return (422, answer.to_string());
    }
    let mut events = seen.events.lock().unwrap();
    let mut logs = seen.logs.lock().unwrap();
    for item in items {
        match serde_json::from_value::<Uuid>(item["id"].clone()) {
            Ok(id) => *events.entry(id).or_default() += 1,
            Err(_) => logs.push(item),
        }
    }
    if is_cut {
        (0, String::new())
    } else {
        (status, String::new())
    }
}

fn problem((place, item): (usize, &Value)) -> Option<Value> {
    let time = if item["occurred"].is_null() {
        "timestamp"
    } else {
        "occurred"
    };
    let is_unfit = item[time].as_str().is_none_or(|text| text.starts_with('+'));
    is_unfit.then(|| {
        json!({"type": "value_error", "loc": ["body", place, time], "msg": "Unable to parse string", "input": item})
    })
}

fn says(item: &Value, text: &str) -> bool {
    item["event"] == text || item["message"] == text
}
