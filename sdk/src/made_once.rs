//! What is made once for the whole process, such as the transport to addresses that are not the server's.

use std::sync::OnceLock;

use crate::Error;

/// What can't be made is made anew the next time: the environment names the proxies.
pub(crate) fn made_once<T>(
    cell: &'static OnceLock<T>,
    make: impl FnOnce() -> Result<T, prefect_client::Error>,
) -> Result<&'static T, Error> {
    if let Some(known) = cell.get() {
        return Ok(known);
    }
    let new = make()?;
    Ok(cell.get_or_init(|| new))
}
