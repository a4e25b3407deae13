//! What the environment says by variables.

/// What a variable says, without the blanks around it; one that is blank says nothing.
pub(crate) fn said(variable: impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    let text = variable(name)?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}
