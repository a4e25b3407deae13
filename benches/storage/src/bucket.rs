//! A bucket of S3 that keeps nothing: it takes whatever is put, and lists as many small files as it is told. So a client can
//! move trees of any size without a server that grows with them.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use anyhow::{Context, Result};

/// As many of a listing come at once, as with Amazon's.
const PAGE: u32 = 1_000;
const FILES_OF_A_FOLDER: u32 = 100;

/// Serves a bucket of so many files until standard input ends. Prints the port first.
pub(crate) fn serve(files: u32) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port")?;
    println!("{}", listener.local_addr()?.port());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || drop(answer_all(stream, files)));
        }
    });
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

fn answer_all(stream: TcpStream, files: u32) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, target) = (words.next(), words.next());
        let length = body_length(&mut stream)?;
        io::copy(&mut (&mut stream).take(length), &mut io::sink())?;
        let target = target.unwrap_or_default();
        let body = match method.as_deref() {
            Some("GET") if target.contains("list-type=2") => listing(&target, files),
            Some("GET" | "HEAD") => "a".to_owned(),
            _ => String::new(),
        };
        let sent = if method.as_deref() == Some("HEAD") {
            ""
        } else {
            &body
        };
        let length = body.len();
        let answer =
            format!("HTTP/1.1 200 OK\r\netag: \"e\"\r\ncontent-length: {length}\r\n\r\n{sent}");
        stream.get_mut().write_all(answer.as_bytes())?;
    }
}

/// Reads the rest of a head, and says how many bytes follow.
fn body_length(stream: &mut impl BufRead) -> io::Result<u64> {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            return Ok(length);
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
}

/// A page of the files below the prefix that is asked for; its token is the number of its first file.
fn listing(target: &str, files: u32) -> String {
    let value = |name: &str| {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(key, value)| (key == name).then_some(value))
    };
    let prefix = value("prefix").unwrap_or_default().replace("%2F", "/");
    let token = value("continuation-token").and_then(|token| token.parse().ok());
    let first: u32 = token.unwrap_or(0);
    let end = (first + PAGE).min(files);
    let more = if end < files {
        format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{end}</NextContinuationToken>"
        )
    } else {
        "<IsTruncated>false</IsTruncated>".to_owned()
    };
    let file = |number: u32| {
        let key = format!("{prefix}folder-{}/{number}.txt", number / FILES_OF_A_FOLDER);
        format!(
            "<Contents><Key>{key}</Key><LastModified>2026-11-27T00:00:00.000Z</LastModified>\
             <ETag>&quot;e&quot;</ETag><Size>1</Size></Contents>"
        )
    };
    let found: String = (first..end).map(file).collect();
    format!("<ListBucketResult>{more}{found}</ListBucketResult>")
}
