//! What `#[flow]` and `#[task]` make of functions.

mod runs;
mod shapes;
mod submitted;
