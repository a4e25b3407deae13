//! What `#[flow]` and `#[task]` make of functions.

mod shapes;
