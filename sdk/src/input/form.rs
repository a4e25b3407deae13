//! What a paused run asks for.

use std::marker::PhantomData;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use serde_json::{Map, Value};
use uuid::Uuid;

#[dual(sdk)]
use super::actions::{acreate_flow_run_input, aread_flow_run_input};
use super::input_type::InputType;
use super::keys::{Keyset, check_key};
use super::question::Question;
use crate::Error;
use crate::faces::sdk;

/// The input that a paused run waits for: its type, a description, and the values that whoever fills it in starts from.
///
/// ```
/// use prefect_sdk::input::InputForm;
///
/// let form = InputForm::<i64>::new()
///     .description("How many?")
///     .add_initial("value", 3);
/// assert_eq!(form.schema()?["properties"]["value"]["default"], 3);
/// # Ok::<(), prefect_sdk::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct InputForm<T> {
    description: Option<String>,
    initial: Map<String, Value>,
    input: PhantomData<fn() -> T>,
}

impl<T> Default for InputForm<T> {
    fn default() -> Self {
        Self {
            description: None,
            initial: Map::new(),
            input: PhantomData,
        }
    }
}

impl<T: InputType> InputForm<T> {
    /// Without a description, and with the defaults of the type.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the text, in Markdown, that the UI shows above the form.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds the value that a field has unless another is given.
    #[must_use]
    pub fn add_initial(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.initial.insert(field.into(), value.into());
        self
    }

    /// The JSON schema, with the initial values as defaults.
    ///
    /// # Errors
    ///
    /// The type is no object, or has no field of that name ([`Error::is_invalid`]).
    pub fn schema(&self) -> Result<Value, Error> {
        let name = T::type_name();
        let mut schema = T::schema().to_value();
        if schema.get("type").is_none_or(|kind| kind != "object") {
            return Err(Error::invalid(format!(
                "{name} is not a JSON object: a run input has named fields"
            )));
        }
        for (field, value) in &self.initial {
            let property = schema
                .pointer_mut("/properties")
                .and_then(|all| all.get_mut(field));
            let Some(Value::Object(property)) = property else {
                return Err(Error::invalid(format!("{name} has no field `{field}`")));
            };
            property.insert("default".to_owned(), value.clone());
            if let Some(Value::Array(required)) = schema.get_mut("required") {
                required.retain(|name| name != field);
            }
        }
        Ok(schema)
    }

    /// What is to be saved below these keys.
    ///
    /// # Errors
    ///
    /// As [`schema`](Self::schema); or the keys can't be ones ([`Error::is_invalid`]).
    pub(crate) fn question(&self, keyset: Keyset) -> Result<Question, Error> {
        check_key(&keyset.schema)?;
        let schema = self.schema()?;
        let description = self.description.clone().map(Value::from);
        Ok(Question {
            keyset,
            schema,
            description,
        })
    }

    /// Fills in the initial values: the server checks, but does not complete.
    fn complete(&self, response: Option<Value>) -> Result<T, Error> {
        let mut response = response.unwrap_or_else(|| Map::new().into());
        if let Value::Object(fields) = &mut response {
            for (field, value) in &self.initial {
                fields.entry(field).or_insert_with(|| value.clone());
            }
        }
        T::from_json(response)
    }
}

#[dual(sdk)]
impl<T: InputType> InputForm<T> {
    /// Saves the schema and the description below these keys, for a paused state that you propose yourself: a run whose
    /// state names the keys (`state_details.run_input_keyset`) can be resumed with such an input only. Do it once the state is
    /// accepted: a server of 3.9 or newer then takes away what was there before. Pausing with
    /// [`apause_flow_run_for_input`](crate::flow_runs::apause_flow_run_for_input) does it.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, input::{InputForm, Keyset}};
    /// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let keyset = Keyset::from_base_key("paused-1");
    /// InputForm::<String>::new().asave(&client, id, &keyset).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`schema`](Self::schema); the run has inputs with these keys ([`Error::is_already_exists`]); or a call failed.
    pub async fn asave(
        &self,
        client: &AsyncPrefectClient,
        flow_run_id: Uuid,
        keyset: &Keyset,
    ) -> Result<(), Error> {
        for (key, value) in self.question(keyset.clone())?.inputs() {
            acreate_flow_run_input(client, flow_run_id, key, value).await?;
        }
        Ok(())
    }

    /// Loads the input that the run was resumed with; where it was resumed without, or fields were left out, those have
    /// the initial values, or the defaults of the type.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, input::{InputForm, Keyset}};
    /// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let keyset = Keyset::from_base_key("paused-1");
    /// let name = InputForm::<String>::new().aload(&client, id, &keyset).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// The response is no such input ([`Error::is_unfit`]), or the call failed.
    pub async fn aload(
        &self,
        client: &AsyncPrefectClient,
        flow_run_id: Uuid,
        keyset: &Keyset,
    ) -> Result<T, Error> {
        let response = aread_flow_run_input(client, flow_run_id, &keyset.response).await?;
        self.complete(response)
    }
}
