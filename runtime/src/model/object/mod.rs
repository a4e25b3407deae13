//! How generated models are written and read, with as little generic code per model as possible.

mod reader;
pub(crate) mod time;
mod writer;

pub use reader::{FromObject, ObjectReader, read, required};
pub use writer::{BodyWriter, ObjectWriter};
