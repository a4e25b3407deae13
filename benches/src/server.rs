//! A server that takes little time and always the same: it answers every request of a connection in turn, from texts that
//! are there when it starts.
//!
//! `bench-server PROCESSORS` prints its port, and ends when its standard input does.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

/// What Prefect 3.8.8 said about a flow run.
const FLOW_RUN: &str = include_str!("../flow_run.json");
/// How long the answer for [`SLOW_RUN`] takes: long enough that many callers wait for theirs at once.
const SLOW: Duration = Duration::from_secs(1);
/// The id of a flow run that is answered late.
const SLOW_RUN: &str = "00000000-0000-0000-0000-000000000000";

struct Texts {
    flow_run: Vec<u8>,
    version: Vec<u8>,
    missing: Vec<u8>,
}

fn main() -> Result<()> {
    let processors = std::env::args().nth(1);
    prefect_benches::keep_to(&processors.context("no PROCESSORS")?)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen")?;
    println!("{}", listener.local_addr()?.port());
    let texts = Arc::new(Texts {
        flow_run: answer("200 OK", FLOW_RUN),
        version: answer("200 OK", "\"3.8.8\""),
        missing: answer("404 Not Found", r#"{"detail":"Not Found"}"#),
    });
    thread::spawn(move || accept(&listener, &texts));
    io::copy(&mut io::stdin(), &mut io::sink()).context("cannot wait for the end of the input")?;
    Ok(())
}

fn accept(listener: &TcpListener, texts: &Arc<Texts>) {
    let open = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming().flatten() {
        let (texts, open) = (Arc::clone(texts), Arc::clone(&open));
        open.fetch_add(1, Ordering::SeqCst);
        thread::spawn(move || {
            // A client that goes away in the middle is no matter of this server.
            let _ = serve(stream, &texts, &open);
            open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

fn serve(stream: TcpStream, texts: &Texts, open: &AtomicUsize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let (mut target, mut line) = (String::new(), String::new());
    while read_request(&mut reader, &mut target, &mut line)? {
        if target == "/connections" {
            writer.write_all(&answer("200 OK", &open.load(Ordering::SeqCst).to_string()))?;
            continue;
        }
        if target.ends_with(SLOW_RUN) {
            thread::sleep(SLOW);
        }
        writer.write_all(texts.of(&target))?;
    }
    Ok(())
}

impl Texts {
    fn of(&self, target: &str) -> &[u8] {
        if target.starts_with("/api/flow_runs/") {
            &self.flow_run
        } else if target == "/api/admin/version" {
            &self.version
        } else {
            &self.missing
        }
    }
}

/// Reads a request to its end and keeps its target; false at the end of the connection.
fn read_request(
    reader: &mut impl BufRead,
    target: &mut String,
    line: &mut String,
) -> io::Result<bool> {
    line.clear();
    if reader.read_line(line)? == 0 {
        return Ok(false);
    }
    target.clear();
    target.push_str(line.split(' ').nth(1).unwrap_or_default());
    let mut body = 0;
    loop {
        line.clear();
        if reader.read_line(line)? <= 2 {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            body = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    io::copy(&mut reader.take(body), &mut io::sink())?;
    Ok(true)
}

/// An answer with the headers that uvicorn sends.
fn answer(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ndate: Tue, 24 Nov 2026 12:00:00 GMT\r\nserver: uvicorn\r\n\
         content-length: {length}\r\ncontent-type: application/json\r\n\r\n{body}"
    )
    .into_bytes()
}
