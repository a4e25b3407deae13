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
    pub(crate) description: Option<String>,
}

#[dual(sdk)]
impl Question {
    /// Saves it for a run that has stopped: servers from 3.9 on take away what was there before, as a run that begins anew asks
    /// anew. Whoever resumes the run sooner is refused. Other servers may have it from when the run came here before.
    ///
    /// The schema is last, as it is what resuming needs.
    pub(crate) async fn aask(
        &self,
        client: &AsyncPrefectClient,
        flow_run_id: Uuid,
    ) -> Result<(), Error> {
        if let Some(text) = &self.description {
            let key = &self.keyset.description;
            is_there(acreate_flow_run_input(client, flow_run_id, key, text).await)?;
        }
        let key = &self.keyset.schema;
        is_there(acreate_flow_run_input(client, flow_run_id, key, &self.schema).await)
    }
}

fn is_there(saved: Result<(), Error>) -> Result<(), Error> {
    match saved {
        Err(error) if error.is_already_exists() => Ok(()),
        saved => saved,
    }
}
