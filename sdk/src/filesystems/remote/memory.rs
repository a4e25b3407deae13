//! `memory://`: for as long as the process lives, the same for all blocks.

use std::sync::OnceLock;

use opendal::Operator;
use opendal::services::Memory;

use super::address::Base;
use super::schemes::{Opened, operator};
use crate::Error;

pub(super) fn open(base: &Base) -> Result<Opened, Error> {
    static MEMORY: OnceLock<Operator> = OnceLock::new();
    let memory = match MEMORY.get() {
        Some(memory) => memory.clone(),
        None => {
            let new = operator(base, Operator::new(Memory::default()))?;
            MEMORY.get_or_init(|| new).clone()
        }
    };
    Ok(Opened::new(memory))
}
