//! What the server takes. It answers that it can't read most of what it can't, but some it drops without a word: that is
//! refused before it is sent.

use std::io;

use prefect_client::models::{Event, Resource};
use serde_json::Value;

use crate::Error;

/// What Prefect's server takes unless it is told otherwise.
const MAX_BYTES: usize = 1_500_000;
const MAX_LABELS: usize = 500;
pub(super) const MAX_RELATED: usize = 100;

/// How deep a value of the payload may be, so that the event can be read again, by this client too. From 199 on the server
/// loses events that it has taken, as what stores them can't read them.
const MAX_DEPTH: usize = 117;

pub(super) const ID: &str = "prefect.resource.id";
pub(super) const ROLE: &str = "prefect.resource.role";

/// Whether the server takes the event.
pub(super) fn check(event: &Event) -> Result<(), Error> {
    check_parts(event)?;
    check_size(&event.event, written_bytes(event)? + absent_bytes(event))
}

/// Whether the server takes what the event consists of, however large that is.
pub(super) fn check_parts(event: &Event) -> Result<(), Error> {
    let name = &event.event;
    check_labels(name, "the resource", &event.resource)?;
    let related = event.related.as_deref().unwrap_or_default();
    check_related(name, related.len())?;
    for resource in related {
        check_labels(name, "a related resource", resource)?;
        if resource.get(ROLE).is_none_or(String::is_empty) {
            let text = format!("a related resource of the event `{name}` has no label `{ROLE}`");
            return Err(Error::invalid(text));
        }
    }
    for (key, value) in event.payload.iter().flatten() {
        if is_deeper(value, MAX_DEPTH) {
            return Err(Error::invalid(format!(
                "`{key}` in the payload of the event `{name}` is more than {MAX_DEPTH} deep, and could not be read again"
            )));
        }
    }
    Ok(())
}

/// Whether the server takes an event with so many related resources.
pub(crate) fn check_related(name: &str, count: usize) -> Result<(), Error> {
    if count > MAX_RELATED {
        return Err(Error::invalid(format!(
            "the event `{name}` has {count} related resources, and Prefect takes {MAX_RELATED}"
        )));
    }
    Ok(())
}

/// Whether the server takes an event that is so large as JSON, with all that it may have. When it was received is added there.
pub(super) fn check_size(name: &str, written: usize) -> Result<(), Error> {
    const RECEIVED: usize = r#","received":"2026-01-01T00:00:00.000000Z""#.len();
    let bytes = written + RECEIVED;
    if bytes > MAX_BYTES {
        return Err(Error::invalid(format!(
            "the event `{name}` has {bytes} bytes as JSON, and Prefect would drop it, as it takes {MAX_BYTES}"
        )));
    }
    Ok(())
}

