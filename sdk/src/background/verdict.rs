//! What an answer of the server, or none, means for the items that were sent.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use prefect_client::transport::http::StatusCode;
use prefect_client::{Error, retry_after};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// What an answer of the server, or none, means for the items that were sent.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The server has them.
    Taken,
    /// The server can't read those at these places, and says why; it took none of the others either.
    Unfit(BTreeMap<usize, String>),
    /// The server can't read them, and does not say which: as often as they are sent.
    Unreadable(String),
    /// The server failed, or the connection was lost when they were on their way: an item may be what it failed for.
    Suspicious(String),
    /// It has nothing to do with the items. The server may have asked to wait so long.
    Passing {
        cause: String,
        wait: Option<Duration>,
        /// Whether there is no server.
        is_away: bool,
    },
    /// The server does not accept the client.
    Refused(String),
}

/// How much of a reason is kept, in characters.
const REASON: usize = 300;

impl Verdict {
    /// Of what sending them with this operation came to.
    pub(super) fn of(answer: Result<(), Error>, operation: &str) -> Self {
        let Err(error) = answer else {
            return Self::Taken;
        };
        let text = error.to_string();
        // What is asked before, such as a token, is not about the items.
        let is_about_them = error.operation().is_none_or(|name| name == operation);
        match error.status() {
            Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => Self::Refused(text),
            Some(_) if error.is_decode() || !is_about_them => Self::passing(&error),
            Some(StatusCode::UNPROCESSABLE_ENTITY) => match unfit(error.body().unwrap_or_default())
            {
                Some(unfit) => Self::Unfit(unfit),
                None => Self::Unreadable(text),
            },
            Some(StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE) => Self::Unreadable(text),
            Some(
                StatusCode::INTERNAL_SERVER_ERROR
                | StatusCode::BAD_GATEWAY
                | StatusCode::GATEWAY_TIMEOUT,
            ) => Self::Suspicious(text),
            Some(_) => Self::passing(&error),
            None if error.is_request() => Self::Unreadable(text),
            None if is_before_sending(&error) => Self::passing(&error),
            None => Self::Suspicious(text),
        }
    }

    fn passing(error: &Error) -> Self {
        let headers = error.headers();
        let asked = headers.and_then(|headers| retry_after(headers, SystemTime::now()));
        Self::Passing {
            cause: error.to_string(),
            wait: asked.map(|wait| wait.min(LONGEST_WAIT)),
            is_away: error.is_connect(),
        }
    }
}

/// What a server that asks for a longer wait gets. Another process, or another server, may be there by then.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

fn is_before_sending(error: &Error) -> bool {
    error.is_connect()
        || error.is_config()
        || error.is_incompatible()
        || error.is_blocking_in_async()
}

/// The places of a list that an answer names, each with what is wrong there. `None` where it names none, or speaks of
/// something else as well: then it is not about items alone.
fn unfit(body: &[u8]) -> Option<BTreeMap<usize, String>> {
    let answer: Answer = serde_json::from_slice(body).ok()?;
    let mut unfit: BTreeMap<usize, String> = BTreeMap::new();
    for problem in answer.0 {
        let (index, reason) = problem.read()?;
        let reasons = unfit.entry(index).or_default();
        if reasons.chars().count() < REASON {
            if !reasons.is_empty() {
                reasons.push_str("; ");
            }
            reasons.push_str(&reason);
        }
    }
    (!unfit.is_empty()).then_some(unfit)
}

/// `{"exception_detail": [{"type", "loc": ["body", 3, "occurred"], "msg", …}], …}`. What else is there, such as the whole
/// request, is skipped.
struct Answer(Vec<Problem>);

#[derive(Default)]
struct Problem {
    kind: String,
    place: Vec<Value>,
    message: String,
}

impl Problem {
    /// The item's index, and what is wrong with it.
    fn read(self) -> Option<(usize, String)> {
        // Of text that is no JSON the place is a position in it.
        if self.kind == "json_invalid" {
            return None;
        }
        let [Value::String(body), index, inside @ ..] = self.place.as_slice() else {
            return None;
        };
        let index = usize::try_from(index.as_u64()?).ok()?;
        if body != "body" {
            return None;
        }
        let path: Vec<String> = inside
            .iter()
            .map(|place| match place {
                Value::String(name) => name.clone(),
                other => other.to_string(),
            })
            .collect();
        let separator = if path.is_empty() { "" } else { ": " };
        let text = format!("{}{separator}{}", path.join("."), self.message);
        Some((index, one_line(&text)))
    }
}

/// The beginning of a text, on one line.
fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(REASON).map(plain).collect()
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnswerVisitor)
    }
}

struct AnswerVisitor;

impl<'de> Visitor<'de> for AnswerVisitor {
    type Value = Answer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Answer, A::Error> {
        let mut problems = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "exception_detail" | "detail" => problems = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Answer(problems))
    }
}

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ProblemVisitor)
    }
}

struct ProblemVisitor;

impl<'de> Visitor<'de> for ProblemVisitor {
    type Value = Problem;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Problem, A::Error> {
        let mut problem = Problem::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => problem.kind = map.next_value()?,
                "loc" => problem.place = map.next_value()?,
                "msg" => problem.message = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(problem)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Option<BTreeMap<usize, String>> {
        unfit(body.to_string().as_bytes())
    }

    #[test]
    fn an_answer_names_items_by_index_and_what_it_repeats_is_skipped() {
        let body = json!({
            "exception_message": "Invalid request received.",
            "exception_detail": [
                {"type": "value_error", "loc": ["body", 3, "occurred"], "msg": "can't be read", "input": {"a": [1]}},
                {"type": "value_error", "loc": ["body", 1, "related", 0], "msg": "no\nrole", "ctx": {}},
                {"type": "missing", "loc": ["body", 1], "msg": "x"},
            ],
            "request_body": [{"any": "thing"}],
        });
        let expected = [
            (1, "related.0: no role; x".to_owned()),
            (3, "occurred: can't be read".to_owned()),
        ];
        assert_eq!(read(&body), Some(BTreeMap::from(expected)));
    }

    #[test]
    fn what_does_not_name_items_names_none() {
        let problem = |kind: &str, place: Value| json!({"exception_detail": [{"type": kind, "loc": place, "msg": "m"}]});
        assert!(read(&problem("value_error", json!(["body", 0]))).is_some());
        for body in [
            problem("json_invalid", json!(["body", 12])),
            problem("missing", json!(["body"])),
            problem("missing", json!(["query", 1])),
            problem("missing", json!(["body", -1])),
            problem("missing", json!([])),
            json!({"exception_detail": []}),
            json!({"exception_detail": "no"}),
            json!({"detail": "no"}),
            json!([]),
        ] {
            assert_eq!(read(&body), None, "{body}");
        }
        assert_eq!(unfit(b""), None);
        // Cut off, and nested deeper than values are read.
        assert_eq!(
            unfit(br#"{"exception_detail": [{"loc": ["body", 0], "msg": "m"}"#),
            None
        );
        let deep = format!(
            r#"{{"exception_detail": [{{"loc": ["body", 0], "input": {}{}, "msg": "m"}}]}}"#,
            "[".repeat(5000),
            "]".repeat(5000)
        );
        assert!(unfit(deep.as_bytes()).is_some());
    }
}
