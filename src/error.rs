//! What only Prefect's server means by its errors.

use diptych_runtime::Error;
use diptych_runtime::http::StatusCode;

use crate::operations;

/// Questions to an [`Error`] that only Prefect's server gives an answer to.
pub trait ErrorExt: sealed::Sealed {
    /// Whether what was to be made is there already: Prefect's server answers 409 then.
    fn is_already_exists(&self) -> bool;
}

impl ErrorExt for Error {
    fn is_already_exists(&self) -> bool {
        // A schema that is there is answered like a new one; its 409 says that its type is missing.
        let is_made = self.operation() != Some(operations::CREATE_BLOCK_SCHEMA.name());
        is_made && self.status() == Some(StatusCode::CONFLICT)
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for diptych_runtime::Error {}
}

#[cfg(test)]
mod tests {
    use diptych_runtime::http::HeaderMap;
    use diptych_runtime::{Answer, Operation};

    use super::*;

    #[test]
    fn what_is_there_already_is_a_conflict_but_for_a_missing_type() {
        let error = |operation: &'static Operation, status| {
            Error::from_answer(operation, Answer::new(status, HeaderMap::new(), ""))
        };
        let conflict = StatusCode::CONFLICT;
        assert!(error(&operations::CREATE_VARIABLE, conflict).is_already_exists());
        assert!(!error(&operations::CREATE_VARIABLE, StatusCode::NOT_FOUND).is_already_exists());
        let schema = error(&operations::CREATE_BLOCK_SCHEMA, conflict);
        assert!(schema.is_conflict() && !schema.is_already_exists());
    }
}
