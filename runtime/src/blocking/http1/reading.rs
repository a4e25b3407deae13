//! Reading an answer: heads, of which the informational ones are passed over, then the body.

use bytes::Bytes;
use http::StatusCode;

use super::body::Body;
use super::head::{self, Head};
use super::{MAX_HEAD, Unreadable};
use crate::call::Answer;

/// An answer that is being read.
pub(in crate::blocking) struct Reading {
    asks_for_head: bool,
    max_body: u64,
    /// The bytes of the heads so far.
    heads: usize,
    /// The bytes of the present head that are known not to be all of it.
    looked_at: usize,
    begun: Option<Begun>,
}

/// An answer whose head is there.
struct Begun {
    status: StatusCode,
    head: Bytes,
    keeps_alive: bool,
    body: Body,
}

/// An answer that is there.
pub(in crate::blocking) struct Whole {
    pub(in crate::blocking) answer: Answer,
    /// Whether the server takes another request on this connection.
    pub(in crate::blocking) keeps_alive: bool,
}

impl Reading {
    /// Begins to read the answer to a request. `asks_for_head`: with `HEAD`, so that no body follows.
    pub(in crate::blocking) fn new(asks_for_head: bool, max_body: u64) -> Self {
        Self {
            asks_for_head,
            max_body,
            heads: 0,
            looked_at: 0,
            begun: None,
        }
    }

    /// Takes bytes of the answer, and says how many of them it is done with; the others must come again, with more behind
    /// them. With the last ones the answer is whole.
    pub(in crate::blocking) fn take(
        &mut self,
        bytes: &[u8],
    ) -> Result<(usize, Option<Whole>), Unreadable> {
        let mut used = 0;
        if self.begun.is_none() {
            used = self.take_heads(bytes)?;
        }
        let Some(begun) = &mut self.begun else {
            return Ok((used, None));
        };
        used += begun.body.take(bytes.get(used..).unwrap_or_default())?;
        let is_over = begun.body.is_over();
        let whole = if is_over { self.begun.take() } else { None };
        Ok((used, whole.map(Begun::finish)))
    }

    /// The status, once it is there.
    pub(in crate::blocking) fn status(&self) -> Option<StatusCode> {
        self.begun.as_ref().map(|begun| begun.status)
    }

    /// The answer with what has come of its body, which is taken out; once its head is there.
    pub(in crate::blocking) fn opened(&mut self) -> Option<Answer> {
        let begun = self.begun.as_mut()?;
        let body = begun.body.take_bytes();
        Some(answer(begun.status, begun.head.clone(), body))
    }

    /// How much of the body has come.
    pub(in crate::blocking) fn length(&self) -> usize {
        self.begun.as_ref().map_or(0, |begun| begun.body.length())
    }

    /// Takes out what has come of the body.
    pub(in crate::blocking) fn take_body(&mut self) -> Vec<u8> {
        let begun = self.begun.as_mut();
        begun
            .map(|begun| begun.body.take_bytes())
            .unwrap_or_default()
    }

    /// The connection has ended.
    pub(in crate::blocking) fn end(&mut self) -> Result<Whole, Unreadable> {
        match self.begun.take() {
            Some(begun) if begun.body.ends_with_connection() => Ok(begun.finish()),
            _ => Err(Unreadable::CutShort),
        }
    }

    fn take_heads(&mut self, bytes: &[u8]) -> Result<usize, Unreadable> {
        let mut used = 0;
        while self.begun.is_none() {
            let rest = bytes.get(used..).unwrap_or_default();
            let Some((length, head)) = self.parse(rest)? else {
                return Ok(used);
            };
            used += length;
            self.heads += length;
            self.looked_at = 0;
            let is_final =
                !head.status.is_informational() || head.status == StatusCode::SWITCHING_PROTOCOLS;
            if is_final {
                self.begin(head)?;
            }
        }
        Ok(used)
    }

    /// Looks at a head again only where a line of it has ended since.
    fn parse(&mut self, bytes: &[u8]) -> Result<Option<(usize, Head)>, Unreadable> {
        let new = bytes.get(self.looked_at..).unwrap_or_default();
        let parsed = if self.looked_at == 0 || new.contains(&b'\n') {
            head::parse(bytes, self.asks_for_head)?
        } else {
            None
        };
        self.looked_at = bytes.len();
        let length = parsed.as_ref().map_or(bytes.len(), |(length, _)| *length);
        if self.heads + length >= MAX_HEAD {
            return Err(Unreadable::HeadTooLarge);
        }
        Ok(parsed)
    }

    fn begin(&mut self, head: Head) -> Result<(), Unreadable> {
        self.begun = Some(Begun {
            status: head.status,
            head: head.bytes,
            keeps_alive: head.keeps_alive,
            body: Body::begin(head.framing, self.max_body)?,
        });
        Ok(())
    }
}

impl Begun {
    fn finish(self) -> Whole {
        Whole {
            answer: answer(self.status, self.head, self.body.into_bytes()),
            keeps_alive: self.keeps_alive,
        }
    }
}

fn answer(status: StatusCode, head: Bytes, body: Vec<u8>) -> Answer {
    Answer::with_head(status, head, head::headers, body)
}
