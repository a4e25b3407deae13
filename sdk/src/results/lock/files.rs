//! Locks in files, which processes of this machine share, also those of Python.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{LockHolder, LockManager, end_of, not_held};
use crate::Error;
use crate::filesystems::LocalFileSystem;

/// Locks in the files of a directory: those of Prefect's `FileSystemLockManager`.
///
/// Python's file of a lock is empty for a moment before it says who has it; ours is whole from the first. Ours also says
/// which process has it, so that a lock whose process has ended is told apart; of Python's, that is known where its holder is
/// named in Prefect's usual way.
///
/// The name of the file is the key with its suffix replaced by `.lock`, as it is for Python: keys `a.b` and `a.c` are one
/// lock.
#[derive(Clone, Debug)]
pub struct FileLocks {
    files: LocalFileSystem,
}

impl FileLocks {
    /// In the files of a directory, which is made where it is missing.
    #[must_use]
    pub fn new(directory: impl Into<String>) -> Self {
        Self {
            files: LocalFileSystem::new(directory),
        }
    }

    /// Who has a lock, whether it has ended or not.
    fn read(&self, path: &str) -> Result<Option<LockHolder>, Error> {
        match self.files.read(path) {
            Ok(bytes) => Ok(Some(parsed(&bytes))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Who has a lock. One that has ended is removed, as Python does it.
    fn current(&self, path: &str) -> Result<Option<LockHolder>, Error> {
        let held = self.read(path)?;
        let end = held.as_ref().and_then(|holder| holder.expiration);
        if end.is_none_or(|end| end > Utc::now()) {
            return Ok(held);
        }
        self.files.remove(path)?;
        Ok(None)
    }
}

impl LockManager for FileLocks {
    fn try_acquire(
        &self,
        key: &str,
        holder: &str,
        hold: Option<Duration>,
    ) -> Result<Option<LockHolder>, Error> {
        let path = path_of(key);
        if let Some(other) = self.current(&path)? {
            return Ok((other.name != holder).then_some(other));
        }
        let content = json!({
            "holder": holder,
            "expiration": end_of(hold).map(|end| end.to_rfc3339()),
            "host": super::super::holder::host(),
            "pid": std::process::id(),
        });
        if self
            .files
            .write_new(&path, content.to_string().as_bytes())?
        {
            return Ok(None);
        }
        // Somebody was quicker; or they were, and have given it back already.
        let other = self.read(&path)?;
        Ok(Some(other.unwrap_or_else(unknown)))
    }

    fn release(&self, key: &str, holder: &str) -> Result<(), Error> {
        let path = path_of(key);
        match self.current(&path)? {
            Some(other) if other.name == holder => self.files.remove(&path),
            _ => Err(not_held(key, holder)),
        }
    }

    fn holder(&self, key: &str) -> Result<Option<LockHolder>, Error> {
        self.current(&path_of(key))
    }
}

/// As Python's `with_suffix(".lock")`.
fn path_of(key: &str) -> String {
    let name = key.rfind('/').map_or(0, |slash| slash + 1);
    let suffix = key[name..].rfind('.').map(|point| name + point);
    let suffix = suffix.filter(|point| *point > name && *point + 1 < key.len());
    format!("{}.lock", &key[..suffix.unwrap_or(key.len())])
}

/// What a file says; one that says nothing is held by somebody who has not said so yet, or who ended before.
fn parsed(bytes: &[u8]) -> LockHolder {
    let said: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let text = |name: &str| said.get(name).and_then(Value::as_str);
    let Some(name) = text("holder") else {
        return unknown();
    };
    let mut holder = LockHolder::new(name);
    holder.expiration = text("expiration").and_then(time);
    let pid = said.get("pid").and_then(Value::as_u64);
    holder.is_gone = match (text("host"), pid) {
        (Some(host), Some(pid)) => super::super::holder::has_ended(host, pid),
        _ => super::super::holder::is_gone(name),
    };
    holder
}

fn unknown() -> LockHolder {
    LockHolder::new("somebody who has not said who they are")
}

/// Python writes `str(datetime)`, with a blank.
fn time(text: &str) -> Option<DateTime<Utc>> {
    text.replacen(' ', "T", 1).parse().ok()
}
