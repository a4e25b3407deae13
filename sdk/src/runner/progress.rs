//! What somebody at a terminal sees of a runner: a line when a run begins, and one when it has ended.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use chrono::Utc;

/// A run that somebody sees.
pub(super) struct Progress {
    run: String,
    since: Instant,
}

impl Progress {
    /// It begins. `None` where nobody wants to see it: `is_wanted` says so, or what stderr is.
    pub(super) fn of(
        is_wanted: Option<bool>,
        name: &str,
        deployment: Option<&str>,
    ) -> Option<Self> {
        let is_seen = is_wanted.unwrap_or_else(|| io::stderr().is_terminal());
        is_seen.then(|| Self::begun(named(name, deployment)))
    }

    fn begun(run: String) -> Self {
        say(&format!("{run} begins"));
        Self {
            run,
            since: Instant::now(),
        }
    }

    /// It is over, in a state of that name.
    pub(super) fn ended(&self, state: Option<&str>) {
        say(&line(&self.run, state, self.since.elapsed()));
    }
}

fn line(run: &str, state: Option<&str>, took: Duration) -> String {
    let state = state.map_or("over; nobody knows how".to_owned(), shown);
    format!("{run} is {state} after {:.1} s", took.as_secs_f64())
}

fn named(name: &str, deployment: Option<&str>) -> String {
    let name = shown(name);
    deployment.map_or_else(|| name.clone(), |of| format!("{}: {name}", shown(of)))
}

/// Names are whatever somebody called things: a terminal is not to obey them.
fn shown(name: &str) -> String {
    let harmless = |letter: char| if letter.is_control() { '?' } else { letter };
    name.chars().map(harmless).collect()
}

/// Whole lines, as others write as well. Where nobody hears it, it is left.
fn say(text: &str) {
    let line = format!("{} {text}\n", Utc::now().format("%H:%M:%SZ"));
    let _ = io::stderr().write_all(line.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_a_line_that_a_terminal_shows_as_it_is() {
        let run = named("calm\x1b[2J-otter\n", Some("load/nightly"));
        assert_eq!(run, "load/nightly: calm?[2J-otter?");
        let took = Duration::from_millis(3_140);
        let expected = "load/nightly: calm?[2J-otter? is Completed after 3.1 s";
        assert_eq!(line(&run, Some("Completed"), took), expected);
        assert_eq!(
            line("calm-otter", None, took),
            "calm-otter is over; nobody knows how after 3.1 s"
        );
        assert!(Progress::of(Some(false), "calm-otter", None).is_none());
    }
}
