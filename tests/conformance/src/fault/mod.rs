//! Callers of a server that misbehaves on command.

mod caller;

pub use caller::{Caller, Ending, Face, Method, good};
