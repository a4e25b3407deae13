//! Whole directories of a remote storage: thing by thing, and each part by part.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::fs::Dir;
use diptych_macros::dual;
use futures_util::TryStreamExt as _;
use opendal::Lister;

use super::super::address::Key;
use super::super::filesystems;
use super::super::local::made;
#[dual(super::filesystems)]
use super::super::offload::aoffload;
use super::super::transfer::{begin, local_path, next_file, read_part, unread, write_part};
use super::super::walk::{Walk, failed};
#[dual(super::filesystems)]
use super::driving::adrive;
use super::storage::{Broken, Download, Remote, Upload, part_size};
use crate::{Error, Refusal};

/// How often a thing is got anew that somebody replaces meanwhile.
const READINGS: u32 = 5;

/// Puts all files that are found below a key, and says how many those were.
#[dual(filesystems)]
pub(super) async fn aput_files(remote: &Remote, walk: Walk, to: &Key) -> Result<usize, Error> {
    let (mut walk, mut count) = (walk, 0);
    loop {
        let (rest, file) = aoffload(move || next_file(walk)).await?;
        let Some((file, below)) = file else {
            return Ok(count);
        };
        walk = rest;
        let key = to.join(&below);
        aput_file(remote, file, &key).await?;
        count += 1;
    }
}

#[dual(filesystems)]
async fn aput_file(remote: &Remote, file: File, key: &Key) -> Result<(), Error> {
    let mut upload = adrive(Upload::begin(remote, key)).await?;
    match asend(&mut upload, file, key).await {
        Ok(()) => adrive(upload.finish()).await,
        Err(error) => {
            adrive(upload.abort()).await;
            Err(error)
        }
    }
}

#[dual(filesystems)]
async fn asend(upload: &mut Upload, file: File, key: &Key) -> Result<(), Error> {
    let name = key.url.clone();
    let (mut file, size) = aoffload(move || sized(file, &name)).await?;
    let size = part_size(size);
    loop {
        let name = key.url.clone();
        let (rest, part) = aoffload(move || read_part(file, size, &name)).await?;
        if part.is_empty() {
            return Ok(());
        }
        file = rest;
        adrive(upload.part(part)).await?;
    }
}

/// Gets all things below a key.
#[dual(filesystems)]
pub(super) async fn aget_files(remote: &Remote, from: &Key, to: &Path) -> Result<(), Error> {
    let mut listed = adrive(remote.list(from)).await?;
    let path = to.to_owned();
    let to = aoffload(move || made(&path)).await?;
    let (to, mut count) = (Arc::new(to), 0);
    while let Some(key) = adrive(next_key(remote, from, &mut listed)).await? {
        let below = below(from, &key)?;
        aget_file(remote, &key, &to, &below).await?;
        count += 1;
    }
    if count == 0 {
        return Err(Error::not_found(format!(
            "there is nothing below `{}`",
            from.url
        )));
    }
    Ok(())
}

#[dual(filesystems)]
async fn aget_file(remote: &Remote, key: &Key, to: &Arc<Dir>, below: &Path) -> Result<(), Error> {
    let mut readings = 1;
    loop {
        let told = match aget_version(remote, key, to, below).await? {
            Ok(()) => return Ok(()),
            Err(Broken::Replaced) if readings < READINGS => {
                readings += 1;
                continue;
            }
            Err(broken) => broken.told(remote, key),
        };
        return Err(told);
    }
}

/// The outer error is one of this machine's.
#[dual(filesystems)]
async fn aget_version(
    remote: &Remote,
    key: &Key,
    to: &Arc<Dir>,
    below: &Path,
) -> Result<Result<(), Broken>, Error> {
    let mut download: Download = match adrive(remote.open(key)).await {
        Ok(download) => download,
        Err(broken) => return Ok(Err(broken)),
    };
    let (directory, path) = (Arc::clone(to), below.to_owned());
    let mut beside = aoffload(move || begin(directory, &path)).await?;
    loop {
        let part = match adrive(download.part()).await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(broken) => return Ok(Err(broken)),
        };
        let path = below.to_owned();
        beside = aoffload(move || write_part(beside, &part, &path)).await?;
    }
    let path = below.to_owned();
    aoffload(move || beside.keep().map_err(|error| failed(&path, error))).await?;
    Ok(Ok(()))
}

fn sized(file: File, name: &str) -> Result<(File, u64), Error> {
    let about = file.metadata().map_err(|error| unread(name, error))?;
    Ok((file, about.len()))
}

/// The next thing that is not a directory.
async fn next_key(remote: &Remote, from: &Key, listed: &mut Lister) -> Result<Option<Key>, Error> {
    loop {
        let entry = listed.try_next().await;
        let Some(entry) = entry.map_err(|error| remote.failed("listing", from, &error))? else {
            return Ok(None);
        };
        let directory = from.directory();
        let below = entry.path().strip_prefix(directory.trim_start_matches('/'));
        match below {
            Some(below) if !below.is_empty() && !below.ends_with('/') => {
                return Ok(Some(from.join(below)));
            }
            Some(_) => {}
            None => {
                let text = format!("the storage lists what is not below `{}`", from.url);
                return Err(Error::unfit(text));
            }
        }
    }
}

/// Where a thing is put, below the directory. Names are what anybody has chosen, and some are no paths of this machine.
fn below(from: &Key, key: &Key) -> Result<PathBuf, Error> {
    let name = key
        .url
        .strip_prefix(&from.url)
        .and_then(|name| name.strip_prefix('/'));
    // The library would take off the space, and so read another thing.
    let name = name
        .filter(|_| key.path.trim() == key.path)
        .unwrap_or_default();
    local_path(name).ok_or_else(|| {
        let text = format!("`{}` is not the name of a file", key.url);
        Error::refused(Refusal::Request, text)
    })
}
