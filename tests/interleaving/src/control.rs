//! In the place of the SDK's.

/// What whoever started the process is told of its run.
#[derive(Clone, Debug)]
pub(crate) struct Receipt;
