//! The header `Retry-After`.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::RETRY_AFTER;

/// How long the server asks to wait: a number of seconds, or a date (RFC 9110, section 10.2.3). A date that has passed
/// is no wait, a number that no clock reaches is the longest duration, and what is neither says nothing.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        // A negative number, or a word for one that is none, such as `inf`.
        let is_number = text.contains(|c: char| c.is_ascii_digit()) && seconds >= 0.0;
        return is_number.then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn wait(text: &str) -> Option<f64> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]);
        // 1994-11-06 08:49:37.
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        retry_after(&headers, now).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn seconds_and_dates_are_read_and_nonsense_is_not() {
        assert_eq!(wait("2"), Some(2.0));
        assert_eq!(wait(" 0.25 "), Some(0.25));
        assert_eq!(wait("Sun, 06 Nov 1994 08:50:07 GMT"), Some(30.0));
        assert_eq!(wait("Sunday, 06-Nov-94 08:50:07 GMT"), Some(30.0));
        assert_eq!(wait("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0.0));
        let never = Some(Duration::MAX.as_secs_f64());
        for long in ["99999999999999999999", &"9".repeat(400), "1e300"] {
            assert_eq!(wait(long), never, "{long}");
        }
        for nonsense in [
            "",
            "-1",
            "soon",
            "NaN",
            "inf",
            "infinity",
            "-inf",
            "2026-11-25",
        ] {
            assert_eq!(wait(nonsense), None, "{nonsense}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }
}
