//! The entries of an object, one after the other.

use std::collections::btree_map;
use std::{iter, slice, vec};

use super::{Entries, Key, Map};
use crate::json::Value;

#[derive(Clone)]
pub(super) enum Either<F, M> {
    Few(F),
    Many(M),
}

/// The entries of an object.
#[derive(Clone)]
pub struct Iter<'m>(
    pub(super) Either<slice::Iter<'m, (Key, Value)>, btree_map::Iter<'m, Key, Value>>,
);

impl<'m> Iterator for Iter<'m> {
    type Item = (&'m str, &'m Value);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Either::Few(list) => list.next().map(|(key, value)| (key.as_ref(), value)),
            Either::Many(tree) => tree.next().map(|(key, value)| (key.as_ref(), value)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.0 {
            Either::Few(list) => list.size_hint(),
            Either::Many(tree) => tree.size_hint(),
        }
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Either::Few(list) => list.next_back().map(|(key, value)| (key.as_ref(), value)),
            Either::Many(tree) => tree.next_back().map(|(key, value)| (key.as_ref(), value)),
        }
    }
}

/// The entries of an object, to change their values.
pub struct IterMut<'m>(
    pub(super) Either<slice::IterMut<'m, (Key, Value)>, btree_map::IterMut<'m, Key, Value>>,
);

impl<'m> Iterator for IterMut<'m> {
    type Item = (&'m str, &'m mut Value);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Either::Few(list) => list.next().map(|(key, value)| {
                let key: &'m Key = key;
                (key.as_ref(), value)
            }),
            Either::Many(tree) => tree.next().map(|(key, value)| (key.as_ref(), value)),
        }
    }
}

/// The entries of an object that is taken apart.
pub struct IntoIter(Either<vec::IntoIter<(Key, Value)>, btree_map::IntoIter<Key, Value>>);

impl Iterator for IntoIter {
    type Item = (Key, Value);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Either::Few(list) => list.next(),
            Either::Many(tree) => tree.next(),
        }
    }
}

impl IntoIterator for Map {
    type Item = (Key, Value);
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        IntoIter(match self.0 {
            Entries::Few(list) => Either::Few(list.into_iter()),
            Entries::Many(tree) => Either::Many(tree.into_iter()),
        })
    }
}

impl<'m> IntoIterator for &'m Map {
    type Item = (&'m str, &'m Value);
    type IntoIter = Iter<'m>;

    fn into_iter(self) -> Iter<'m> {
        self.iter()
    }
}

impl<'m> IntoIterator for &'m mut Map {
    type Item = (&'m str, &'m mut Value);
    type IntoIter = IterMut<'m>;

    fn into_iter(self) -> IterMut<'m> {
        self.iter_mut()
    }
}

impl iter::FusedIterator for Iter<'_> {}
