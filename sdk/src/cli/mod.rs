//! What a program with flows does by itself where it is called with `prefect` as its first argument.

mod acts;
mod arguments;
mod listed;
mod orders;
mod parameters;

use std::io::Write as _;

use crate::flows::AnyFlow;
use arguments::Arguments;

/// What a command says went wrong, in one line, and what the process exits with.
#[derive(Debug)]
struct Failure {
    text: String,
    code: i32,
}

/// The run failed, or something could not be done.
const FAILED: i32 = 1;
/// What was asked for can't be meant.
const MISUSED: i32 = 2;

impl Failure {
    fn misuse(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            code: MISUSED,
        }
    }
}

impl From<crate::Error> for Failure {
    fn from(error: crate::Error) -> Self {
        Self {
            text: error.to_string(),
            code: FAILED,
        }
    }
}

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

/// Whoever does not listen any more misses nothing.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

fn say_wrong(text: &str) {
    let _ = writeln!(std::io::stderr(), "error: {}", in_one_line(text));
}

fn in_one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
