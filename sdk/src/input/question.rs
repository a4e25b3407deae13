//! What a run that stops for input saves, so that it can be answered.

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use serde_json::Value;
use uuid::Uuid;

#[dual(sdk)]
use super::actions::acreate_flow_run_input;
use super::keys::Keyset;
use crate::Error;
use crate::faces::sdk;

/// A form as it is saved, and below which keys.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) keyset: Keyset,
    pub(crate) schema: Value,
    pub(crate) description: Option<Value>,
}

impl Question {
    /// What is saved below which key. The schema is last, as it is what resuming needs.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = (&str, &Value)> {
        let description = self.description.as_ref();
        let description = description.map(|text| (self.keyset.description.as_str(), text));
        let schema = (self.keyset.schema.as_str(), &self.schema);
        description.into_iter().chain([schema])
    }
}

#[dual(sdk)]
impl Question {
    /// Saves it for a run that has stopped: servers from 3.9 on take away what was there before, as a run that begins anew asks
    /// anew. Whoever resumes the run sooner is refused. Other servers may have it from when the run came here before.
    pub(crate) async fn aask(
        &self,
        client: &AsyncPrefectClient,
        flow_run_id: Uuid,
    ) -> Result<(), Error> {
        for (key, value) in self.inputs() {
            match acreate_flow_run_input(client, flow_run_id, key, value).await {
                Err(error) if error.is_already_exists() => {}
                saved => saved?,
            }
        }
        Ok(())
    }
}
