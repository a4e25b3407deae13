//! One connection, on which requests are answered one after another.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};

use super::http1::{Length, MAX_HEAD, Reading, Target, Unreadable, Whole, write_head};
use super::stream::Stream;
use crate::model::Upload;

/// Up to here, a body is copied behind its head, so that both are one write.
const SMALL_BODY: usize = 16 * 1024;

/// A connection and its buffers.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    input: Box<[u8]>,
    output: Vec<u8>,
}

/// How a request goes over a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditions<'a> {
    pub(super) target: Target,
    /// A header for the proxy, which is not the request's own.
    pub(super) extra: Option<(&'a HeaderName, &'a HeaderValue)>,
    pub(super) deadline: Option<Instant>,
    pub(super) max_body: u64,
}

/// Why no answer came.
#[derive(Debug)]
pub(super) enum Broken {
    Io(io::Error),
    Answer(Unreadable),
    /// The request's body could not be read.
    Body(io::Error),
}

/// An answer that is being read.
pub(super) struct Underway {
    pub(super) reading: Reading,
    /// How many bytes of the input are not used yet.
    filled: usize,
}

impl Underway {
    fn new(asks_for_head: bool, max_body: u64) -> Self {
        Self {
            reading: Reading::new(asks_for_head, max_body),
            filled: 0,
        }
    }
}

/// What comes of a body.
pub(super) enum Next {
    Chunk(Bytes),
    Last(Bytes),
}

impl Connection {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            // No head is as large, so that there is always room behind what could not be read yet.
            input: vec![0; MAX_HEAD].into_boxed_slice(),
            output: Vec::new(),
        }
    }

    /// Whether the server has neither closed the connection nor said anything unasked.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.stream.is_quiet()
    }

    /// Sends a request and reads its answer. After an error the connection is of no use.
    pub(super) fn exchange(
        &mut self,
        request: &http::Request<Bytes>,
        conditions: &Conditions<'_>,
    ) -> Result<Whole, Broken> {
        self.stream.set_deadline(conditions.deadline);
        let sent = self.send(request, conditions);
        self.answered(sent, *request.method() == Method::HEAD, conditions)
    }

    /// As [`exchange`](Self::exchange), with a body that is read while it is sent.
    pub(super) fn upload(
        &mut self,
        request: &http::Request<Upload>,
        conditions: &Conditions<'_>,
    ) -> Result<Whole, Broken> {
        let mut chunks = request.body().begin().map_err(Broken::Body)?;
        let length = request.body().length();
        let length = length.map_or(Length::Chunked, Length::Bytes);
        self.stream.set_deadline(conditions.deadline);
        self.output.clear();
        write_head(
            &mut self.output,
            request,
            length,
            conditions.target,
            conditions.extra,
        );
        let mut sent = self.stream.write_all(&self.output);
        while sent.is_ok()
            && let Some(chunk) = chunks.chunk().map_err(Broken::Body)?
        {
            sent = self.send_chunk(&chunk, length);
        }
        let sent = sent.and_then(|()| {
            if length == Length::Chunked {
                self.stream.write_all(b"0\r\n\r\n")?;
            }
            self.stream.flush()
        });
        self.answered(sent, *request.method() == Method::HEAD, conditions)
    }

    fn send_chunk(&mut self, chunk: &[u8], length: Length) -> io::Result<()> {
        if length != Length::Chunked {
            return self.stream.write_all(chunk);
        }
        self.output.clear();
        self.output
            .extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        self.output.extend_from_slice(chunk);
        self.output.extend_from_slice(b"\r\n");
        self.stream.write_all(&self.output)
    }

    fn answered(
        &mut self,
        sent: io::Result<()>,
        asks_for_head: bool,
        conditions: &Conditions<'_>,
    ) -> Result<Whole, Broken> {
        match sent {
            Ok(()) => self.read(asks_for_head, conditions.max_body),
            // A server that wants no more of it may have said why.
            Err(error) if is_hung_up(&error) => {
                let read = self.read(asks_for_head, conditions.max_body);
                let mut whole = read.map_err(|_| Broken::Io(error))?;
                whole.keeps_alive = false;
                Ok(whole)
            }
            Err(error) => Err(Broken::Io(error)),
        }
    }

    fn send(
        &mut self,
        request: &http::Request<Bytes>,
        conditions: &Conditions<'_>,
    ) -> io::Result<()> {
        self.output.clear();
        write_head(
            &mut self.output,
            request,
            Length::of(request.body()),
            conditions.target,
            conditions.extra,
        );
        let body = request.body();
        if body.len() <= SMALL_BODY {
            self.output.extend_from_slice(body);
            self.stream.write_all(&self.output)?;
        } else {
            self.stream.write_all(&self.output)?;
            self.stream.write_all(body)?;
        }
        self.stream.flush()
    }

    fn read(&mut self, asks_for_head: bool, max_body: u64) -> Result<Whole, Broken> {
        let mut underway = Underway::new(asks_for_head, max_body);
        loop {
            if let Some(whole) = self.read_on(&mut underway)? {
                return Ok(whole);
            }
        }
    }

    /// Sends a request and reads its answer up to its body; an answer that is no success, as far as it goes.
    pub(super) fn open(
        &mut self,
        request: &http::Request<Bytes>,
        conditions: &Conditions<'_>,
    ) -> Result<(Underway, Option<Whole>), Broken> {
        self.stream.set_deadline(conditions.deadline);
        self.send(request, conditions).map_err(Broken::Io)?;
        // The bytes of a stream are counted where its pieces are cut.
        let mut underway = Underway::new(*request.method() == Method::HEAD, u64::MAX);
        let mut length = 0;
        loop {
            let whole = self.read_on(&mut underway)?;
            let (status, body) = match (&whole, underway.reading.status()) {
                (Some(whole), _) => (whole.answer.status(), whole.answer.body().len()),
                (None, Some(status)) => (status, underway.reading.length()),
                (None, None) => continue,
            };
            length = length.max(body);
            if !status.is_success() && length as u64 > conditions.max_body {
                let limit = conditions.max_body;
                return Err(Broken::Answer(Unreadable::BodyTooLarge(limit)));
            }
            if whole.is_some() || status.is_success() {
                return Ok((underway, whole));
            }
        }
    }

    /// What comes next of a body.
    pub(super) fn next_chunk(
        &mut self,
        underway: &mut Underway,
        deadline: Option<Instant>,
    ) -> Result<Next, Broken> {
        self.stream.set_deadline(deadline);
        loop {
            if let Some(whole) = self.read_on(underway)? {
                return Ok(Next::Last(Bytes::copy_from_slice(whole.answer.body())));
            }
            let chunk = underway.reading.take_body();
            if !chunk.is_empty() {
                return Ok(Next::Chunk(chunk.into()));
            }
        }
    }

    /// Reads once. The result is the answer, once it is whole.
    fn read_on(&mut self, underway: &mut Underway) -> Result<Option<Whole>, Broken> {
        let Underway { reading, filled } = underway;
        let read = self.stream.read(&mut self.input[*filled..]);
        let read = read.map_err(Broken::Io)?;
        if read == 0 {
            return reading.end().map(Some).map_err(Broken::Answer);
        }
        *filled += read;
        let (used, whole) = reading
            .take(&self.input[..*filled])
            .map_err(Broken::Answer)?;
        if let Some(mut whole) = whole {
            whole.keeps_alive &= used == *filled;
            return Ok(Some(whole));
        }
        self.input.copy_within(used..*filled, 0);
        *filled -= used;
        Ok(None)
    }
}

fn is_hung_up(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
    )
}
