//! The values that travel: what models are made of, how they are written and read, and values that are not shown.

mod checked;
mod file;
pub mod json;
pub mod object;
pub mod open_enum;
mod parameter;
mod patch;
mod redacted;
mod secret;
mod server_event;
mod source;
pub(crate) mod style;
pub mod union;

pub(crate) use checked::{Checked, Place};
pub(crate) use file::Content;
pub use file::File;
pub(crate) use object::{BodyWriter, ObjectWriter};
pub use parameter::{ParameterValue, ParameterValues};
pub use patch::Patch;
pub(crate) use redacted::HeaderNames;
pub use redacted::Redacted;
pub use secret::Secret;
pub(crate) use server_event::EventParts;
#[cfg(any(feature = "blocking", feature = "async"))]
pub(crate) use server_event::Kept;
pub use server_event::ServerEvent;
pub use source::{Chunks, Upload};
pub(crate) use source::{Piece, SPENT};
pub use style::ParameterStyle;
