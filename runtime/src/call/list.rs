//! Lists, read into one piece of memory.
//!
//! A parser does not know how long a list is, and serde's `Vec` grows while it is read: what it holds is copied again and
//! again, which is a thirtieth of what a page costs. The text that is read bounds what there can be.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, SeqAccess, Visitor};
use serde_json::de::Read;

use crate::model::object::time;

/// Reads a text of `length` bytes that is a list.
///
/// # Errors
/// The text is not JSON, is no list, or has an item that does not have its form.
pub(super) fn read<'de, R: Read<'de>, T: DeserializeOwned + 'static>(
    json: &mut serde_json::Deserializer<R>,
    length: usize,
) -> serde_json::Result<Vec<T>> {
    let items = json.deserialize_seq(Items {
        room: room::<T>(length),
        item: PhantomData,
    })?;
    json.end()?;
    Ok(items)
}

/// As many as take no more memory than the text. A flow run's text is larger than the flow run.
fn room<T>(length: usize) -> usize {
    length / size_of::<T>().max(1)
}

struct Items<T> {
    room: usize,
    item: PhantomData<T>,
}

impl<'de, T: DeserializeOwned + 'static> Visitor<'de> for Items<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut items = Vec::with_capacity(self.room);
        while let Some(Item(item)) = list.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}

/// An item, which may be a time without a zone.
struct Item<T>(T);

impl<'de, T: DeserializeOwned + 'static> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        time::read(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list<T: DeserializeOwned + 'static>(text: &str) -> serde_json::Result<Vec<T>> {
        read(&mut serde_json::Deserializer::from_str(text), text.len())
    }

    #[test]
    fn a_list_is_read_as_serde_json_reads_it() {
        for text in [
            "[]",
            " [ ] ",
            "[1]",
            "[1, 2,3]",
            "",
            "[",
            "[1",
            "[1,",
            "[1,]",
            "[1]2",
            "[]]",
            "{}",
            "null",
            "1",
            "[1,\"x\"]",
        ] {
            let theirs = serde_json::from_str::<Vec<i64>>(text).map_err(|error| error.to_string());
            let ours = list::<i64>(text).map_err(|error| error.to_string());
            assert_eq!(ours, theirs, "{text}");
        }
    }

    #[test]
    fn there_is_never_more_room_than_the_text_takes() {
        assert_eq!(list::<[u64; 4]>("[]").unwrap().capacity(), 0);
        let text = format!("[{}]", ["[1,2,3,4]"; 100].join(","));
        assert_eq!(list::<[u64; 4]>(&text).unwrap().len(), 100);
        assert!(room::<[u64; 4]>(text.len()) * size_of::<[u64; 4]>() <= text.len());
        assert_eq!(list::<()>("[null,null]").unwrap().len(), 2);
    }
}
