//! The limit: one write and as few reads as it takes, on a socket, without a library for HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, ensure};
use prefect_client::models::FlowRunResponse;

use crate::api;

/// A connection of one caller.
pub(crate) struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(url: &str) -> Result<Self> {
        let rest = url.strip_prefix("http://").context("no http URL")?;
        let (host, path) = rest.split_once('/').context("a URL without a path")?;
        let stream =
            TcpStream::connect(host).with_context(|| format!("cannot connect to {host}"))?;
        stream.set_nodelay(true)?;
        let mut request = format!(
            "GET /{path}/flow_runs/{} HTTP/1.1\r\nhost: {host}\r\n",
            api::FLOW_RUN
        );
        for (name, value) in api::HEADERS {
            request.extend([name, ": ", value, "\r\n"]);
        }
        request.push_str("\r\n");
        Ok(Self {
            stream,
            request: request.into_bytes(),
            buffer: vec![0; 16 * 1024],
        })
    }

    pub(crate) fn read_flow_run(&mut self) -> Result<FlowRunResponse> {
        self.stream.write_all(&self.request)?;
        let mut filled = 0;
        loop {
            let room = self.buffer.get_mut(filled..).unwrap_or_default();
            let read = self.stream.read(room)?;
            ensure!(read > 0, "the answer is cut short or too long");
            filled += read;
            let received = self.buffer.get(..filled).unwrap_or_default();
            if let Some(body) = body(received)? {
                return Ok(serde_json::from_slice(body)?);
            }
        }
    }
}

/// The body, once all of it is there.
fn body(received: &[u8]) -> Result<Option<&[u8]>> {
    let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Ok(None);
    };
    let (head, body) = received.split_at(end + 4);
    let head = std::str::from_utf8(head)?;
    ensure!(head.starts_with("HTTP/1.1 200 "), "not a success: {head}");
    let (_, after) = head
        .split_once("content-length: ")
        .context("the answer does not say its length")?;
    let length = after.lines().next().unwrap_or_default().parse()?;
    Ok(body.get(..length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nserver: uvicorn\r\ncontent-length: 4\r\n\r\n";

    #[test]
    fn a_body_is_there_once_all_of_it_is() {
        assert_eq!(body(&HEAD[..30]).unwrap(), None);
        assert_eq!(body(&[HEAD, b"nul"].concat()).unwrap(), None);
        assert_eq!(body(&[HEAD, b"null"].concat()).unwrap(), Some(&b"null"[..]));
        assert!(body(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").is_err());
    }

    #[test]
    fn what_the_server_answers_is_a_flow_run() {
        let run: FlowRunResponse =
            serde_json::from_str(include_str!("../../flow_run.json")).unwrap();
        assert_eq!(run.name.as_deref(), Some("vigilant-otter"));
    }
}
