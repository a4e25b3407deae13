//! The end of a copy that is on this machine: files that are put, and files that are got.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use cap_std::fs::Dir;
use prefect_client::transport::Bytes;

use super::bytes::Beside;
use super::walk::{Walk, What, failed};
use crate::Error;

pub(super) type FoundFile = Option<(File, String)>;

/// The next file, with its name in the storage.
pub(super) fn next_file(mut walk: Walk) -> Result<(Walk, FoundFile), Error> {
    while let Some(found) = walk.next()? {
        if let What::File(file) = found.what {
            let name = name(&found.below)?;
            return Ok((walk, Some((file, name))));
        }
    }
    Ok((walk, None))
}

fn name(below: &Path) -> Result<String, Error> {
    let mut name = String::new();
    for part in below.components() {
        let part = part
            .as_os_str()
            .to_str()
            .ok_or_else(|| Error::invalid(format!("`{}` is not UTF-8", below.display())))?;
        if !name.is_empty() {
            name.push('/');
        }
        name.push_str(part);
    }
    Ok(name)
}

pub(super) fn read_part(mut file: File, size: u64, name: &str) -> Result<(File, Bytes), Error> {
    let room = usize::try_from(size).unwrap_or_default();
    let mut part = Vec::with_capacity(room);
    let read = (&mut file).take(size).read_to_end(&mut part);
    read.map_err(|error| unread(name, error))?;
    Ok((file, part.into()))
}

pub(super) fn unread(name: &str, error: io::Error) -> Error {
    Error::of_storage(format!("reading the file for `{name}`"), error)
}

/// Where a thing of that name is put, below a directory. Names are what anybody has chosen, and some are no paths of this
/// machine.
pub(super) fn local_path(name: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for part in name.split('/') {
        match Path::new(part).components().next() {
            Some(Component::Normal(normal)) if normal == part => path.push(part),
            _ => return None,
        }
    }
    Some(path)
}

pub(super) type Receiving = Beside<Arc<Dir>>;

pub(super) fn begin(directory: Arc<Dir>, path: &Path) -> Result<Receiving, Error> {
    let begun = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => directory.create_dir_all(parent),
        _ => Ok(()),
    };
    begun
        .and_then(|()| Beside::new(directory, path))
        .map_err(|error| failed(path, error))
}

pub(super) fn write_part(
    mut beside: Receiving,
    part: &[u8],
    path: &Path,
) -> Result<Receiving, Error> {
    let written = beside.file.write_all(part);
    written.map_err(|error| failed(path, error))?;
    Ok(beside)
}
