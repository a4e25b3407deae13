//! What only generated code uses. Its names follow the generator, and may change with any release.

pub use crate::call::{MultipartWriter, RequestBuilder, StyledPair, header, read};
pub use crate::model::object::{
    self, BodyWriter, FromObject, ObjectReader, ObjectWriter, required,
};
pub use crate::model::{
    ParameterStyle, ParameterValue, ParameterValues, Redacted, open_enum, union,
};

/// The base URL that an address means which is relative to another one.
///
/// # Errors
/// What comes of it is not one of `http` or `https`, or has credentials, a query or a fragment.
pub fn server_at(base: &str, relative: &str) -> Result<String, crate::call::Error> {
    crate::exchange::base_url::BaseUrl::resolve(base, relative)
}
