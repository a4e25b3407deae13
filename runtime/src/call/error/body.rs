//! The body of an answer that is no success, as a type.

use serde::de::DeserializeOwned;

use super::Error;
use crate::call::ReadError;
use crate::call::read;

impl Error {
    /// The body of the answer as the type that the description gives to its status: `None` where no answer came. Look at
    /// [`status`](Self::status) first where statuses differ in it.
    ///
    /// # Errors
    /// The body is not JSON, or does not have the form of `T`: a proxy on the way may have answered.
    #[must_use]
    pub fn body_as<T: DeserializeOwned + 'static>(&self) -> Option<Result<T, ReadError>> {
        self.answer().map(read::json)
    }
}
