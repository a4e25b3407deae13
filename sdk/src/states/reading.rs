//! The record that a state speaks of.

use std::path::Path;
use std::time::Duration;

use diptych_macros::dual;
#[dual(states)]
use prefect_client::AsyncPrefectClient;

use super::{StateResultOptions, states};
use crate::Error;
#[dual(states)]
use crate::faces::asleep;
#[dual(states)]
use crate::results::AsyncResultStore;
#[dual(states)]
use crate::results::storages::aopen_storage;
use crate::results::{ResultRecord, ResultRecordMetadata, ResultSettings, StorageReference};

/// A record may be written after its state.
const ATTEMPTS: usize = 10;
/// What can't be read may be half written; but that is seldom, and what never can be read is not waited for.
const UNFIT_ATTEMPTS: usize = 3;
const DELAY: Duration = Duration::from_millis(250);

/// Reads the record, and again after a while if that fails.
#[dual(states)]
pub(crate) async fn aread_record(
    client: &AsyncPrefectClient,
    metadata: &ResultRecordMetadata,
    options: &StateResultOptions,
) -> Result<ResultRecord, Error> {
    let mut attempt = 1;
    loop {
        match aread_once(client, metadata, options).await {
            Err(error) if attempt < attempts(&error, options) => attempt += 1,
            done => return done,
        }
        asleep(DELAY).await;
    }
}

fn attempts(error: &Error, options: &StateResultOptions) -> usize {
    if !options.retry || error.names_class() {
        1
    } else if error.is_unfit() {
        UNFIT_ATTEMPTS
    } else if error.api().is_none() && (error.is_not_found() || error.is_storage()) {
        ATTEMPTS
    } else {
        1
    }
}

#[dual(states)]
async fn aread_once(
    client: &AsyncPrefectClient,
    metadata: &ResultRecordMetadata,
    options: &StateResultOptions,
) -> Result<ResultRecord, Error> {
    let key = metadata.storage_key.as_deref();
    let key = key.ok_or_else(|| Error::unfit("the state does not say where its result is"))?;
    let (settings, reference) = place(key, metadata, options)?;
    let storage = aopen_storage(client, &reference).await?;
    let store = AsyncResultStore::new(settings)
        .storage(storage)
        .serializer(metadata.serializer.clone());
    store.read(key).await
}

/// An absolute key is that of a file, which may be outside of the reader's own storage.
fn place(
    key: &str,
    metadata: &ResultRecordMetadata,
    options: &StateResultOptions,
) -> Result<(ResultSettings, StorageReference), Error> {
    let parent = Path::new(key)
        .parent()
        .filter(|_| Path::new(key).is_absolute());
    let parent = parent.and_then(Path::to_str).map(str::to_owned);
    let reference = match (metadata.storage_block_id, parent, &options.settings) {
        (Some(id), ..) => StorageReference::BlockId(id),
        (None, Some(parent), _) => StorageReference::Path(parent),
        (None, None, Some(settings)) => StorageReference::Path(settings.local_storage_path.clone()),
        (None, None, None) => {
            let text = format!(
                "the result `{key}` is below the local storage of whoever reads it: see StateResultOptions::settings"
            );
            return Err(Error::invalid(text));
        }
    };
    let settings = options.settings.clone();
    Ok((
        settings.unwrap_or_else(|| ResultSettings::new(".")),
        reference,
    ))
}
