//! Which credentials an operation asks for.

use crate::ir::{SecurityKind, SecurityScheme};
use crate::json::{Map, Value};

/// The credentials of each alternative, where the operation or the whole description says which, and clients have them all
/// as schemes of their own. Of others, a client says by hand who it is.
pub(super) fn asked(
    operation: &Map,
    of_all: &Value,
    schemes: &[SecurityScheme],
) -> Option<Vec<Vec<SecurityKind>>> {
    let own = operation.get("security").filter(|own| !own.is_null());
    let alternatives = own.unwrap_or(of_all).as_array()?;
    let kind = |name: &str| {
        let scheme = schemes.iter().find(|scheme| scheme.wire == name)?;
        Some(scheme.kind.clone())
    };
    let all = |alternative: &Value| alternative.as_object()?.keys().map(kind).collect();
    alternatives.iter().map(all).collect()
}
