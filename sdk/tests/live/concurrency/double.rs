//! A small server of leases, for what the real one takes a minute to do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How it answers a renewal.
#[derive(Clone, Copy)]
pub(super) enum Renewals {
    Done,
    Gone,
}

/// Grants every lease, after a while.
pub(super) struct Double {
    pub(super) api_url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Double {
    pub(super) fn start(renewals: Renewals, grants_after: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api_url = format!("http://{}/api", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, seen) = (stream.unwrap(), Arc::clone(&seen));
                std::thread::spawn(move || answer(&stream, &seen, renewals, grants_after));
            }
        });
        Self { api_url, asked }
    }

    /// How often a path that ends so was asked for.
    pub(super) fn asked(&self, ending: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|path| path.ends_with(ending)).count()
    }

    pub(super) fn wait_asked(&self, ending: &str, times: usize) {
        let end = Instant::now() + super::limits::LONG;
        while self.asked(ending) < times {
            assert!(
                Instant::now() < end,
                "{ending} was asked for {} times",
                self.asked(ending)
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn answer(stream: &TcpStream, seen: &Mutex<Vec<String>>, renewals: Renewals, wait: Duration) {
    let (mut reader, mut writer) = (BufReader::new(stream), stream);
    while let Some(path) = request(&mut reader) {
        seen.lock().unwrap().push(path.clone());
        let (status, body) = match path.rsplit('/').next().unwrap_or_default() {
            "increment-with-lease" => {
                std::thread::sleep(wait);
                ("200 OK", GRANTED)
            }
            "renew" => match renewals {
                Renewals::Done => ("204 No Content", ""),
                Renewals::Gone => ("410 Gone", "{}"),
            },
            "version" => ("200 OK", "\"3.8.8\""),
            "csrf-token" => ("404 Not Found", "{}"),
            _ => ("204 No Content", ""),
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        if writer
            .write_all(format!("{head}{body}").as_bytes())
            .is_err()
        {
            return;
        }
    }
}

/// The path of the next request, which is read to its end.
fn request(reader: &mut impl BufRead) -> Option<String> {
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    reader.take(length).read_to_end(&mut Vec::new()).ok()?;
    let path = first.split(' ').nth(1)?;
    Some(path.split('?').next()?.to_owned())
}

const GRANTED: &str = r#"{"lease_id": "00000000-0000-0000-0000-000000000001",
    "limits": [{"id": "00000000-0000-0000-0000-000000000002", "name": "double", "limit": 1}]}"#;
