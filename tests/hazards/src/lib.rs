//! What the tests of the hazards stand on: see README.md for where each one is.

mod clock;
mod faces;
mod server;
mod warnings;

pub use clock::TestClock;
pub use faces::{HANG, asynchronous, blocking, config, current_thread, multi_thread};
pub use server::{Ending, Reply, Request, Seen, Server};
pub use warnings::Warnings;
