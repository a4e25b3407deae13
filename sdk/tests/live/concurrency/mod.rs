//! Slots in both faces, and beside Python.

mod double;
mod interop;
mod leases;
mod limits;
mod refusals;
mod slots;
mod soak;
mod told;
