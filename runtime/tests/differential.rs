//! A thousand answers, as servers of several makes gave them and with one thing or another wrong: our HTTP/1.1 and hyper
//! read them alike. `answers/` has what uvicorn, nginx, Python's http.server and tinyproxy sent, byte for byte.
#![cfg(all(feature = "blocking", feature = "async"))]

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use diptych_runtime::asynchronous::{ReqwestTransport, Transport as _};
use diptych_runtime::blocking::{HttpTransport, Transport as _};
use diptych_runtime::{Answer, Bytes, Config, TransportError};

const ANSWERS: usize = 1000;

/// Answers of more kinds, as servers write them.
const WRITTEN: [&str; 7] = [
    // uvicorn
    "HTTP/1.1 200 OK\r\ndate: Wed, 25 Nov 2026 20:00:00 GMT\r\nserver: uvicorn\r\ncontent-length: 7\r\ncontent-type: application/json\r\n\r\n\"3.8.8\"",
    // uvicorn, streaming
    "HTTP/1.1 200 OK\r\ndate: Wed, 25 Nov 2026 20:00:00 GMT\r\nserver: uvicorn\r\ncontent-type: text/csv; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n5\r\na,b\r\n\r\n6\r\n1,\"2\"\n\r\n0\r\n\r\n",
    // uvicorn, to what changes nothing
    "HTTP/1.1 204 No Content\r\ndate: Wed, 25 Nov 2026 20:00:00 GMT\r\nserver: uvicorn\r\n\r\n",
    // nginx
    "HTTP/1.1 502 Bad Gateway\r\nServer: nginx/1.26.3\r\nDate: Wed, 25 Nov 2026 20:00:00 GMT\r\nContent-Type: text/html\r\nContent-Length: 23\r\nConnection: keep-alive\r\n\r\n<h1>502 Bad Gateway</h1",
    // Python's http.server
    "HTTP/1.0 200 OK\r\nServer: SimpleHTTP/0.6 Python/3.13.5\r\nDate: Wed, 25 Nov 2026 20:00:00 GMT\r\nContent-type: text/html\r\nContent-Length: 6\r\nLast-Modified: Wed, 25 Nov 2026 20:00:00 GMT\r\n\r\n<html>",
    // an old one, whose connection's end is the body's
    "HTTP/1.0 200 OK\r\nServer: BaseHTTP/0.6\r\n\r\nuntil the end",
    // hyper, after what it has to say first, and with trailers
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n10;name=\"v\"\r\n0123456789abcdef\r\n0\r\nx-sum: 7\r\n\r\n",
];

/// What was recorded, and what was written, always in the same order.
fn answers() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers");
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let recorded = files.iter().map(|file| fs::read(file).unwrap());
    let written = WRITTEN.iter().map(|answer| answer.as_bytes().to_vec());
    recorded.chain(written).collect()
}

/// What is put into an answer, so that more than single bytes are wrong.
const PIECES: [&str; 24] = [
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    " ",
    "\t",
    ":",
    ",",
    ";",
    "0",
    "f",
    "-1",
    "99999999999999999999",
    "\r\ncontent-length: 3",
    "\r\ncontent-length: 7, 7",
    "\r\nContent-Length: x",
    "\r\ntransfer-encoding: chunked",
    "\r\ntransfer-encoding: gzip",
    "\r\nconnection: close",
    "\r\n folded",
    "HTTP/1.1 100 \r\n\r\n",
    "HTTP/1.1 101 Up\r\n\r\n",
    "\0",
    "\u{e9}",
];

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % limit.max(1)
    }
}

/// An answer with up to three things changed.
fn changed(numbers: &mut Numbers, answers: &[Vec<u8>]) -> Vec<u8> {
    let mut answer = answers[numbers.below(answers.len())].clone();
    for _ in 0..numbers.below(4) {
        let at = numbers.below(answer.len());
        let length = numbers.below(answer.len() - at).min(12);
        match numbers.below(6) {
            0 => answer.truncate(at),
            1 => drop(answer.drain(at..at + length)),
            2 => {
                let again = answer[at..at + length].to_vec();
                answer.splice(at..at, again);
            }
            3 => {
                if let Some(byte) = answer.get_mut(at) {
                    *byte ^= 1 << numbers.below(8);
                }
            }
            _ => {
                let piece = PIECES[numbers.below(PIECES.len())];
                answer.splice(at..at, piece.bytes());
            }
        }
    }
    answer
}

/// A server that gives each connection the answer that it is told, and then closes it.
fn server() -> (String, Sender<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || serve(&listener, &told));
    (url, tell)
}

fn serve(listener: &TcpListener, told: &Receiver<Vec<u8>>) {
    for stream in listener.incoming().flatten() {
        let Ok(answer) = told.recv() else { return };
        // A client that has heard enough may be gone.
        let _ = reply(stream, &answer);
    }
}

fn reply(mut stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let (mut request, mut buffer) = (Vec::new(), [0; 1024]);
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            read => request.extend_from_slice(&buffer[..read]),
        }
    }
    stream.write_all(answer)
}

/// What was read, in words.
fn said(outcome: Result<Answer, TransportError>) -> String {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(error) => return format!("{:?}", error.kind()),
    };
    let mut said = format!("{} {:?}", answer.status(), answer.body().escape_ascii());
    let mut headers: Vec<_> = answer.headers().iter().collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in headers {
        write!(said, " {name}={:?}", value.as_bytes().escape_ascii()).unwrap();
    }
    said
}

#[test]
fn a_thousand_answers_are_read_as_hyper_reads_them() {
    let (url, tell) = server();
    let request = || {
        http::Request::builder()
            .uri(&url)
            .body(Bytes::new())
            .unwrap()
    };
    // No connection is kept: the next answer is for the next connection.
    let config = Config::new(&url)
        .unwrap()
        .no_proxy()
        .max_idle_connections(0);
    let ours = HttpTransport::new(&config).unwrap();
    let hypers = ReqwestTransport::new(&config).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut numbers, mut whole) = (Numbers(0x9e37_79b9_7f4a_7c15), 0);
    let answers = answers();
    let changed = std::iter::repeat_with(|| changed(&mut numbers, &answers));
    for answer in answers.iter().cloned().chain(changed).take(ANSWERS) {
        let deadline = Some(Instant::now() + Duration::from_mins(1));
        tell.send(answer.clone()).unwrap();
        let mine = said(ours.send(request(), deadline));
        tell.send(answer.clone()).unwrap();
        let theirs = said(runtime.block_on(hypers.send(request(), deadline)));
        assert_eq!(mine, theirs, "\"{}\"", answer.escape_ascii());
        whole += usize::from(mine != "Interrupted");
    }
    assert!(
        (ANSWERS / 4..ANSWERS).contains(&whole),
        "{whole} are whole: too few or too many to say much"
    );
}
