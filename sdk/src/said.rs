//! What the environment says by variables.

use crate::Error;

/// What a variable says, without the blanks around it; one that is blank says nothing.
pub(crate) fn said(variable: impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    let text = variable(name)?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Whether a variable says that something is so, as pydantic reads it.
pub(crate) fn truth(name: &str, text: &str) -> Result<bool, Error> {
    match text.to_lowercase().as_str() {
        "1" | "on" | "t" | "true" | "y" | "yes" => Ok(true),
        "0" | "off" | "f" | "false" | "n" | "no" => Ok(false),
        _ => Err(Error::invalid(format!("{name} is neither true nor false"))),
    }
}
