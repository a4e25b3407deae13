//! Where errors come from: what the client says, and errors of other crates.

use std::error::Error as StdError;

use super::{Error, Inner, Kind};

/// Where an error comes from.
pub(crate) enum Cause {
    Api(prefect_client::Error),
    Other(Box<dyn StdError + Send + Sync>),
}

impl From<prefect_client::Error> for Cause {
    fn from(error: prefect_client::Error) -> Self {
        Self::Api(error)
    }
}

/// The same, of another kind.
impl From<Error> for Cause {
    fn from(error: Error) -> Self {
        match *error.0 {
            Inner {
                kind: Kind::Api,
                cause: Some(cause),
                ..
            } => cause,
            other => Self::Other(Box::new(Error(Box::new(other)))),
        }
    }
}

/// Errors of other crates.
macro_rules! causes {
    ($($(#[$condition:meta])? $error:ty),* $(,)?) => {$(
        $(#[$condition])?
        impl From<$error> for Cause {
            fn from(error: $error) -> Self {
                Self::Other(Box::new(error))
            }
        }
    )*};
}

causes! {
    prefect_client::json::WriteError,
    serde_json::Error,
    std::io::Error,
    #[cfg(feature = "results")]
    crate::states::StateException,
    #[cfg(feature = "pickle")]
    crate::results::PickleError,
    #[cfg(feature = "async")]
    tokio::runtime::TryCurrentError,
    #[cfg(feature = "async")]
    tokio::task::JoinError,
}
