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
use crate::blocks::BlockReference;
#[dual(results)]
use crate::blocks::aread_document;
#[cfg(feature = "redis")]
use crate::blocks::redis::RedisStorageContainer;
#[cfg(feature = "async")]
use crate::filesystems::AsyncStorage;
use crate::filesystems::LocalFileSystem;
#[cfg(feature = "remote")]
use crate::filesystems::RemoteFileSystem;
#[cfg(feature = "smb")]
use crate::filesystems::Smb;
#[cfg(feature = "blocking")]
use crate::filesystems::Storage;
use crate::{Error, Refusal};

/// The storage that a reference means.
#[dual(results)]
pub(crate) async fn aopen_storage(
    client: &AsyncPrefectClient,
    reference: &StorageReference,
) -> Result<Arc<dyn AsyncStorage>, Error> {
    let block = match reference {
        StorageReference::Path(path) => return Ok(Arc::new(LocalFileSystem::new(path))),
        StorageReference::BlockId(id) => BlockReference::Id(*id),
        StorageReference::Block(reference) => reference.parse()?,
    };
    // What opens a storage may be a secret.
    let document = aread_document(client, &block, true).await?;
    asaved(&document)
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

/// The storage that a document's block is.
#[dual(results)]
fn asaved(document: &BlockDocument) -> Result<Arc<dyn AsyncStorage>, Error> {
    let slug = document.block_type.as_ref().map(|kind| &*kind.slug);
    match slug {
        Some("local-file-system") => Ok(Arc::new(read::<LocalFileSystem>(document)?)),
        #[cfg(feature = "remote")]
        Some("remote-file-system") => Ok(Arc::new(read::<RemoteFileSystem>(document)?)),
        #[cfg(feature = "redis")]
        Some("redisstoragecontainer") => Ok(Arc::new(read::<RedisStorageContainer>(document)?)),
        #[cfg(feature = "smb")]
        Some("smb") => Ok(Arc::new(read::<Smb>(document)?)),
        Some(slug) => Err(Error::refused(Refusal::Request, missing(document, slug))),
        None => {
            let text = missing(document, "an unknown type");
            Err(Error::refused(Refusal::Request, text))
        }
    }
}

/// Why a block of that type is no storage here, and what would make it one.
fn missing(document: &BlockDocument, slug: &str) -> String {
    let feature = match slug {
        "remote-file-system" => "the feature of its scheme, such as `s3`",
        "redisstoragecontainer" => "the feature `redis`",
        "smb" => "the feature `smb`",
        _ => {
            return format!(
                "the block `{}` is of the type `{slug}`, which is not a storage here: give the store one of your own",
                document.id
            );
        }
    };
    format!("a block of the type `{slug}` needs {feature}")
}

/// The cause is not told: it may show what the data are, and a secret with them.
fn read<T: DeserializeOwned>(document: &BlockDocument) -> Result<SavedFiles<T>, Error> {
    let data = document.data.clone().into_iter().collect();
    let files = serde_json::from_value(Value::Object(data)).map_err(|_| {
        let text = format!(
            "the block `{}` does not have the data of its type",
            document.id
        );
        Error::unfit(text)
    })?;
    let id = document.id;
    Ok(SavedFiles { files, id })
}

/// A saved block. What is in it is found by the block, so that its name is the path itself.
struct SavedFiles<T> {
    files: T,
    id: Uuid,
}

#[cfg(feature = "blocking")]
impl<T: Storage> Storage for SavedFiles<T> {
    fn read_path(&self, path: &str) -> Result<Vec<u8>, Error> {
        self.files.read_path(path)
    }

    fn write_path(&self, path: &str, content: &[u8]) -> Result<String, Error> {
        self.files.write_path(path, content)
    }

    fn block_document_id(&self) -> Option<Uuid> {
        Some(self.id)
    }
}

#[cfg(feature = "async")]
impl<T: AsyncStorage> AsyncStorage for SavedFiles<T> {
    fn read_path<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Vec<u8>, Error>> {
        self.files.read_path(path)
    }

    fn write_path<'a>(
        &'a self,
        path: &'a str,
        content: &'a [u8],
    ) -> BoxFuture<'a, Result<String, Error>> {
        self.files.write_path(path, content)
    }

    fn block_document_id(&self) -> Option<Uuid> {
        Some(self.id)
    }
}
