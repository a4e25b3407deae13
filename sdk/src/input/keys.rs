//! The keys of inputs.

use std::collections::BTreeMap;

use prefect_client::models::{State, StateType};
use uuid::Uuid;

use crate::Error;

/// The keys below which a run that waits for input keeps what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Keyset {
    /// Of the text that is shown to whoever resumes the run.
    pub description: String,
    /// Of the input itself, which the server writes when the run resumes.
    pub response: String,
    /// Of the JSON schema of the input.
    pub schema: String,
}

impl Keyset {
    /// `{base_key}-description`, `{base_key}-response` and `{base_key}-schema`.
    ///
    /// ```
    /// use prefect_sdk::input::Keyset;
    ///
    /// assert_eq!(Keyset::from_base_key("paused-1").schema, "paused-1-schema");
    /// ```
    #[must_use]
    pub fn from_base_key(base_key: &str) -> Self {
        Self {
            description: format!("{base_key}-description"),
            response: format!("{base_key}-response"),
            schema: format!("{base_key}-schema"),
        }
    }

    /// The keys of a pause: `{state name in lower case}-{pause_key}` is what they begin with.
    ///
    /// ```
    /// use prefect_sdk::input::Keyset;
    ///
    /// assert_eq!(Keyset::of_pause("Suspended", "2").response, "suspended-2-response");
    /// ```
    #[must_use]
    pub fn of_pause(state_name: &str, pause_key: &str) -> Self {
        Self::from_base_key(&format!("{}-{pause_key}", state_name.to_lowercase()))
    }

    /// The keys of a paused state, by its name and its `pause_key`.
    ///
    /// # Errors
    ///
    /// The state is not a paused one, or has no `pause_key` ([`Error::is_invalid`]).
    pub fn from_paused_state(state: &State) -> Result<Self, Error> {
        if state.type_ != StateType::Paused {
            return Err(Error::invalid("only a paused state has keys for input"));
        }
        let details = state.state_details.as_ref();
        let key = details.and_then(|details| details.pause_key.as_deref());
        let key = key.ok_or_else(|| Error::invalid("the paused state has no pause_key"))?;
        Ok(Self::of_pause(
            state.name.as_deref().unwrap_or_default(),
            key,
        ))
    }
}

/// As `state_details.run_input_keyset` has it.
impl From<Keyset> for BTreeMap<String, String> {
    fn from(keyset: Keyset) -> Self {
        Self::from([
            ("description".to_owned(), keyset.description),
            ("response".to_owned(), keyset.response),
            ("schema".to_owned(), keyset.schema),
        ])
    }
}

/// Reads `state_details.run_input_keyset`.
impl TryFrom<&BTreeMap<String, String>> for Keyset {
    type Error = Error;

    fn try_from(map: &BTreeMap<String, String>) -> Result<Self, Error> {
        let key = |name: &str| {
            let key = map.get(name).cloned();
            key.ok_or_else(|| Error::invalid(format!("the keyset has no key for `{name}`")))
        };
        Ok(Self {
            description: key("description")?,
            response: key("response")?,
            schema: key("schema")?,
        })
    }
}

/// The server takes other keys only to fail when it reads them.
pub(super) fn check_key(key: &str) -> Result<(), Error> {
    let allowed = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '-');
    if !key.is_empty() && key.chars().all(allowed) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "the key {key:?} of a flow run's input must be lowercase letters, digits and dashes only"
    )))
}

/// What the keys of all messages of a type begin with.
pub(super) fn message_prefix(type_name: &str) -> String {
    format!("{}-auto", type_name.to_lowercase())
}

/// A key that no other message has.
pub(super) fn message_key(prefix: &str) -> String {
    format!("{prefix}-{}", Uuid::new_v4())
}

/// How a flow run signs what it sends.
pub(super) fn sender_of(flow_run_id: Uuid) -> String {
    format!("{FLOW_RUN}.{flow_run_id}")
}

/// The flow run that signed so.
pub(super) fn flow_run_of(sender: &str) -> Option<Uuid> {
    let id = sender.strip_prefix(FLOW_RUN)?.rsplit('.').next()?;
    Uuid::parse_str(id).ok()
}

const FLOW_RUN: &str = "prefect.flow-run";
