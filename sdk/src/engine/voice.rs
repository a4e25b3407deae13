//! Who says what the engine says of a flow run.

use tracing::Span;

/// The logs of a run begin with its first attempt, as Python's do: what is said of it before, such as that of the hooks which hear that it
/// is running, is the engine's, and stands in no run's logs.
#[derive(Clone, Debug)]
pub(crate) enum Voice {
    Engine,
    Run(Span),
}

/// Says something at that level, which the logger of that name says of a run.
macro_rules! say {
    ($voice:expr, $level:ident, $logger:literal, $($said:tt)+) => {
        match $voice {
            $crate::engine::voice::Voice::Engine => {
                tracing::$level!(target: "prefect.engine", parent: None, $($said)+);
            }
            $crate::engine::voice::Voice::Run(span) => {
                span.in_scope(|| tracing::$level!(target: $logger, $($said)+));
            }
        }
    };
}

pub(super) use say;
