//! A storage that is a saved block: what is in it is found by its document.

use std::path::Path;

#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;
use uuid::Uuid;

#[cfg(feature = "async")]
use super::AsyncStorage;
#[cfg(feature = "blocking")]
use super::Storage;
use super::{GetDirectoryOptions, PutDirectoryOptions};
use crate::Error;
use crate::blocks::Saved;

#[cfg(feature = "blocking")]
impl<T: Storage> Storage for Saved<T> {
    fn read_path(&self, path: &str) -> Result<Vec<u8>, Error> {
        Storage::read_path(&**self, path)
    }

    fn write_path(&self, path: &str, content: &[u8]) -> Result<String, Error> {
        Storage::write_path(&**self, path, content)
    }

    fn get_directory_with(
        &self,
        local_path: &Path,
        options: &GetDirectoryOptions,
    ) -> Result<(), Error> {
        Storage::get_directory_with(&**self, local_path, options)
    }

    fn put_directory_with(
        &self,
        local_path: &Path,
        options: &PutDirectoryOptions,
    ) -> Result<usize, Error> {
        Storage::put_directory_with(&**self, local_path, options)
    }

    fn block_document_id(&self) -> Option<Uuid> {
        Some(self.id())
    }
}

#[cfg(feature = "async")]
impl<T: AsyncStorage> AsyncStorage for Saved<T> {
    fn read_path<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Vec<u8>, Error>> {
        AsyncStorage::read_path(&**self, path)
    }

    fn write_path<'a>(
        &'a self,
        path: &'a str,
        content: &'a [u8],
    ) -> BoxFuture<'a, Result<String, Error>> {
        AsyncStorage::write_path(&**self, path, content)
    }

    fn get_directory_with<'a>(
        &'a self,
        local_path: &'a Path,
        options: &'a GetDirectoryOptions,
    ) -> BoxFuture<'a, Result<(), Error>> {
        AsyncStorage::get_directory_with(&**self, local_path, options)
    }

    fn put_directory_with<'a>(
        &'a self,
        local_path: &'a Path,
        options: &'a PutDirectoryOptions,
    ) -> BoxFuture<'a, Result<usize, Error>> {
        AsyncStorage::put_directory_with(&**self, local_path, options)
    }

    fn block_document_id(&self) -> Option<Uuid> {
        Some(self.id())
    }
}
