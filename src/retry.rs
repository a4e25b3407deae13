//! Which calls are tried again.

use diptych_runtime::http::StatusCode;
use diptych_runtime::{Answer, StandardRetry};

/// What Prefect's own client tries again, but for what may have been executed: [`StandardRetry`] with five retries.
///
/// Prefect's server answers 503 when its database was locked, or failed it, and says by that that nothing was done: it is asked
/// again soon, three times that do not count, where Python's client waits two seconds. This is true as far as the server knows:
/// where it lost its connection to the database as that kept the change, the change is there, and is made once more. While it is under
/// maintenance (`Prefect-Maintenance: true`), attempts don't count.
#[must_use]
pub fn retry_policy() -> StandardRetry {
    with_retries(5)
}

/// The same with another number of retries.
pub(crate) fn with_retries(retries: u32) -> StandardRetry {
    StandardRetry::new(retries)
        .not_executed(is_prefects)
        .maintenance(is_maintenance)
}

/// Prefect's own words for a database that was locked or failed are `{"exception_message": "Service Unavailable"}`. A proxy, which may
/// have passed the request on, has other words.
fn is_prefects(answer: &Answer) -> bool {
    if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
        return false;
    }
    let body: Result<serde_json::Value, _> = serde_json::from_slice(answer.body());
    body.is_ok_and(|body| body.get("exception_message") == Some(&"Service Unavailable".into()))
}

fn is_maintenance(answer: &Answer) -> bool {
    let header = answer.headers().get("prefect-maintenance");
    header.is_some_and(|value| value == "true")
}

#[cfg(test)]
mod tests {
    use diptych_runtime::http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    fn busy(header: (&'static str, &'static str), body: &'static str) -> Answer {
        let header = (
            HeaderName::from_static(header.0),
            HeaderValue::from_static(header.1),
        );
        let headers = HeaderMap::from_iter([header]);
        Answer::new(StatusCode::SERVICE_UNAVAILABLE, headers, body)
    }

    #[test]
    fn only_prefect_s_own_words_say_that_nothing_was_done() {
        let plain = ("server", "uvicorn");
        assert!(is_prefects(&busy(
            plain,
            r#"{"exception_message":"Service Unavailable"}"#
        )));
        for other in [
            "",
            "<html>upstream timed out</html>",
            "[]",
            r#"{"detail":"x"}"#,
            r#"{"exception_message":"Internal Server Error"}"#,
        ] {
            assert!(!is_prefects(&busy(plain, other)), "{other}");
        }
        let words = r#"{"exception_message":"Service Unavailable"}"#;
        let failed = Answer::new(StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), words);
        assert!(!is_prefects(&failed));
    }

    #[test]
    fn maintenance_is_said_by_a_header() {
        assert!(is_maintenance(&busy(("prefect-maintenance", "true"), "")));
        assert!(!is_maintenance(&busy(("prefect-maintenance", "false"), "")));
        assert!(!is_maintenance(&busy(("server", "true"), "")));
    }
}
