//! Variables: named values that flows share.

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::ErrorExt as _;
use prefect_client::models::{VariableCreate, VariableUpdate, VariableValue};

use crate::Error;
use crate::faces::sdk;

/// A variable.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value; `None` is JSON's null.
    pub value: Option<VariableValue>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// What is optional about setting a variable.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SetVariableOptions {
    /// The tags that it has then; none unless set.
    pub tags: Vec<String>,
    /// Whether a variable of that name may be there already; it may not unless set.
    pub overwrite: bool,
}

impl SetVariableOptions {
    /// Without tags, and only where there is no such variable.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the tags.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether a variable of that name may be there already.
    #[must_use]
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }
}

#[dual(sdk)]
impl Variable {
    /// The value of a variable; `None` where there is no such variable, or its value is null.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, variables::Variable};
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let greeting = Variable::aget(&client, "greeting").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A call of the client failed, such as for an API URL that is wrong: its 404 is not that of a variable.
    pub async fn aget(
        client: &AsyncPrefectClient,
        name: &str,
    ) -> Result<Option<VariableValue>, Error> {
        match client.read_variable_by_name(name).await {
            Ok(variable) => Ok(variable.value),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Sets a variable that is not there yet.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, variables::Variable};
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// Variable::aset(&client, "greeting", "hello").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A variable of that name is there ([`Error::is_already_exists`]); or a call of the client failed.
    pub async fn aset(
        client: &AsyncPrefectClient,
        name: &str,
        value: impl Into<VariableValue>,
    ) -> Result<Self, Error> {
        Self::aset_with(client, name, value, &SetVariableOptions::new()).await
    }

    /// Sets a variable, with tags, or in place of one that is there.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, variables::{SetVariableOptions, Variable}};
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let options = SetVariableOptions::new().tags(["demo"]).overwrite(true);
    /// Variable::aset_with(&client, "greeting", "hello", &options).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A variable of that name is there, and it is not to be overwritten ([`Error::is_already_exists`]); or a call of
    /// the client failed.
    pub async fn aset_with(
        client: &AsyncPrefectClient,
        name: &str,
        value: impl Into<VariableValue>,
        options: &SetVariableOptions,
    ) -> Result<Self, Error> {
        let value = value.into();
        let tags = options.tags.clone();
        let create = VariableCreate::new(name, value.clone()).tags(tags.clone());
        match client.create_variable(&create).await {
            Ok(variable) => return Ok(Self::from(variable)),
            Err(error) if !error.is_already_exists() => return Err(error.into()),
            Err(error) if !options.overwrite => {
                let text = format!(
                    "the variable `{name}` is there already: see SetVariableOptions::overwrite"
                );
                return Err(Error::exists(text).because(error));
            }
            Err(_) => {}
        }
        let update = VariableUpdate::new().value(value).tags(tags);
        client.update_variable_by_name(name, &update).await?;
        Ok(Self::from(client.read_variable_by_name(name).await?))
    }

    /// Removes a variable; `false` where there was none.
    ///
    /// # Errors
    ///
    /// A call of the client failed, such as for an API URL that is wrong: its 404 is not that of a variable.
    pub async fn aunset(client: &AsyncPrefectClient, name: &str) -> Result<bool, Error> {
        match client.delete_variable_by_name(name).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl From<prefect_client::models::Variable> for Variable {
    fn from(variable: prefect_client::models::Variable) -> Self {
        Self {
            name: variable.name,
            value: variable.value,
            tags: variable.tags,
        }
    }
}
