//! When the server says that it can't answer just now.

use std::time::Duration;

use diptych_runtime::http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use diptych_runtime::{Attempt, AttemptOutcome, RetryPolicy};

/// Tries again after 429 and 503, as Prefect's own client does.
///
/// Prefect's server answers 503 when its database was locked, and has then done nothing; so every operation is safe to
/// send again. It waits for as many seconds as `Retry-After` says, else 1, 2, 4, 8 and 16 seconds, and gives up after
/// five more attempts or at the call's deadline.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct RetryWhenBusy;

const MOST_RETRIES: u32 = 5;

impl RetryPolicy for RetryWhenBusy {
    fn retry(&self, attempt: &Attempt<'_>) -> Option<Duration> {
        let AttemptOutcome::Answered(answer) = attempt.outcome() else {
            return None;
        };
        wait(answer.status(), answer.headers(), attempt.number())
    }
}

fn wait(status: StatusCode, headers: &HeaderMap, attempt: u32) -> Option<Duration> {
    let busy = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    if attempt > MOST_RETRIES || !busy.contains(&status) {
        return None;
    }
    let said = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let seconds = said.and_then(|text| text.trim().parse::<f64>().ok());
    let said = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    Some(said.unwrap_or_else(|| Duration::from_secs(1 << (attempt - 1))))
}

#[cfg(test)]
mod tests {
    use diptych_runtime::http::HeaderValue;

    use super::*;

    fn after(status: u16, retry_after: Option<&'static str>, attempt: u32) -> Option<f64> {
        let mut headers = HeaderMap::new();
        if let Some(text) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
        }
        let status = StatusCode::from_u16(status).unwrap();
        wait(status, &headers, attempt).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn only_a_busy_server_is_asked_again() {
        assert_eq!(after(503, None, 1), Some(1.0));
        assert_eq!(after(429, None, 5), Some(16.0));
        assert_eq!(after(503, None, 6), None);
        assert_eq!(after(500, None, 1), None);
        assert_eq!(after(409, None, 1), None);
    }

    #[test]
    fn what_the_server_says_goes_before() {
        assert_eq!(after(503, Some("0.25"), 3), Some(0.25));
        for nonsense in ["-1", "soon", "NaN", "1e300"] {
            assert_eq!(after(503, Some(nonsense), 2), Some(2.0));
        }
    }
}
