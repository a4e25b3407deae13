//! What a program with flows does by itself where it is called with `prefect` as its first argument.

mod acts;
mod arguments;
mod listed;
mod orders;
mod parameters;
mod saying;

use crate::flows::AnyFlow;
use arguments::Arguments;
use saying::{Failure, say_wrong};

/// Does what the process is asked to with its arguments, and ends it; returns where those are not for this.
pub(crate) fn attend(flows: &[&dyn AnyFlow]) {
    let mut given = std::env::args_os();
    let program = given.next().unwrap_or_default();
    if given.next().is_none_or(|first| first != "prefect") {
        return;
    }
    let done = obeyed(&program, given, flows);
    let code = match done {
        Ok(()) => 0,
        Err(failure) => {
            say_wrong(&failure.text);
            failure.code
        }
    };
    std::process::exit(code)
}

fn obeyed(
    program: &std::ffi::OsStr,
    given: std::env::ArgsOs,
    flows: &[&dyn AnyFlow],
) -> Result<(), Failure> {
    #[cfg(feature = "tracing-layer")]
    crate::logs::install()?;
    orders::obey(Arguments::read(program, given)?, flows)
}
