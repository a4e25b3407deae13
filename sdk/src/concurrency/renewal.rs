//! When a lease is renewed, and when it is given up. No I/O.

use std::time::Duration;

use prefect_client::Error;
use prefect_client::transport::http::StatusCode;

/// How much of a lease passes before it is renewed.
const FRACTION: f64 = 0.75;
/// How often in a row a renewal may fail.
const ATTEMPTS: u32 = 3;
const FIRST_BACKOFF: f64 = 1.0;
const LONGEST_BACKOFF: f64 = 10.0;
/// How much of it a wait between two attempts is shorter or longer, so that holders do not come back together.
const SPREAD: f64 = 0.3;

#[derive(Debug)]
pub(super) struct Renewal {
    lease: Duration,
    failed: u32,
}

/// What an attempt to renew came to.
#[derive(Debug)]
pub(super) enum Attempt {
    Renewed,
    Failed(Error),
    /// The server has no such lease any more.
    Gone(Error),
}

/// What follows an attempt.
#[derive(Debug)]
pub(super) enum Next {
    /// Renew after this time.
    Wait(Duration),
    /// The lease is not renewed any more.
    Lost(Error),
}

impl Renewal {
    pub(super) fn new(lease: Duration) -> Self {
        Self { lease, failed: 0 }
    }

    /// `random` is from 0 to 1.
    pub(super) fn after(&mut self, attempt: Attempt, random: f64) -> Next {
        match attempt {
            Attempt::Renewed => {
                self.failed = 0;
                Next::Wait(self.lease.mul_f64(FRACTION))
            }
            Attempt::Gone(error) => Next::Lost(error),
            Attempt::Failed(error) => {
                self.failed += 1;
                if self.failed >= ATTEMPTS {
                    return Next::Lost(error);
                }
                Next::Wait(backoff(self.failed, random))
            }
        }
    }
}

impl From<Result<(), Error>> for Attempt {
    fn from(answer: Result<(), Error>) -> Self {
        match answer {
            Ok(()) => Self::Renewed,
            Err(error) if error.status() == Some(StatusCode::GONE) => Self::Gone(error),
            Err(error) => Self::Failed(error),
        }
    }
}

fn backoff(failed: u32, random: f64) -> Duration {
    let doubled = FIRST_BACKOFF * 2.0_f64.powf(f64::from(failed - 1));
    let spread = 1.0 + SPREAD * (2.0 * random - 1.0);
    Duration::from_secs_f64(doubled.min(LONGEST_BACKOFF) * spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn failed() -> Attempt {
        Attempt::Failed(Error::config("no server"))
    }

    fn wait(next: &Next) -> Option<Duration> {
        match next {
            Next::Wait(wait) => Some(*wait),
            Next::Lost(_) => None,
        }
    }

    #[test]
    fn a_renewed_lease_is_renewed_after_three_quarters() {
        let mut renewal = Renewal::new(MINUTE);
        let next = renewal.after(Attempt::Renewed, 0.5);
        assert_eq!(wait(&next), Some(Duration::from_secs(45)));
    }

    #[test]
    fn the_third_failure_in_a_row_loses_it() {
        let mut renewal = Renewal::new(MINUTE);
        for _ in 0..2 {
            assert_eq!(
                wait(&renewal.after(failed(), 0.5)),
                Some(Duration::from_secs(1))
            );
            assert_eq!(
                wait(&renewal.after(failed(), 0.5)),
                Some(Duration::from_secs(2))
            );
            let renewed = renewal.after(Attempt::Renewed, 0.5);
            assert_eq!(wait(&renewed), Some(Duration::from_secs(45)));
        }
        renewal.after(failed(), 0.5);
        renewal.after(failed(), 0.5);
        assert_eq!(wait(&renewal.after(failed(), 0.5)), None);
    }

    #[test]
    fn a_lease_that_is_gone_is_lost_at_once() {
        let gone = Attempt::Gone(Error::config("gone"));
        assert_eq!(wait(&Renewal::new(MINUTE).after(gone, 0.5)), None);
    }

    #[test]
    fn waits_between_attempts_are_spread() {
        for (random, least, most) in [(0.0, 0.69, 0.71), (1.0, 1.29, 1.31)] {
            let seconds = backoff(1, random).as_secs_f64();
            assert!((least..most).contains(&seconds), "{seconds}");
        }
        assert!((backoff(30, 0.5).as_secs_f64() - 10.0).abs() < 1e-9);
    }
}
