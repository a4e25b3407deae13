//! The one server of the tests, over HTTP/1.1 on a port of this machine, with a thread for each connection.
//!
//! Each request meets a [`Fault`], by a script ([`Server::start`]) or by a function ([`Server::answering`]); a good
//! [`Answer`] is one of them. What came is kept: [`Server::requests`], [`Server::seen`], and counts of connections.
//! Dropping the server closes everything and waits for its threads.

mod answer;
mod count;
mod fault;
mod nobody;
mod perform;
mod plan;
mod request;
mod server;
mod tunnel;

pub use answer::Answer;
pub use fault::{End, Endless, Fault, Malformed};
pub use nobody::nobody;
pub use request::Request;
pub use server::{Door, Seen, Server};
pub use tunnel::{Asked, each_connection, head, tunnels};
