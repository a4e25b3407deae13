//! `memory://`: for as long as the process lives, the same for all blocks.

use std::sync::OnceLock;

use opendal::Operator;
use opendal::services::Memory;

use super::super::address::Base;
use super::opened::{Opened, operator};
use crate::Error;

pub(super) fn open(base: &Base) -> Result<Opened, Error> {
    static MEMORY: OnceLock<Operator> = OnceLock::new();
    if let Some(memory) = MEMORY.get() {
        return Ok(Opened::new(memory.clone()));
    }
    let new = operator(base, Operator::new(Memory::default()))?;
    Ok(Opened::new(MEMORY.get_or_init(|| new).clone()))
}
