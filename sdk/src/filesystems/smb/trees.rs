//! Whole directories of a share: file by file, and each part by part.

use std::path::PathBuf;
use std::sync::Arc;

use cap_std::fs::Dir;

use super::super::PutDirectoryOptions;
use super::super::address::Key;
use super::super::local::made;
use super::super::transfer::{begin, local_path, next_file, read_part, write_part};
use super::super::walk::{Walk, failed};
use super::driving::local;
use super::share::{Opened, PART, Share, whole};
use crate::{Error, Refusal};

/// A link that leads to where it is gives directories without an end.
const DEEPEST: usize = 128;

/// Puts the files of a directory below a key, and says how many those were.
pub(super) async fn put(
    share: Share,
    from: PathBuf,
    options: PutDirectoryOptions,
    to: Key,
) -> Result<usize, Error> {
    let mut walk = local(move || Walk::to_put(&from, &options)).await?;
    let (mut opened, mut count) = (share.open(&to).await?, 0);
    loop {
        let (rest, file) = local(move || next_file(walk)).await?;
        let Some((file, below)) = file else {
            return Ok(count);
        };
        walk = rest;
        put_file(&mut opened, file, &to.join(&below)).await?;
        count += 1;
    }
}

async fn put_file(opened: &mut Opened, file: std::fs::File, key: &Key) -> Result<(), Error> {
    let mut writing = opened.begin(key).await?;
    let mut file = file;
    loop {
        let name = key.url.clone();
        let (rest, part) = match local(move || read_part(file, PART as u64, &name)).await {
            Ok(read) => read,
            Err(error) => {
                opened.abort(writing, key, &smb2::Error::Cancelled).await;
                return Err(error);
            }
        };
        if part.is_empty() {
            return opened.keep(writing, key).await;
        }
        file = rest;
        if let Err(error) = writing.part(&part).await {
            return Err(opened.abort(writing, key, &error).await);
        }
    }
}

/// Gets all files below a key.
pub(super) async fn get(share: Share, from: Key, to: PathBuf) -> Result<(), Error> {
    let mut opened = share.open(&from).await?;
    // A directory that is not there makes none here.
    let mut levels = vec![(from.clone(), opened.list(&from).await?)];
    let to = Arc::new(local(move || made(&to)).await?);
    while let Some((directory, entries)) = levels.last_mut() {
        let Some(entry) = entries.pop() else {
            levels.pop();
            continue;
        };
        let key = directory.join(&entry.name);
        let Some(below) = named(&from, &key, &entry.name) else {
            let text = format!("`{}` is not the name of a file", key.url);
            return Err(Error::refused(Refusal::Request, text));
        };
        if !entry.is_directory {
            get_file(&mut opened, &key, &to, below).await?;
        } else if levels.len() < DEEPEST {
            let entries = opened.list(&key).await?;
            let (directory, path) = (Arc::clone(&to), below);
            local(move || {
                let made = directory.create_dir_all(&path);
                made.map_err(|error| failed(&path, error))
            })
            .await?;
            levels.push((key, entries));
        } else {
            let text = format!(
                "`{}` is {DEEPEST} directories deep: a link may lead to where it is",
                key.url
            );
            return Err(Error::unfit(text));
        }
    }
    Ok(())
}

/// Where an entry is put, below the directory.
fn named(from: &Key, key: &Key, name: &str) -> Option<PathBuf> {
    let below = key.url.strip_prefix(&from.url)?.strip_prefix('/')?;
    local_path(name).filter(|path| path.components().count() == 1)?;
    local_path(below)
}

async fn get_file(
    opened: &mut Opened,
    key: &Key,
    to: &Arc<Dir>,
    below: PathBuf,
) -> Result<(), Error> {
    let reader = opened.reader(key).await?;
    let (directory, path) = (Arc::clone(to), below.clone());
    let mut beside = local(move || begin(directory, &path)).await?;
    let mut offset = 0;
    loop {
        let part = reader.read_at(offset, PART as u64).await;
        let part = part.map_err(|error| opened.failed("reading", key, &error))?;
        if part.is_empty() {
            break;
        }
        offset += part.len() as u64;
        let path = below.clone();
        beside = local(move || write_part(beside, &part, &path)).await?;
    }
    whole(&reader, offset, key)?;
    local(move || beside.keep().map_err(|error| failed(&below, error))).await
}
