//! Spreading waits, so that clients that failed together do not come back together.

use std::time::Duration;

/// A wait around `average`, at most `factor` of it shorter or longer.
pub(super) fn around(average: Duration, factor: f64, random: f64) -> Duration {
    let mean = average.as_secs_f64();
    let wait = between(
        mean,
        mean * (1.0 - factor).max(0.0),
        mean * (1.0 + factor),
        random,
    );
    seconds(wait, average)
}

/// A wait that is never shorter than `least`, and at most `factor` of it longer.
pub(super) fn above(least: Duration, factor: f64, random: f64) -> Duration {
    let (low, high) = (least.as_secs_f64(), least.as_secs_f64() * (1.0 + factor));
    seconds(between(f64::midpoint(low, high), low, high, random), least).max(least)
}

/// A draw from the exponential distribution with this mean, cut off at both ends: waits between independent events.
/// `random` is from 0 to 1.
fn between(mean: f64, low: f64, high: f64, random: f64) -> f64 {
    if mean <= 0.0 || high <= low {
        return low;
    }
    let reached = |wait: f64| 1.0 - (-wait / mean).exp();
    let (first, last) = (reached(low), reached(high));
    let share = first + (last - first) * random;
    (-mean * (1.0 - share).ln()).clamp(low, high)
}

fn seconds(wait: f64, otherwise: Duration) -> Duration {
    Duration::try_from_secs_f64(wait).unwrap_or(otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Duration = Duration::from_secs(10);

    #[test]
    fn waits_stay_within_their_bounds_and_use_them() {
        let draws = (0..=100).map(|step| f64::from(step) / 100.0);
        for random in draws {
            let (around, above) = (around(TEN, 0.2, random), above(TEN, 0.2, random));
            assert!((8.0..=12.0).contains(&around.as_secs_f64()), "{around:?}");
            assert!((10.0..=12.0).contains(&above.as_secs_f64()), "{above:?}");
        }
        assert!((around(TEN, 0.2, 0.0).as_secs_f64() - 8.0).abs() < 1e-6);
        assert!((above(TEN, 0.2, 1.0).as_secs_f64() - 12.0).abs() < 1e-6);
    }

    #[test]
    fn without_a_factor_or_a_wait_nothing_is_spread() {
        assert_eq!(around(TEN, 0.0, 0.5), TEN);
        assert_eq!(above(TEN, 0.0, 0.5), TEN);
        assert_eq!(around(Duration::ZERO, 0.2, 0.5), Duration::ZERO);
        assert_eq!(above(Duration::MAX, 0.2, 0.5), Duration::MAX);
    }
}
