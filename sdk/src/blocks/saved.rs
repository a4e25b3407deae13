//! A block that the server has.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};

use serde_json::Value;
use uuid::Uuid;

/// A block that the server has: its value, and which document it is.
///
/// Change the value and [`aupdate`](Self::aupdate) it. Fields that came as references stay references.
#[derive(Clone, PartialEq)]
pub struct Saved<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// Which document a block is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) id: Uuid,
    pub(super) name: Option<String>,
    pub(super) is_anonymous: bool,
    /// The fields that came as references.
    pub(super) references: BTreeMap<String, Reference>,
}

/// A field that came as a reference.
#[derive(Clone, PartialEq)]
pub(super) struct Reference {
    /// The document that is referred to.
    pub(super) id: Uuid,
    /// What is written for the field while it is not changed.
    pub(super) unchanged: Option<Value>,
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is written for the field may hold secrets.
        self.id.fmt(f)
    }
}

impl<T> Saved<T> {
    /// The id of the document.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.place.id
    }

    /// The name of the document.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.place.name.as_deref()
    }

    /// Whether the server hides the document from people, and has named it itself.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.place.is_anonymous
    }

    /// The document that a field refers to, where it came as a reference.
    #[must_use]
    pub fn reference(&self, field: &str) -> Option<Uuid> {
        self.place
            .references
            .get(field)
            .map(|reference| reference.id)
    }

    /// The value alone.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Saved<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Saved<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Saved<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Saved")
            .field("value", &self.value)
            .field("place", &self.place)
            .finish()
    }
}
