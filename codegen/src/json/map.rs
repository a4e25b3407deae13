//! Objects: few entries as a list in the order of their keys, many as a tree.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Value;

mod iterators;

use iterators::{Either, Iter, IterMut};

/// The name of an entry. Those that `OpenAPI` itself has take no room of their own.
pub type Key = Cow<'static, str>;

/// How many entries are few.
const FEW: usize = 48;

/// An object, whose entries are in the order of their keys.
#[derive(Clone, Debug)]
pub struct Map(Entries);

#[derive(Clone, Debug)]
enum Entries {
    Few(Vec<(Key, Value)>),
    #[expect(
        clippy::box_collection,
        reason = "the tree itself would make each value larger, and trees are few"
    )]
    Many(Box<BTreeMap<Key, Value>>),
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl Map {
    /// No entries.
    #[must_use]
    pub const fn new() -> Self {
        Self(Entries::Few(Vec::new()))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Entries::Few(list) => list.len(),
            Entries::Many(tree) => tree.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        match &self.0 {
            Entries::Few(list) => found(list, key).map(|index| &list[index].1),
            Entries::Many(tree) => tree.get(key),
        }
    }

    /// As [`get`](Self::get), to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        match &mut self.0 {
            Entries::Few(list) => found(list, key).map(|index| &mut list[index].1),
            Entries::Many(tree) => tree.get_mut(key),
        }
    }

    /// Whether a key is there.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets the value of a key. The result is the one that it had.
    pub fn insert(&mut self, key: impl Into<Key>, value: Value) -> Option<Value> {
        let key = key.into();
        self.make_room();
        match &mut self.0 {
            Entries::Few(list) => match place(list, &key) {
                Ok(index) => Some(std::mem::replace(&mut list[index].1, value)),
                Err(index) => {
                    list.insert(index, (key, value));
                    None
                }
            },
            Entries::Many(tree) => tree.insert(key, value),
        }
    }

    /// Where one more would not be few, they are many; and a list that is full grows by less than it would.
    fn make_room(&mut self) {
        let Entries::Few(list) = &mut self.0 else {
            return;
        };
        if list.len() == FEW {
            self.0 = Entries::Many(Box::new(std::mem::take(list).into_iter().collect()));
        } else if list.len() == list.capacity() {
            list.reserve_exact(1 + list.len() / 2);
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        match &mut self.0 {
            Entries::Few(list) => found(list, key).map(|index| list.remove(index).1),
            Entries::Many(tree) => tree.remove(key),
        }
    }

    /// Takes every entry out.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// The place of a key, which may be empty.
    pub fn entry(&mut self, key: impl Into<Key>) -> Entry<'_> {
        Entry {
            map: self,
            key: key.into(),
        }
    }

    /// Keeps the entries that a condition holds for.
    pub fn retain(&mut self, mut keeps: impl FnMut(&str, &mut Value) -> bool) {
        match &mut self.0 {
            Entries::Few(list) => list.retain_mut(|(key, value)| keeps(key, value)),
            Entries::Many(tree) => tree.retain(|key, value| keeps(key, value)),
        }
    }

    /// The entries.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        match &self.0 {
            Entries::Few(list) => Iter(Either::Few(list.iter())),
            Entries::Many(tree) => Iter(Either::Many(tree.iter())),
        }
    }

    /// As [`iter`](Self::iter), to change the values.
    pub fn iter_mut(&mut self) -> IterMut<'_> {
        match &mut self.0 {
            Entries::Few(list) => IterMut(Either::Few(list.iter_mut())),
            Entries::Many(tree) => IterMut(Either::Many(tree.iter_mut())),
        }
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// The values.
    #[must_use]
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// As [`values`](Self::values), to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.iter_mut().map(|(_, value)| value)
    }
}

fn found(list: &[(Key, Value)], key: &str) -> Option<usize> {
    // Most are not there, which their lengths say.
    list.iter().position(|(known, _)| known.as_ref() == key)
}

