//! What is remembered in transactions, by names. It is the same in both faces.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// The values of one transaction, and those of the one around it.
#[derive(Default)]
pub(super) struct Values {
    own: Mutex<BTreeMap<String, Value>>,
    around: Option<Arc<Values>>,
}

impl Values {
    pub(super) fn within(around: Option<&Arc<Self>>) -> Arc<Self> {
        Arc::new(Self {
            own: Mutex::default(),
            around: around.cloned(),
        })
    }

    fn own(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, name: &str, value: Value) {
        self.own().insert(name.to_owned(), value);
    }

    /// The one of that name, of the innermost transaction that has one.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        let mut of = Some(self);
        while let Some(values) = of {
            if let Some(value) = values.own().get(name) {
                return Some(value.clone());
            }
            of = values.around.as_deref();
        }
        None
    }
}
