//! Events of the server, as `text/event-stream` has them.

use std::time::Duration;

/// An event of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerEvent<T> {
    /// What kind of event it is, where it says so.
    pub event: Option<String>,
    /// Its id, which a client that connects anew can send as `Last-Event-ID`.
    pub id: Option<String>,
    /// How long to wait before connecting anew.
    pub retry: Option<Duration>,
    /// What it says.
    pub data: T,
}

/// An event as it came: its data is text.
pub(crate) type EventParts = ServerEvent<String>;

impl EventParts {
    /// The events of a text. One that has no data, or that no empty line ends, is none.
    pub(crate) fn all_of(text: &str) -> Vec<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut events = Vec::new();
        let mut event = Unfinished::default();
        let Some((ended, _)) = text.rsplit_once('\n') else {
            return events;
        };
        for line in ended.split('\n') {
            if line.is_empty() {
                events.extend(std::mem::take(&mut event).finish());
            } else {
                event.line(line);
            }
        }
        events
    }

    /// The same event with other data.
    pub(crate) fn with<T, E>(
        self,
        read: impl FnOnce(String) -> Result<T, E>,
    ) -> Result<ServerEvent<T>, E> {
        Ok(ServerEvent {
            event: self.event,
            id: self.id,
            retry: self.retry,
            data: read(self.data)?,
        })
    }
}

#[derive(Default)]
struct Unfinished {
    event: Option<String>,
    id: Option<String>,
    retry: Option<Duration>,
    data: Option<String>,
}

impl Unfinished {
    /// A line that begins with a colon is a comment, and a field that is not known says nothing.
    fn line(&mut self, line: &str) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                let data = self.data.take();
                self.data = Some(match data {
                    Some(before) => before + "\n" + value,
                    None => value.to_owned(),
                });
            }
            "event" => self.event = Some(value.to_owned()),
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis);
            }
            _ => {}
        }
    }

    fn finish(self) -> Option<EventParts> {
        Some(ServerEvent {
            event: self.event,
            id: self.id,
            retry: self.retry,
            data: self.data?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_as_the_specification_has_them() {
        let text = "\u{feff}: a comment\ndata: a\ndata\ndata:  b\n\nevent: added\r\nid: 7\r\nretry: 30\r\n\
                    retry: soon\r\nunknown: x\r\ndata:{\"n\":1}\r\n\r\nevent: none\n\ndata: cut";
        let events = EventParts::all_of(text);
        let [first, second] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert_eq!((first.data.as_str(), &first.event), ("a\n\n b", &None));
        assert_eq!(second.data, "{\"n\":1}");
        assert_eq!(second.event.as_deref(), Some("added"));
        assert_eq!(second.id.as_deref(), Some("7"));
        assert_eq!(second.retry, Some(Duration::from_millis(30)));
        assert_eq!(EventParts::all_of(""), []);
        assert_eq!(EventParts::all_of("data: 1\n"), []);
    }
}
