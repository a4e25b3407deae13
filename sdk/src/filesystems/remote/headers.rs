//! What the settings say is sent with each request.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::settings::Settings;
use crate::Error;

/// The headers in some maps of the settings, such as `headers.`.
pub(super) fn headers(settings: &mut Settings<'_>, groups: &[&str]) -> Result<HeaderMap, Error> {
    let mut found = HeaderMap::new();
    for group in groups {
        for (name, value) in settings.group(group)? {
            found.extend(header(&name, &value)?);
        }
    }
    Ok(found)
}

/// The value is not shown: it may be a secret.
fn header(name: &str, value: &str) -> Result<HeaderMap, Error> {
    let parsed = HeaderName::try_from(name)
        .ok()
        .zip(HeaderValue::try_from(value).ok());
    let (name, mut value) =
        parsed.ok_or_else(|| Error::invalid(format!("the setting `{name}` is not a header")))?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(name, value)]))
}
