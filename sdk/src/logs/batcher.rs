//! Logs that are still to be sent, in batches. Without I/O: both faces do what it says.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use prefect_client::models::LogCreate;

use crate::Error;
use crate::background::{Delivered, Queue};

/// Logs that are still to be sent.
#[derive(Debug)]
pub(super) struct Batcher {
    limits: Limits,
    waiting: VecDeque<Waiting>,
    bytes: usize,
    /// How many are done with, ever: sent, or refused by the server.
    done: u64,
    /// What someone waits for, counted like `done`.
    hurry: u64,
    /// What the server said to a batch that it did not take, until someone is told.
    refused: Option<String>,
}

#[derive(Debug)]
struct Waiting {
    log: LogCreate,
    /// As JSON.
    bytes: usize,
    since: Instant,
}

/// When a batch is sent, and how much may wait.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) interval: Duration,
    pub(super) batch_bytes: usize,
    pub(super) log_bytes: usize,
    pub(super) max_logs: usize,
    pub(super) max_bytes: usize,
}

/// What is to be done next.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Send these, which stay here until it is known what became of them.
    Post(Vec<LogCreate>),
    /// Wait so long for more.
    Idle(Duration),
}

/// Without anything to send.
const NOTHING: Duration = Duration::from_secs(3600);

const TRUNCATED: &str = "... [truncated]";

impl Batcher {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            waiting: VecDeque::new(),
            bytes: 0,
            done: 0,
            hurry: 0,
            refused: None,
        }
    }

    /// Takes a log, unless there is no room for it. One that is too large is cut.
    pub(super) fn push(&mut self, mut log: LogCreate, now: Instant) -> Result<(), Error> {
        let bytes = truncate(&mut log, self.limits.log_bytes)?;
        if self.waiting.len() >= self.limits.max_logs || self.bytes + bytes > self.limits.max_bytes
        {
            return Err(Error::full(format!(
                "{} logs ({} bytes) wait to be sent, and the sender takes no more: flush it, or raise its limits",
                self.waiting.len(),
                self.bytes
            )));
        }
        self.bytes += bytes;
        self.waiting.push_back(Waiting {
            log,
            bytes,
            since: now,
        });
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What is to be done next.
    pub(super) fn next(&self, now: Instant) -> Step {
        let Some(first) = self.waiting.front() else {
            return Step::Idle(NOTHING);
        };
        let due = (first.since + self.limits.interval).saturating_duration_since(now);
        if self.hurry > self.done || self.bytes >= self.limits.batch_bytes || due.is_zero() {
            return Step::Post(self.batch());
        }
        Step::Idle(due)
    }

    /// The oldest ones that fit into a batch, at least one.
    fn batch(&self) -> Vec<LogCreate> {
        let mut room = self.limits.batch_bytes;
        let fitting = self
            .waiting
            .iter()
            .enumerate()
            .take_while(|(number, waiting)| {
                let fits = *number == 0 || waiting.bytes <= room;
                room = room.saturating_sub(waiting.bytes);
                fits
            });
        fitting.map(|(_, waiting)| waiting.log.clone()).collect()
    }

    /// The server has the oldest ones.
    pub(super) fn posted(&mut self, count: usize) {
        for waiting in self.waiting.drain(..count.min(self.waiting.len())) {
            self.bytes -= waiting.bytes;
            self.done += 1;
        }
    }

    /// The server does not take the oldest ones, and never will.
    pub(super) fn refused(&mut self, count: usize, why: String) {
        self.posted(count);
        self.refused = Some(why);
    }

    /// Says that everything is to be sent soon.
    pub(super) fn hurry_all(&mut self) {
        self.hurry = self.done + self.waiting.len() as u64;
    }
}

impl Queue for Batcher {
    fn hurry(&mut self) -> u64 {
        self.hurry_all();
        self.hurry
    }

