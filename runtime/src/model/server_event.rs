//! Events of the server, as `text/event-stream` has them.

use std::time::Duration;

/// An event of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerEvent<T> {
    /// What kind of event it is, where it says so.
    pub event: Option<String>,
    /// The id that was told last, by this event or before it, unless an empty one took it back: what a client that
    /// connects anew sends as `Last-Event-ID`.
    pub id: Option<String>,
    /// How long to wait before connecting anew, as it was told last.
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
                events.extend(event.finish());
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

/// What stays from one event to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    id: Option<String>,
    retry: Option<Duration>,
}

impl Kept {
    /// The same piece with what stays from those before it in front, as each piece is read alone. What it says itself
    /// stays for the next one.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn before(&mut self, piece: Vec<u8>) -> Vec<u8> {
        let mut whole = Vec::new();
        if let Some(id) = &self.id {
            whole.extend_from_slice(format!("id: {id}\n").as_bytes());
        }
        if let Some(retry) = self.retry {
            whole.extend_from_slice(format!("retry: {}\n", retry.as_millis()).as_bytes());
        }
        for line in piece.split(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line(&String::from_utf8_lossy(line));
        }
        if whole.is_empty() {
            return piece;
        }
        whole.extend_from_slice(&piece);
        whole
    }

    /// Whether the line is about what stays.
    fn line(&mut self, line: &str) -> bool {
        match field(line) {
            ("id", value) if !value.contains('\0') => {
                self.id = (!value.is_empty()).then(|| value.to_owned());
            }
            ("retry", value) if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                let told = value.parse().map(Duration::from_millis);
                self.retry = told.ok().or(self.retry);
            }
            _ => return false,
        }
        true
    }
}

/// The name of a line's field and its value. A comment begins with a colon, so that its field has no name.
fn field(line: &str) -> (&str, &str) {
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    (name, value.strip_prefix(' ').unwrap_or(value))
}

#[derive(Default)]
struct Unfinished {
    event: Option<String>,
    kept: Kept,
    data: Option<String>,
}

impl Unfinished {
    /// A field that is not known says nothing.
    fn line(&mut self, line: &str) {
        if self.kept.line(line) {
            return;
        }
        match field(line) {
            ("data", value) => {
                let data = self.data.take();
                self.data = Some(match data {
                    Some(before) => before + "\n" + value,
                    None => value.to_owned(),
                });
            }
            ("event", value) => self.event = (!value.is_empty()).then(|| value.to_owned()),
            _ => {}
        }
    }

    /// The event, unless it has no data, and the begin of the next one.
    fn finish(&mut self) -> Option<EventParts> {
        let (event, data) = (self.event.take(), self.data.take());
        Some(ServerEvent {
            event,
            id: self.kept.id.clone(),
            retry: self.kept.retry,
            data: data?,
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

    #[test]
    fn the_last_id_and_the_time_to_wait_stay_until_others_are_told() {
        let text = "id: 1\nretry: 5\ndata: a\n\ndata: b\nevent:\n\n: nothing\nid: 2\n\ndata: c\nid: 3\u{0}4\nretry\nretry: \
                    99999999999999999999\nretry: -1\n\nid\ndata: d\nretry: 0\n\ndata: e\n\n";
        let seen: Vec<_> = EventParts::all_of(text)
            .into_iter()
            .map(|event| {
                (
                    event.data,
                    event.id,
                    event.retry.map(|retry| retry.as_millis()),
                )
            })
            .collect();
        let is = |data: &str, id: Option<&str>, retry| {
            (data.to_owned(), id.map(str::to_owned), Some(retry))
        };
        let expected = [
            is("a", Some("1"), 5),
            is("b", Some("1"), 5),
            is("c", Some("2"), 5),
            is("d", None, 0),
            is("e", None, 0),
        ];
        assert_eq!(seen, expected);
        // The same for pieces, each of which is read alone.
        let mut kept = Kept::default();
        let pieces = text.split_inclusive("\n\n").flat_map(|piece| {
            let whole = kept.before(piece.as_bytes().to_vec());
            EventParts::all_of(std::str::from_utf8(&whole).unwrap())
        });
        assert_eq!(pieces.collect::<Vec<_>>(), EventParts::all_of(text));
    }
}
