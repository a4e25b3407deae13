//! What the server says about an error, read as far as it can be.

use serde_json::Value;

use super::read::BYTE_ORDER_MARK;

/// What a JSON body says about an error: `detail` (a text, or the list of a validation), else `exception_detail`, else
/// `exception_message`.
pub(crate) fn of(body: &[u8]) -> Option<String> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let body: Value = serde_json::from_slice(body).ok()?;
    ["detail", "exception_detail", "exception_message"]
        .into_iter()
        .find_map(|name| text(body.get(name)?))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Array(items) => {
            let lines: Vec<String> = items.iter().filter_map(problem).collect();
            (!lines.is_empty()).then(|| lines.join("; "))
        }
        _ => None,
    }
}

/// One entry of a validation's list: `loc: msg`.
fn problem(item: &Value) -> Option<String> {
    if let Value::String(text) = item {
        return Some(text.clone());
    }
    let message = item.get("msg")?.as_str()?;
    let place = item.get("loc").map(place).unwrap_or_default();
    if place.is_empty() {
        return Some(message.to_owned());
    }
    Some(format!("{place}: {message}"))
}

fn place(loc: &Value) -> String {
    let part = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match loc {
        Value::Array(parts) => parts.iter().map(part).collect::<Vec<_>>().join("."),
        other => part(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(body: &str) -> Option<String> {
        of(body.as_bytes())
    }

    #[test]
    fn each_known_form_is_read() {
        let cases = [
            (r#"{"detail":"Flow not found"}"#, "Flow not found"),
            ("\u{feff}{\"detail\":\"marked\"}", "marked"),
            (
                r#"{"detail":[{"loc":["body","limit"],"msg":"too big","type":"x"},{"loc":["query",0],"msg":"no"}]}"#,
                "body.limit: too big; query.0: no",
            ),
            (
                r#"{"exception_detail":"bad","exception_message":"x"}"#,
                "bad",
            ),
            (
                r#"{"exception_message":"Invalid request received.","exception_detail":[{"loc":["body","name"],"msg":"Field required"}],"request_body":{}}"#,
                "body.name: Field required",
            ),
            (r#"{"exception_message":"Not found"}"#, "Not found"),
            (
                r#"{"detail":null,"exception_message":"Not found"}"#,
                "Not found",
            ),
            (r#"{"detail":[{"msg":"no"}]}"#, "no"),
        ];
        for (body, expected) in cases {
            assert_eq!(detail(body).as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn other_bodies_have_no_detail() {
        for body in [
            "",
            "<p>",
            "[]",
            "\"text\"",
            "{}",
            r#"{"detail":{}}"#,
            r#"{"detail":[1]}"#,
        ] {
            assert_eq!(detail(body), None, "{body}");
        }
    }
}
