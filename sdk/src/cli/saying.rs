//! What commands say, and what the process exits with.

use std::io::Write as _;

/// What a command says went wrong, in one line, and what the process exits with.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) text: String,
    pub(super) code: i32,
}

/// The run failed, or something could not be done.
pub(super) const FAILED: i32 = 1;
/// What was asked for can't be meant.
pub(super) const MISUSED: i32 = 2;

impl Failure {
    pub(super) fn misuse(text: impl Into<String>) -> Self {
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

/// Whoever does not listen any more misses nothing.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

pub(super) fn say_wrong(text: &str) {
    let _ = writeln!(std::io::stderr(), "error: {}", in_one_line(text));
}

pub(super) fn in_one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
