//! What `#[derive(Block)]` asks of a field's type while it compiles. Nothing here is for users.
//!
//! A question about any type has two answers: one for types that a bound holds for, in an impl of [`Probe`] itself, which
//! goes first, and one for all others, in a trait.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::marker::PhantomData;

use super::block::Block;
use super::nested::Nested;
use super::secret::{SecretMap, SecretString};

/// Asks about a type.
pub struct Probe<T>(PhantomData<T>);

/// The answers for types that nothing is known of; what they hold is seen when the type is registered.
pub trait Unknown {
    /// Whether the type is a block, which as a field must be nested.
    const IS_BLOCK: bool = false;
    /// Whether it holds secrets.
    const HAS_SECRETS: bool = false;
    /// Whether it holds secrets that the server would show.
    const IS_SHOWN: bool = false;
}

impl<T> Unknown for Probe<T> {}

#[allow(dead_code, reason = "the derive's assertions use them")]
impl<T: Block> Probe<T> {
    /// See [`Unknown`].
    pub const IS_BLOCK: bool = true;
}

#[allow(dead_code, reason = "the derive's assertions use them")]
impl<T: Hides> Probe<T> {
    /// See [`Unknown`].
    pub const HAS_SECRETS: bool = T::ANY;
    /// See [`Unknown`].
    pub const IS_SHOWN: bool = T::SHOWN;
}

/// A type that may hold secrets.
pub trait Hides {
    /// It is a secret, or a list of them, which the server hides as a whole.
    const DIRECT: bool = false;
    /// Secrets are in objects in it, which the server finds by the names of fields only.
    const INSIDE: bool = false;
    /// It holds a secret somewhere.
    const ANY: bool;
    /// It holds a secret that the server would show.
    const SHOWN: bool = false;
}

impl Hides for SecretString {
    const DIRECT: bool = true;
    const ANY: bool = true;
}

impl Hides for SecretMap {
    const ANY: bool = true;
}

impl<T: Block> Hides for Nested<T> {
    const INSIDE: bool = T::HAS_SECRETS;
    const ANY: bool = T::HAS_SECRETS;
}

macro_rules! same {
    ($($type:ty),*) => {$(
        impl<T: Hides> Hides for $type {
            const DIRECT: bool = T::DIRECT;
            const INSIDE: bool = T::INSIDE;
            const ANY: bool = T::ANY;
            const SHOWN: bool = T::SHOWN;
        }
    )*};
}

macro_rules! lists {
    ($([$($size:tt)*] $type:ty),*) => {$(
        impl<T: Hides, $($size)*> Hides for $type {
            const DIRECT: bool = T::DIRECT;
            const INSIDE: bool = T::INSIDE;
            const ANY: bool = T::ANY;
            const SHOWN: bool = T::SHOWN || T::INSIDE;
        }
    )*};
}

macro_rules! maps {
    ($($type:ty),*) => {$(
        impl<K, T: Hides> Hides for $type {
            const INSIDE: bool = T::DIRECT || T::INSIDE;
            const ANY: bool = T::ANY;
            const SHOWN: bool = T::SHOWN || T::DIRECT || T::INSIDE;
        }
    )*};
}

same!(Option<T>, Box<T>);
lists!([] Vec<T>, [] VecDeque<T>, [] BTreeSet<T>, [] HashSet<T>, [const N: usize] [T; N]);
maps!(BTreeMap<K, T>, HashMap<K, T>);
