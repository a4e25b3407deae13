//! When the server says that it can't answer just now.

use std::time::Duration;

use diptych_runtime::http::{Method, StatusCode, header::RETRY_AFTER};
use diptych_runtime::{Answer, Attempt, AttemptOutcome, RetryPolicy};

/// Tries again after 429 and 503: a part of what Prefect's own client retries.
///
/// Prefect's server answers 503 when its database was locked, and has then done nothing. A 503 from something between,
/// which may have passed a request on, is not followed by another POST or PATCH. It waits for as many seconds as
/// `Retry-After` says, else 1, 2, 4, 8 and 16 seconds, and gives up after five more attempts, at the call's deadline,
/// or when it would have to wait for more than a minute.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct RetryWhenBusy;

const MOST_RETRIES: u32 = 5;
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl RetryPolicy for RetryWhenBusy {
    fn retry(&self, attempt: &Attempt<'_>) -> Option<Duration> {
        match attempt.outcome() {
            AttemptOutcome::Answered(answer) => {
                wait(attempt.request().method(), answer, attempt.number())
            }
            AttemptOutcome::Failed(_) => None,
        }
    }
}

fn wait(method: &Method, answer: &Answer, attempt: u32) -> Option<Duration> {
    if attempt > MOST_RETRIES || !is_busy(method, answer) {
        return None;
    }
    let said = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let seconds = said.and_then(|text| text.trim().parse::<f64>().ok());
    let said = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let wait = said.unwrap_or_else(|| Duration::from_secs(1 << (attempt - 1)));
    (wait <= LONGEST_WAIT).then_some(wait)
}

fn is_busy(method: &Method, answer: &Answer) -> bool {
    match answer.status() {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => method.is_idempotent() || is_prefects(answer.body()),
        _ => false,
    }
}

/// Prefect's own words for a locked database are `{"exception_message": "Service Unavailable"}`.
fn is_prefects(body: &[u8]) -> bool {
    let body: Result<serde_json::Value, _> = serde_json::from_slice(body);
    body.is_ok_and(|body| body.get("exception_message").is_some())
}

#[cfg(test)]
mod tests {
    use diptych_runtime::http::{HeaderMap, HeaderValue};

    use super::*;

    const PREFECTS: &str = r#"{"exception_message":"Service Unavailable"}"#;

    fn after(
        method: &Method,
        status: u16,
        retry_after: Option<&'static str>,
        body: &'static str,
        attempt: u32,
    ) -> Option<f64> {
        let mut headers = HeaderMap::new();
        if let Some(text) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
        }
        let answer = Answer::new(StatusCode::from_u16(status).unwrap(), headers, body);
        wait(method, &answer, attempt).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn only_a_busy_server_is_asked_again() {
        let get = |status, attempt| after(&Method::GET, status, None, "", attempt);
        assert_eq!(get(503, 1), Some(1.0));
        assert_eq!(get(429, 5), Some(16.0));
        assert_eq!(get(503, 6), None);
        assert_eq!(get(500, 1), None);
        assert_eq!(get(409, 1), None);
    }

    #[test]
    fn a_post_is_sent_again_only_when_prefect_did_nothing() {
        let post = |status, body| after(&Method::POST, status, None, body, 1);
        assert_eq!(post(503, PREFECTS), Some(1.0));
        assert_eq!(post(503, "<html>upstream timed out</html>"), None);
        assert_eq!(post(429, ""), Some(1.0));
    }

    #[test]
    fn what_the_server_says_goes_before() {
        let said = |text| after(&Method::GET, 503, Some(text), "", 2);
        assert_eq!(said("0.25"), Some(0.25));
        for nonsense in ["-1", "soon", "NaN", "1e300"] {
            assert_eq!(said(nonsense), Some(2.0), "{nonsense}");
        }
        assert_eq!(said("86400"), None, "nobody waits for a day");
    }
}
