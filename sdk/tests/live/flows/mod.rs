//! Flows and tasks in both faces, and beside Python: what is said to the server, and what it has in the end.

mod attributes;
mod cached;
mod cancelled;
mod conversation;
mod endings;
mod given;
mod guests;
mod kept;
mod lost;
mod odd;
mod outside;
mod parameters;
mod rare;
mod recording;
mod refreshed;
mod rows;
mod subflows;
mod submitted;
mod suspended;
mod transactions;
mod trees;
mod undone;

pub(crate) use endings::ValueError;
