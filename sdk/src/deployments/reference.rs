//! Which deployment is meant.

use uuid::Uuid;

use crate::Error;

/// A deployment, by id or by name. A text that is an id is an id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeploymentRef {
    /// By id.
    Id(Uuid),
    /// By name: `flow/deployment`.
    Name(String),
}

impl DeploymentRef {
    /// The names of the flow and of the deployment in a name.
    pub(crate) fn split(name: &str) -> Result<(&str, &str), Error> {
        match name.split_once('/') {
            Some((flow, deployment))
                if !flow.is_empty() && !deployment.is_empty() && !deployment.contains('/') =>
            {
                Ok((flow, deployment))
            }
            _ => Err(Error::invalid(format!(
                "`{name}` is not the name of a deployment: write `flow/deployment`"
            ))),
        }
    }
}

impl From<Uuid> for DeploymentRef {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for DeploymentRef {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for DeploymentRef {
    fn from(text: String) -> Self {
        Uuid::parse_str(&text).map_or(Self::Name(text), Self::Id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_an_id_or_a_name() {
        let id = Uuid::new_v4();
        assert_eq!(DeploymentRef::from(&*id.to_string()), DeploymentRef::Id(id));
        let name = DeploymentRef::Name("flow/deployment".to_owned());
        assert_eq!(DeploymentRef::from("flow/deployment"), name);
    }

    #[test]
    fn a_name_has_two_parts() {
        assert_eq!(DeploymentRef::split("a/b c").unwrap(), ("a", "b c"));
        for wrong in ["", "a", "/", "a/", "/b", "a/b/c"] {
            assert!(
                DeploymentRef::split(wrong).unwrap_err().is_invalid(),
                "{wrong}"
            );
        }
    }
}
