//! What code stands on that `#[flow]` and `#[task]` write. Nobody else uses it.

pub use schemars;
pub use serde;

/// What a function gives, whatever the type is called.
pub trait Outcome {
    /// The value of a success.
    type Value;
    /// The error of a failure.
    type Error;
}

impl<T, E> Outcome for Result<T, E> {
    type Value = T;
    type Error = E;
}
