//! The storages of this crate, as results name them.

use std::sync::Arc;

use diptych_macros::dual;
#[dual(results)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::BlockDocument;
#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::{ResultSettings, StorageReference, results};
#[cfg(feature = "async")]
use crate::filesystems::AsyncStorage;
use crate::filesystems::LocalFileSystem;
#[cfg(feature = "remote")]
use crate::filesystems::RemoteFileSystem;
#[cfg(feature = "blocking")]
use crate::filesystems::Storage;
use crate::{Error, Refusal};

/// The storage that a reference means.
#[dual(results)]
pub(crate) async fn aopen_storage(
    client: &AsyncPrefectClient,
    reference: &StorageReference,
) -> Result<Arc<dyn AsyncStorage>, Error> {
    let document = match reference {
        StorageReference::Path(path) => return Ok(Arc::new(LocalFileSystem::new(path))),
        StorageReference::BlockId(id) => client.read_block_document_by_id(*id).await?,
        StorageReference::Block(reference) => {
            let (slug, name) = reference.split_once('/').ok_or_else(|| {
                Error::invalid(format!("`{reference}` is not the `slug/name` of a block"))
            })?;
            client
                .read_block_document_by_name_for_block_type(slug, name)
                .await?
        }
    };
    Ok(Arc::new(saved(&document)?))
}

/// The storage where nothing is said of one, and whether somebody has chosen it.
#[dual(results)]
pub(crate) async fn adefault_storage(
    client: &AsyncPrefectClient,
    settings: &ResultSettings,
) -> Result<(Arc<dyn AsyncStorage>, bool), Error> {
    if let Some(block) = &settings.default_storage_block {
        let block = StorageReference::Block(block.clone());
        return Ok((aopen_storage(client, &block).await?, true));
    }
    let id = match client.read_server_default_result_storage().await {
        Ok(server) => server.default_result_storage_block_id,
        // A server of before does not know of it.
        Err(error) if error.is_not_found() || error.is_unserved() => None,
        Err(error) => return Err(error.into()),
    };
    let reference = match id {
        Some(id) => StorageReference::BlockId(id),
        None => StorageReference::Path(settings.local_storage_path.clone()),
    };
    Ok((aopen_storage(client, &reference).await?, id.is_some()))
}

/// A saved block.
struct SavedFiles {
    files: Files,
    id: Uuid,
}

enum Files {
    Local(LocalFileSystem),
    #[cfg(feature = "remote")]
    Remote(RemoteFileSystem),
}

fn saved(document: &BlockDocument) -> Result<SavedFiles, Error> {
    let slug = document.block_type.as_ref().map(|kind| &*kind.slug);
    let files = match slug {
        Some("local-file-system") => Files::Local(read(document)?),
        #[cfg(feature = "remote")]
        Some("remote-file-system") => Files::Remote(read(document)?),
        #[cfg(not(feature = "remote"))]
        Some("remote-file-system") => {
            let text = "a block of the type `remote-file-system` needs the feature of its scheme, such as `s3`";
            return Err(Error::refused(Refusal::Request, text));
        }
        _ => {
            let slug = slug.unwrap_or("an unknown type");
            let text = format!(
                "the block `{}` is of the type `{slug}`, which is not a storage here: give the store one of your own",
                document.id
            );
            return Err(Error::refused(Refusal::Request, text));
        }
    };
    let id = document.id;
    Ok(SavedFiles { files, id })
}

/// The cause is not told: it may show what the data are, and a secret with them.
fn read<T: DeserializeOwned>(document: &BlockDocument) -> Result<T, Error> {
    let data = document.data.clone().into_iter().collect();
    serde_json::from_value(Value::Object(data)).map_err(|_| {
        let text = format!(
            "the block `{}` does not have the data of its type",
            document.id
        );
        Error::unfit(text)
    })
}

/// What is below its base path is found by the block, so that its name is the path itself.
#[cfg(feature = "blocking")]
impl Storage for SavedFiles {
    fn read_path(&self, path: &str) -> Result<Vec<u8>, Error> {
        match &self.files {
            Files::Local(files) => files.read_path(path),
            #[cfg(feature = "remote")]
            Files::Remote(files) => files.read_path(path),
        }
    }

    fn write_path(&self, path: &str, content: &[u8]) -> Result<String, Error> {
        match &self.files {
            Files::Local(files) => files.write_path(path, content),
            #[cfg(feature = "remote")]
            Files::Remote(files) => files.write_path(path, content),
        }
    }

    fn block_document_id(&self) -> Option<Uuid> {
        Some(self.id)
    }
}

/// What is below its base path is found by the block, so that its name is the path itself.
#[cfg(feature = "async")]
impl AsyncStorage for SavedFiles {
    fn read_path<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Vec<u8>, Error>> {
        match &self.files {
            Files::Local(files) => Box::pin(files.aread_path(path)),
            #[cfg(feature = "remote")]
            Files::Remote(files) => Box::pin(files.aread_path(path)),
        }
    }

    fn write_path<'a>(
        &'a self,
        path: &'a str,
        content: &'a [u8],
    ) -> BoxFuture<'a, Result<String, Error>> {
        match &self.files {
            Files::Local(files) => Box::pin(files.awrite_path(path, content)),
            #[cfg(feature = "remote")]
            Files::Remote(files) => Box::pin(files.awrite_path(path, content)),
        }
    }

    fn block_document_id(&self) -> Option<Uuid> {
        Some(self.id)
    }
}