/// How much is written for what is absent, once the server has received the event.
pub(super) fn absent_bytes(event: &Event) -> usize {
    let absent = [
        (event.follows.is_none(), r#","follows":null"#),
        (event.related.is_none(), r#","related":[]"#),
        (event.payload.is_none(), r#","payload":{}"#),
    ];
    let absent = absent.iter().filter(|(is_absent, _)| *is_absent);
    absent.map(|(_, text)| text.len()).sum()
}

fn check_labels(name: &str, which: &str, resource: &Resource) -> Result<(), Error> {
    if resource.get(ID).is_none_or(String::is_empty) {
        return Err(Error::invalid(format!(
            "{which} of the event `{name}` has no label `{ID}`"
        )));
    }
    if resource.len() > MAX_LABELS {
        return Err(Error::invalid(format!(
            "{which} of the event `{name}` has {} labels, and Prefect takes {MAX_LABELS}",
            resource.len()
        )));
    }
    Ok(())
}

/// Whether arrays and objects go deeper than that. Without recursion, as the value may be of any depth.
fn is_deeper(value: &Value, most: usize) -> bool {
    let mut left = vec![(value, 0)];
    while let Some((value, above)) = left.pop() {
        let depth = above + 1;
        match value {
            Value::Array(_) | Value::Object(_) if depth > most => return true,
            Value::Array(values) => left.extend(values.iter().map(|value| (value, depth))),
            Value::Object(values) => left.extend(values.values().map(|value| (value, depth))),
            _ => {}
        }
    }
    false
}

/// How large the event is as JSON.
fn written_bytes(event: &Event) -> Result<usize, Error> {
    let mut written = Counter(0);
    serde_json::to_writer(&mut written, event).map_err(|error| {
        Error::invalid(format!(
            "the event `{}` can't be written: {error}",
            event.event
        ))
    })?;
    Ok(written.0)
}

/// Counts what is written.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use prefect_client::models::RelatedResource;

    use super::super::EmitEventOptions;
    use super::super::written::Written;
    use super::*;

    const ORDER: [(&str, &str); 1] = [(ID, "shop.order.1")];

    fn refused(options: &EmitEventOptions) -> String {
        let error = options.build("a", ORDER).unwrap_err();
        assert!(error.is_invalid());
        error.to_string()
    }

    fn nested(depth: usize) -> EmitEventOptions {
        let value = (1..depth).fold(Value::Array(Vec::new()), |value, _| {
            Value::Array(vec![value])
        });
        EmitEventOptions::new().payload([("x", value)])
    }

    #[test]
    fn what_the_server_would_not_take_is_not_sent() {
        let nameless = EmitEventOptions::new()
            .build("a", [("label", "value")])
            .unwrap_err();
        assert!(nameless.to_string().contains(ID));
        let related = |role: &str| {
            RelatedResource::from([
                (ID.to_owned(), "x".to_owned()),
                (ROLE.to_owned(), role.to_owned()),
            ])
        };
        assert!(refused(&EmitEventOptions::new().related([related("")])).contains(ROLE));
        let many = EmitEventOptions::new().related(vec![related("r"); 101]);
        assert!(refused(&many).contains("101"));
        assert!(
            many.related.len() == 101
                && EmitEventOptions::new()
                    .related(vec![related("r"); 100])
                    .build("a", ORDER)
                    .is_ok()
        );
        let large = EmitEventOptions::new().payload([("x", "y".repeat(MAX_BYTES))]);
        assert!(refused(&large).contains("1500000"));
        let labels = (0..500)
            .map(|number| (number.to_string(), "x"))
            .chain([(ID.to_owned(), "x")]);
        assert!(
            EmitEventOptions::new()
                .build("a", labels)
                .unwrap_err()
                .is_invalid()
        );
    }

    #[test]
    fn what_the_server_would_drop_is_not_sent() {
        assert!(nested(117).build("a", ORDER).is_ok());
        assert!(refused(&nested(118)).contains("`x` in the payload"));
        // As large as the server takes, and one byte more.
        let sized = |bytes| EmitEventOptions::new().payload([("x", "y".repeat(bytes))]);
        let empty = stored_bytes(&sized(0).build("a", ORDER).unwrap());
        assert!(sized(MAX_BYTES - empty).build("a", ORDER).is_ok());
        assert!(refused(&sized(MAX_BYTES - empty + 1)).contains("1500001 bytes"));
    }

    /// As the error says it, of one that is larger than the server takes.
    fn stored_bytes(event: &Event) -> usize {
        let written = written_bytes(event).unwrap() + absent_bytes(event);
        let error = check_size(&event.event, MAX_BYTES + written).unwrap_err();
        let text = error.to_string();
        let mut words = text.split(" has ").skip(1).flat_map(str::split_whitespace);
        let bytes: usize = words.next().unwrap().parse().unwrap();
        bytes - MAX_BYTES
    }

    #[test]
    fn absent_parts_count_as_the_server_writes_them() {
        let event = EmitEventOptions::new().build("a", ORDER).unwrap();
        let mut absent = event.clone();
        (absent.payload, absent.related) = (None, None);
        assert_eq!(stored_bytes(&absent), stored_bytes(&event));
    }

    #[test]
    fn an_event_is_written_once_and_read_again_as_it_was() {
        let resource =
            [(ID, "r"), (ROLE, "of")].map(|(label, value)| (label.to_owned(), value.to_owned()));
        let told = serde_json::json!({"a": [1, -2.5, null, true, "te\"\u{1}xt", {}], "b": {"c": i64::MIN}});
        let options = EmitEventOptions::new()
            .related([RelatedResource::from(resource)])
            .payload([("x", told)]);
        let event = options.build("a", ORDER).unwrap();
        let written = Written::of(&event).unwrap();
        assert_eq!(written.event().as_ref(), Some(&event));
        assert_eq!(written.bytes(), written_bytes(&event).unwrap());
        let sent = prefect_client::json::to_string(&[&written]).unwrap();
        assert_eq!(sent, prefect_client::json::to_string(&[&event]).unwrap());
    }
}
