//! How the process of a run ends.

use std::fmt::Display;
use std::process;

use crate::Error;

/// Whether whoever started the process is to think that all is said of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The server knows how the run ended, or has decided itself.
    Told,
    /// It does not.
    Untold,
}

impl Exit {
    /// Nobody could be told but the process's own log.
    #[expect(clippy::print_stderr, reason = "it is the log of the process")]
    pub(super) fn untold(why: &impl Display) -> Self {
        eprintln!("The flow run can't be run: {why}");
        Self::Untold
    }

    /// By whether somebody could be told how the run ended.
    pub(super) fn of(told: Result<(), Error>) -> Self {
        match told {
            Ok(()) => Self::Told,
            Err(error) => Self::untold(&error),
        }
    }

    /// Ends the process.
    pub(super) fn leave(self) -> ! {
        process::exit(self.code())
    }

    /// What the process exits with.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "it is called by reference, too"
    )]
    pub(super) fn code(&self) -> i32 {
        match self {
            Self::Told => 0,
            Self::Untold => 1,
        }
    }
}
