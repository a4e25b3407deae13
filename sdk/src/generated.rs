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

/// What is only there where the async face is.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_async {
    ($($item:tt)*) => { $($item)* };
}

/// What is only there where the async face is.
#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_async {
    ($($item:tt)*) => {};
}

pub use __if_async as if_async;

/// Parameters of a task that can be submitted to the background. The lifetime is anything: that a bound speaks of one is what lets it
/// stand where it does not hold.
pub trait Delayed<'any>: serde::Serialize + Sync {}

impl<T: serde::Serialize + Sync> Delayed<'_> for T {}

/// Parameters of a task that a worker can read.
pub trait Served<'any>:
    serde::Serialize + serde::de::DeserializeOwned + Clone + Send + Sync + 'static
{
}

impl<T> Served<'_> for T where
    T: serde::Serialize + serde::de::DeserializeOwned + Clone + Send + Sync + 'static
{
}
