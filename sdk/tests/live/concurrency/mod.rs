//! Slots in both faces, and beside Python.

mod limits;
mod slots;
mod soak;