fn place(list: &[(Key, Value)], key: &str) -> Result<usize, usize> {
    list.binary_search_by(|(known, _)| known.as_ref().cmp(key))
}

/// Of a key that comes several times, the last value counts.
impl<K: Into<Key>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value));
        let mut list: Vec<(Key, Value)> = entries.collect();
        if list.len() > FEW {
            return Self(Entries::Many(Box::new(list.into_iter().collect())));
        }
        // The order of equal keys stays, so what is kept of them is the last.
        list.sort_by(|(one, _), (other, _)| other.cmp(one));
        list.reverse();
        list.dedup_by(|(one, _), (other, _)| one == other);
        list.shrink_to_fit();
        Self(Entries::Few(list))
    }
}

impl<K: Into<Key>> Extend<(K, Value)> for Map {
    fn extend<I: IntoIterator<Item = (K, Value)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

/// However many entries they have had.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Map {}

/// The place of a key, which may be empty.
pub struct Entry<'m> {
    map: &'m mut Map,
    key: Key,
}

impl<'m> Entry<'m> {
    /// What is there, or else this.
    pub fn or_insert(self, value: Value) -> &'m mut Value {
        self.or_insert_with(|| value)
    }

    /// What is there, or else what is made.
    pub fn or_insert_with(self, make: impl FnOnce() -> Value) -> &'m mut Value {
        let Self { map, key } = self;
        if !map.contains_key(&key) {
            map.make_room();
        }
        match &mut map.0 {
            Entries::Few(list) => {
                let index = place(list, &key).unwrap_or_else(|index| {
                    list.insert(index, (key, make()));
                    index
                });
                &mut list[index].1
            }
            Entries::Many(tree) => tree.entry(key).or_insert_with(make),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FEW, Map};
    use crate::json::json;

    fn numbered(count: usize) -> Map {
        let numbers = (0..count).rev();
        numbers
            .map(|index| (format!("k{index:03}"), json!(index)))
            .collect()
    }

    #[test]
    fn few_and_many_are_alike() {
        for count in [0, 1, FEW - 1, FEW, FEW + 1, 3 * FEW] {
            let at_once = numbered(count);
            let mut one_by_one = Map::new();
            for (key, value) in numbered(count) {
                assert_eq!(one_by_one.insert(key, value), None);
            }
            assert_eq!(at_once, one_by_one);
            assert_eq!(at_once.len(), count);
            assert!(at_once.keys().is_sorted());
            let mut without = numbered(count + FEW);
            without.retain(|key, _| at_once.contains_key(key));
            assert_eq!(without, at_once);
        }
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let entries = [("b", 0), ("a", 1), ("a", 2), ("b", 3), ("a", 4)];
        let map: Map = entries
            .map(|(key, number)| (key, json!(number)))
            .into_iter()
            .collect();
        assert_eq!(json!(map.clone()), json!({ "a": 4, "b": 3 }));
        let mut text = "{".to_owned();
        text.extend(entries.map(|(key, number)| format!("\"{key}\":{number},")));
        text.push_str("\"c\":5}");
        let mut read: Map = match serde_json::from_str(&text) {
            Ok(crate::json::Value::Object(map)) => map,
            other => panic!("{other:?}"),
        };
        // What is read is marked until that is said.
        assert_eq!(read.remove(crate::json::TWICE), Some(json!(true)));
        assert_eq!(json!(read), json!({ "a": 4, "b": 3, "c": 5 }));
    }

    #[test]
    fn entries_are_made_where_they_are_not() {
        let mut map = numbered(FEW);
        *map.entry("k000").or_insert(json!(7)) = json!(8);
        *map.entry("new").or_insert(json!(7)) = json!(9);
        map["newer"] = json!(10);
        assert_eq!((&map["k000"], &map["new"]), (&json!(8), &json!(9)));
        assert_eq!(map.remove("newer"), Some(json!(10)));
        assert!(map["newer"].is_null());
        assert_eq!(map.len(), FEW + 1);
    }
}
