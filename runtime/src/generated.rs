//! What only generated code uses. Its names follow the generator, and may change with any release.

pub use crate::call::{MultipartWriter, RequestBuilder, StyledPair, read};
pub use crate::model::object::{
    self, BodyWriter, FromObject, ObjectReader, ObjectWriter, required,
};
pub use crate::model::{
    ParameterStyle, ParameterValue, ParameterValues, Redacted, open_enum, union,
};