    fn delivered(&mut self, up_to: u64) -> Delivered {
        if self.done < up_to {
            let missing = usize::try_from(up_to - self.done).unwrap_or(usize::MAX);
            return Delivered::Missing(missing);
        }
        match self.refused.take() {
            Some(why) => Delivered::Never(Error::invalid(why)),
            None => Delivered::Yes,
        }
    }
}

/// Cuts the message of a log that is too large as JSON. Gives how large it is then.
fn truncate(log: &mut LogCreate, limit: usize) -> Result<usize, Error> {
    let size = |log: &LogCreate| {
        let text = serde_json::to_vec(log);
        let text = text.map(|text| text.len());
        text.map_err(|error| Error::invalid(format!("a log can't be written: {error}")))
    };
    let bytes = size(log)?;
    if bytes <= limit {
        return Ok(bytes);
    }
    // Each byte of a message takes at least one in JSON.
    let room = log
        .message
        .len()
        .saturating_sub(bytes - limit + TRUNCATED.len());
    let end = (0..=room)
        .rev()
        .find(|end| log.message.is_char_boundary(*end));
    log.message.truncate(end.unwrap_or_default());
    log.message.push_str(TRUNCATED);
    size(log)
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    fn log(message: &str) -> LogCreate {
        LogCreate::new("prefect.flow_runs", 20, message, Utc::now())
    }

    fn batcher() -> Batcher {
        Batcher::new(Limits {
            interval: Duration::from_secs(2),
            batch_bytes: 1000,
            log_bytes: 400,
            max_logs: 10,
            max_bytes: 2000,
        })
    }

    fn posted(step: Step) -> usize {
        match step {
            Step::Post(logs) => logs.len(),
            Step::Idle(_) => 0,
        }
    }

    #[test]
    fn a_batch_is_sent_when_it_is_old_or_large_or_wanted() {
        let (mut batcher, now) = (batcher(), Instant::now());
        assert_eq!(batcher.next(now), Step::Idle(NOTHING));
        batcher.push(log("a"), now).unwrap();
        assert_eq!(batcher.next(now), Step::Idle(Duration::from_secs(2)));
        assert_eq!(posted(batcher.next(now + Duration::from_secs(2))), 1);
        for _ in 0..3 {
            batcher.push(log(&"x".repeat(250)), now).unwrap();
        }
        // The first and two of the others fit.
        assert_eq!(posted(batcher.next(now)), 3);
        batcher.posted(3);
        assert_eq!(posted(batcher.next(now)), 0);
        let up_to = batcher.hurry();
        assert!(matches!(batcher.delivered(up_to), Delivered::Missing(1)));
        assert_eq!(posted(batcher.next(now)), 1);
        batcher.posted(1);
        assert!(matches!(batcher.delivered(up_to), Delivered::Yes));
    }

    #[test]
    fn what_is_refused_is_said_once() {
        let (mut batcher, now) = (batcher(), Instant::now());
        batcher.push(log("a"), now).unwrap();
        let up_to = batcher.hurry();
        batcher.refused(1, "no".to_owned());
        assert!(matches!(batcher.delivered(up_to), Delivered::Never(error) if error.is_invalid()));
        assert!(matches!(batcher.delivered(up_to), Delivered::Yes));
        assert!(batcher.is_empty());
    }

    #[test]
    fn a_log_that_is_too_large_is_cut_and_too_many_are_not_taken() {
        let (mut batcher, now) = (batcher(), Instant::now());
        batcher.push(log(&"\"ü".repeat(400)), now).unwrap();
        let Step::Post(logs) = batcher.next(now + Duration::from_secs(2)) else {
            panic!("nothing is sent");
        };
        assert!(logs[0].message.ends_with(TRUNCATED));
        assert!(serde_json::to_string(&logs[0]).unwrap().len() <= 400);
        let taken = (0..20)
            .take_while(|_| batcher.push(log("x"), now).is_ok())
            .count();
        assert_eq!(taken, 9);
        assert!(batcher.push(log("x"), now).unwrap_err().is_full());
    }
}
