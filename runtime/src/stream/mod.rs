//! Answers that come piece by piece, such as events of the server or a log: each item is there as soon as its piece is.

#[cfg(feature = "async")]
mod asynchronous;
#[cfg(feature = "blocking")]
mod blocking;
mod pieces;

#[cfg(feature = "async")]
pub use asynchronous::Stream as AsyncStream;
#[cfg(feature = "blocking")]
pub use blocking::Stream;
pub use pieces::PieceEnd;

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use crate::call::{Answer, Error, Operation, Progress, Reader, TransportError, TransportErrorKind};
use crate::model::Kept;
use pieces::Pieces;

/// How a stream goes on.
#[derive(Debug)]
pub(crate) struct Course {
    /// Where it comes from: scheme, host and port.
    pub(crate) origin: String,
    /// How long nothing may come.
    pub(crate) idle: Option<Duration>,
}

/// What has come and was not taken yet: the same for both faces.
struct Items<T> {
    operation: &'static Operation,
    course: Course,
    reader: Reader<Vec<T>>,
    /// The answer without its body.
    head: Answer,
    pieces: Pieces,
    /// What stays from one event to the next, where pieces are events.
    kept: Option<Kept>,
    came: VecDeque<T>,
    /// Why nothing follows what has come.
    error: Option<Error>,
}

impl<T> Items<T> {
    /// `answer` has what has come of the body. One that is no success is an error.
    fn begin(
        operation: &'static Operation,
        reader: Reader<Vec<T>>,
        (answer, course): (Answer, Course),
        end: PieceEnd,
        most: u64,
    ) -> Result<Self, Error> {
        if !answer.status().is_success() {
            reader.read(answer.clone())?;
        }
        let (head, first) = answer.into_head();
        let mut items = Self {
            operation,
            course,
            reader,
            pieces: Pieces::new(end.of(&head), most),
            kept: (end == PieceEnd::Event).then(Kept::default),
            head,
            came: VecDeque::new(),
            error: None,
        };
        items.feed(&first);
        Ok(items)
    }

    /// What can be had at once.
    fn ready(&mut self) -> Option<Result<T, Error>> {
        let item = self.came.pop_front().map(Ok);
        item.or_else(|| self.error.take().map(Err))
    }

    /// Takes what has come. The pieces that it ends are items. The result is whether more may follow.
    fn feed(&mut self, bytes: &[u8]) -> bool {
        match self.pieces.take(bytes) {
            Ok(whole) => whole.into_iter().all(|piece| self.read(piece)),
            Err(most) => self.fail(TransportError::body_too_large(most)),
        }
    }

    /// The answer is over, and so is its last piece.
    fn end(&mut self) {
        if let Some(rest) = self.pieces.rest() {
            self.read(rest);
        }
    }

    /// Ends with an error, behind what has come.
    fn fail(&mut self, error: TransportError) -> bool {
        self.error = Some(self.broken_off(error));
        false
    }

    fn read(&mut self, piece: Vec<u8>) -> bool {
        let (status, headers) = (self.head.status(), self.head.headers().clone());
        let piece = match &mut self.kept {
            Some(kept) => kept.before(piece),
            None => piece,
        };
        match self.reader.read(Answer::new(status, headers, piece)) {
            Ok(items) => self.came.extend(items),
            Err(error) => self.error = Some(error),
        }
        self.error.is_none()
    }

    /// When the next chunk must be there.
    fn deadline(&self) -> Option<Instant> {
        let idle = self.course.idle?;
        Instant::now().checked_add(idle)
    }

    /// The answer broke off: the request was executed, and what follows is not known.
    fn broken_off(&self, error: TransportError) -> Error {
        let is_over_time = error.kind() == TransportErrorKind::Timeout;
        let silence = self.course.idle.filter(|_| is_over_time);
        let note = silence.map(|idle| {
            format!("nothing came for {idle:?}, which a stream may be silent for (`timeout`, `attempt_timeout`)")
        });
        let origin = self.course.origin.clone();
        let progress = Progress::MayBeExecuted;
        Error::transport(self.operation, error, Some(origin), progress).noted(note)
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("operation", &self.operation.name())
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

/// An answer whose status and headers are there, and what is to come of its body.
pub struct Opened<B: ?Sized> {
    /// With what has come of the body.
    pub answer: Answer,
    /// Where more may come.
    pub rest: Option<Box<B>>,
}

impl<B: ?Sized> From<Answer> for Opened<B> {
    fn from(answer: Answer) -> Self {
        Self { answer, rest: None }
    }
}

/// Without the body: it may hold secrets.
impl<B: ?Sized> fmt::Debug for Opened<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("answer", &self.answer)
            .field("goes_on", &self.rest.is_some())
            .finish()
    }
}
