//! What the shared state of the engine is guarded by: `tests/interleaving` compiles the same files with others in their place, which let
//! the test say who takes the next step.

#[cfg(feature = "flows")]
pub(crate) use event_listener::Event;
#[cfg(all(feature = "flows", feature = "blocking"))]
pub(crate) use event_listener::Listener;
#[cfg(feature = "blocking")]
pub(crate) use std::sync::Condvar;
#[cfg(feature = "flows")]
pub(crate) use std::sync::{Arc, MutexGuard, OnceLock, Weak, atomic};
#[cfg(any(feature = "flows", feature = "blocking"))]
pub(crate) use std::sync::{Mutex, PoisonError};
#[cfg(feature = "blocking")]
pub(crate) use std::thread;
#[cfg(all(feature = "flows", feature = "blocking"))]
pub(crate) use std::thread_local;
