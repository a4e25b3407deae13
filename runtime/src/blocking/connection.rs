//! One connection, on which requests are answered one after another.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::http1::{Length, MAX_HEAD, Reading, Target, Unreadable, Whole, write_head};
use super::stream::Stream;
use crate::model::{Chunks, Upload};

/// Up to here, a body is copied behind its head, so that both are one write.
const SMALL_BODY: usize = 16 * 1024;

/// A connection and its buffers.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    input: Box<[u8]>,
    output: Vec<u8>,
    /// Whether requests were answered before the present one, and whether something has come since that began.
    is_used: bool,
    is_heard: bool,
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
    /// All of it, where it came while the request was still being sent.
    early: Option<Whole>,
}

impl Underway {
    fn new(asks_for_head: bool, max_body: u64) -> Self {
        Self {
            reading: Reading::new(asks_for_head, max_body),
            filled: 0,
            early: None,
        }
    }

    /// The status, as soon as it has come.
    fn status(&self) -> Option<StatusCode> {
        let early = self.early.as_ref().map(|whole| whole.answer.status());
        early.or_else(|| self.reading.status())
    }
}

/// How much of a request was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Whole,
    /// The server refused it meanwhile.
    InPart,
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
            is_used: false,
            is_heard: false,
        }
    }

    /// Whether requests were answered before, and nothing came of an answer to the last one.
    pub(super) fn is_stale(&self) -> bool {
        self.is_used && !self.is_heard
    }

    /// Another request begins.
    fn begin(&mut self, deadline: Option<Instant>) {
        self.is_used |= self.is_heard;
        self.is_heard = false;
        self.stream.set_deadline(deadline);
    }

    /// Whether the server has neither closed the connection nor said anything unasked.
    pub(super) fn is_quiet(&mut self) -> bool {
        // That of the last request may be over.
        self.stream.set_deadline(None);
        !self.stream.has_input()
    }

    /// Sends a request and reads its answer. After an error the connection is of no use.
    pub(super) fn exchange(
        &mut self,
        request: &http::Request<Bytes>,
        conditions: &Conditions<'_>,
    ) -> Result<Whole, Broken> {
        self.begin(conditions.deadline);
        let mut underway = Underway::new(*request.method() == Method::HEAD, conditions.max_body);
        let sent = self.send(request, conditions, &mut underway);
        self.answered(sent, &mut underway)
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
        self.begin(conditions.deadline);
        let mut underway = Underway::new(*request.method() == Method::HEAD, conditions.max_body);
        self.put_head(request, length, conditions);
        let sent = self.send_chunks(&mut chunks, length, &mut underway);
        self.answered(sent, &mut underway)
    }

    fn put_head(
        &mut self,
        request: &http::Request<impl Sized>,
        length: Length,
        conditions: &Conditions<'_>,
    ) {
        self.output.clear();
        let Conditions { target, extra, .. } = *conditions;
        write_head(&mut self.output, request, length, target, extra);
    }

    /// Sends what is to go out, and the chunks behind it.
    fn send_chunks(
        &mut self,
        chunks: &mut Chunks,
        length: Length,
        underway: &mut Underway,
    ) -> Result<Sent, Broken> {
        self.stream.write_all(&self.output).map_err(Broken::Io)?;
        let mut sent = Sent::Whole;
        while sent == Sent::Whole
            && let Some(chunk) = chunks.chunk().map_err(Broken::Body)?
        {
            sent = self.send_chunk(&chunk, length, underway)?;
        }
        if length == Length::Chunked && sent == Sent::Whole {
            self.stream.write_all(b"0\r\n\r\n").map_err(Broken::Io)?;
        }
        self.finish(sent)
    }

    fn send_chunk(
        &mut self,
        chunk: &[u8],
        length: Length,
        underway: &mut Underway,
    ) -> Result<Sent, Broken> {
        if length != Length::Chunked {
            return self.send_watching(chunk, underway);
        }
        let mut framed = std::mem::take(&mut self.output);
        framed.clear();
        framed.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        framed.extend_from_slice(chunk);
        framed.extend_from_slice(b"\r\n");
        let sent = self.send_watching(&framed, underway);
        self.output = framed;
        sent
    }

    fn send(
        &mut self,
        request: &http::Request<Bytes>,
        conditions: &Conditions<'_>,
        underway: &mut Underway,
    ) -> Result<Sent, Broken> {
        let body = request.body();
        self.put_head(request, Length::of(body), conditions);
        let mut sent = Sent::Whole;
        if body.len() <= SMALL_BODY {
            self.output.extend_from_slice(body);
            self.stream.write_all(&self.output).map_err(Broken::Io)?;
        } else {
            self.stream.write_all(&self.output).map_err(Broken::Io)?;
            sent = self.send_watching(body, underway)?;
        }
        self.finish(sent)
    }

    /// A server that refuses a request reads no more of it, and to write what is still held would wait for it.
    fn finish(&mut self, sent: Sent) -> Result<Sent, Broken> {
        if sent == Sent::Whole {
            self.stream.flush().map_err(Broken::Io)?;
        }
        Ok(sent)
    }

    /// Sends a part of a body, unless the server refuses it meanwhile. One that does may read no more, so that who only
    /// writes would wait for it as it waits for the other side.
    fn send_watching(&mut self, part: &[u8], underway: &mut Underway) -> Result<Sent, Broken> {
        self.stream.look_up(true);
        let sent = self.send_unless_refused(part, underway);
        self.stream.look_up(false);
        sent
    }

    fn send_unless_refused(
        &mut self,
        mut part: &[u8],
        underway: &mut Underway,
    ) -> Result<Sent, Broken> {
        while !part.is_empty() {
            if self.is_refused(underway)? {
                return Ok(Sent::InPart);
            }
            match self.stream.write(part) {
                Ok(0) => return Err(Broken::Io(ErrorKind::WriteZero.into())),
                Ok(written) => part = part.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(Broken::Io(error)),
            }
        }
        Ok(Sent::Whole)
    }

    /// Whether what has come of an answer by now says that the request is refused. A success may be made from what is still
    /// to be sent.
    fn is_refused(&mut self, underway: &mut Underway) -> Result<bool, Broken> {
        while underway.early.is_none() && self.stream.has_input() {
            underway.early = self.read_on(underway)?;
        }
        Ok(underway.status().is_some_and(|status| !status.is_success()))
    }

    fn answered(
        &mut self,
        sent: Result<Sent, Broken>,
        underway: &mut Underway,
    ) -> Result<Whole, Broken> {
        match sent {
            Ok(sent) => Ok(self.read(underway)?.after(sent)),
            // A server that wants no more of it may have said why.
            Err(Broken::Io(error)) if is_hung_up(&error) => {
                let whole = self.read(underway).map_err(|_| Broken::Io(error))?;
                Ok(whole.after(Sent::InPart))
            }
            Err(broken) => Err(broken),
        }
    }

    fn read(&mut self, underway: &mut Underway) -> Result<Whole, Broken> {
        let mut whole = underway.early.take();
        loop {
            if let Some(whole) = whole {
                return Ok(whole);
            }
            whole = self.read_on(underway)?;
        }
    }

    /// Sends a request and reads its answer up to its body; an answer that is no success, as far as it goes.
    pub(super) fn open(
        &mut self,
        request: &http::Request<Bytes>,
        conditions: &Conditions<'_>,
    ) -> Result<(Underway, Option<Whole>), Broken> {
        self.begin(conditions.deadline);
        // The bytes of a stream are counted where its pieces are cut.
        let mut underway = Underway::new(*request.method() == Method::HEAD, u64::MAX);
        let sent = self.send(request, conditions, &mut underway)?;
        let (mut whole, mut length) = (underway.early.take(), 0);
        loop {
            let begun = match &whole {
                Some(whole) => Some((whole.answer.status(), whole.answer.body().len())),
                None => underway
                    .status()
                    .map(|status| (status, underway.reading.length())),
            };
            if let Some((status, body)) = begun {
                length = length.max(body);
                if !status.is_success() && length as u64 > conditions.max_body {
                    let limit = conditions.max_body;
                    return Err(Broken::Answer(Unreadable::BodyTooLarge(limit)));
                }
                if whole.is_some() || status.is_success() {
                    let whole = whole.map(|whole| whole.after(sent));
                    return Ok((underway, whole));
                }
            }
            whole = self.read_on(&mut underway)?;
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
        let Underway {
            reading, filled, ..
        } = underway;
        let read = self.stream.read(&mut self.input[*filled..]);
        let read = read.map_err(Broken::Io)?;
        if read == 0 {
            return reading.end().map(Some).map_err(Broken::Answer);
        }
        self.is_heard = true;
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

impl Whole {
    /// Behind a request of which not all was sent, nothing else can be.
    fn after(mut self, sent: Sent) -> Self {
        self.keeps_alive &= sent == Sent::Whole;
        self
    }
}

fn is_hung_up(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
    )
}
