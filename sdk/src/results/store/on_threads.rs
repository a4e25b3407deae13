//! The store of an async run, for blocking functions that run in it on threads.

use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::{AsyncResultStore, ResultStore};
use crate::Error;
use crate::background::AsyncHome;
use crate::filesystems::{AsyncStorage, GetDirectoryOptions, PutDirectoryOptions, Storage};

impl AsyncResultStore {
    /// The same store, as a thread sees it that is none of the runtime's.
    pub(crate) fn on_threads(&self, home: &AsyncHome) -> ResultStore {
        let on_threads = |storage: &Arc<dyn AsyncStorage>| {
            let (storage, home) = (Arc::clone(storage), home.clone());
            Arc::new(OnThreads { storage, home }) as Arc<dyn Storage>
        };
        ResultStore {
            settings: self.settings.clone(),
            storage: self.storage.as_ref().map(on_threads),
            is_chosen: self.is_chosen,
            metadata_storage: self.metadata_storage.as_ref().map(on_threads),
            serializer: self.serializer.clone(),
            key_format: self.key_format.clone(),
            locks: self.locks.clone(),
            lock_timeout: self.lock_timeout,
            holder: self.holder.clone(),
        }
    }
}

/// A storage whose work is done by the runtime, while the thread waits.
struct OnThreads {
    storage: Arc<dyn AsyncStorage>,
    home: AsyncHome,
}

impl Storage for OnThreads {
    fn read_path(&self, path: &str) -> Result<Vec<u8>, Error> {
        self.home.wait(self.storage.read_path(path))
    }

    fn write_path(&self, path: &str, content: &[u8]) -> Result<String, Error> {
        self.home.wait(self.storage.write_path(path, content))
    }

    fn get_directory_with(
        &self,
        local_path: &Path,
        options: &GetDirectoryOptions,
    ) -> Result<(), Error> {
        let got = self.storage.get_directory_with(local_path, options);
        self.home.wait(got)
    }

    fn put_directory_with(
        &self,
        local_path: &Path,
        options: &PutDirectoryOptions,
    ) -> Result<usize, Error> {
        let put = self.storage.put_directory_with(local_path, options);
        self.home.wait(put)
    }

    fn full_path(&self, path: &str) -> Result<String, Error> {
        self.home.wait(self.storage.full_path(path))
    }

    fn block_document_id(&self) -> Option<Uuid> {
        self.storage.block_document_id()
    }
}
