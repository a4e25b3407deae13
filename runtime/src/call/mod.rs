//! One call as data: its operation, its request, its answer, how that is read, and why there is no value. No I/O.

mod answer;
mod builder;
#[expect(
    clippy::module_inception,
    reason = "a call is what the other parts make up"
)]
mod call;
mod cause;
mod charset;
mod depth;
mod detail;
mod error;
mod form;
pub mod header;
mod json_path;
mod list;
mod operation;
pub mod read;
mod read_error;
mod request;
mod transport_error;
mod whole;

pub use answer::Answer;
pub(crate) use builder::add_cookies;
pub use builder::{MultipartWriter, RequestBuilder, StyledPair};
pub use call::Call;
#[cfg(any(feature = "blocking", feature = "async"))]
pub(crate) use call::Reader;
pub use error::{Error, Progress};
pub use header::HeaderError;
pub use operation::{AnswerForm, Credential, Operation, TypedOperation};
pub use read_error::ReadError;
pub use request::Request;
pub use transport_error::{TransportError, TransportErrorKind};
