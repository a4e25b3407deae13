//! The hinge between what an operation is and how it is sent.

use std::fmt;

use super::answer::Answer;
use super::error::Error;
use super::operation::Operation;
use super::read_error::ReadError;
use super::request::Request;

/// A request that is ready to be sent, and how its answer is read. Nothing happens until a client executes it.
#[must_use = "a call does nothing until a client executes it"]
pub struct Call<T> {
    operation: &'static Operation,
    request: Result<Request, Error>,
    read: fn(&Answer) -> Result<T, ReadError>,
}

impl<T> Call<T> {
    pub(crate) fn new(
        operation: &'static Operation,
        request: Result<Request, Error>,
        read: fn(&Answer) -> Result<T, ReadError>,
    ) -> Self {
        Self {
            operation,
            request,
            read,
        }
    }

    /// The operation.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The request.
    ///
    /// # Errors
    /// An argument cannot be sent.
    pub fn request(&self) -> Result<&Request, &Error> {
        self.request.as_ref()
    }

    /// Reads an answer: any 2xx becomes the value, everything else an error.
    ///
    /// # Errors
    /// The status is not a success, or the body does not have the operation's form.
    pub fn read(&self, answer: Answer) -> Result<T, Error> {
        read_with(self.operation, self.read, answer)
    }

    pub(crate) fn into_request(self) -> Result<Request, Error> {
        self.request
    }

    /// The request, and what is needed to read its answer.
    pub(crate) fn into_parts(self) -> (Result<Request, Error>, Reader<T>) {
        let reader = Reader {
            operation: self.operation,
            read: self.read,
        };
        (self.request, reader)
    }
}

impl Call<Vec<u8>> {
    /// The same call, whose answer is what has come of it at once.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn in_chunks(self) -> Call<Vec<Vec<u8>>> {
        Call::new(self.operation, self.request, |answer| {
            Ok(vec![answer.body().to_vec()])
        })
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation.name())
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

/// The half of a call that stays while its request is sent.
pub(crate) struct Reader<T> {
    operation: &'static Operation,
    read: fn(&Answer) -> Result<T, ReadError>,
}

impl<T> Reader<T> {
    pub(crate) fn read(&self, answer: Answer) -> Result<T, Error> {
        read_with(self.operation, self.read, answer)
    }

    /// The value, and the answer that it was read from.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn read_beside(&self, answer: Answer) -> Result<(T, Answer), Error> {
        let value = self.read(answer.clone())?;
        Ok((value, answer))
    }
}

fn read_with<T>(
    operation: &'static Operation,
    read: fn(&Answer) -> Result<T, ReadError>,
    answer: Answer,
) -> Result<T, Error> {
    let answer = success(operation, answer)?;
    read(&answer).map_err(|error| Error::decode(operation, answer, error))
}

fn success(operation: &'static Operation, answer: Answer) -> Result<Answer, Error> {
    if answer.status().is_success() {
        Ok(answer)
    } else {
        Err(Error::from_answer(operation, answer))
    }
}
