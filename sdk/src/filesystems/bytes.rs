//! One file: read whole, written beside and renamed.

use std::io::{self, Write};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use cap_std::fs::{Dir, OpenOptions};
use uuid::Uuid;

use super::place::{Place, failed};
use crate::Error;

pub(super) fn read(place: &Place) -> Result<Vec<u8>, Error> {
    let what = |error| failed("reading", place, error);
    let directory = place.open().map_err(what)?;
    if !is_file(&directory, &place.below).map_err(what)? {
        return Err(no_file(place));
    }
    directory.read(&place.below).map_err(what)
}

pub(super) fn write(place: &Place, content: &[u8]) -> Result<(), Error> {
    let what = |error| failed("writing", place, error);
    let directory = place.make().map_err(what)?;
    match is_file(&directory, &place.below) {
        Ok(false) => return Err(no_file(place)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(what(error)),
        Ok(true) | Err(_) => {}
    }
    if let Some(parent) = place.below.parent() {
        directory.create_dir_all(parent).map_err(what)?;
    }
    let beside = Beside::new(&directory, &place.below).map_err(what)?;
    (&beside.file).write_all(content).map_err(what)?;
    beside.keep().map_err(what)
}

#[cfg(feature = "results")]
pub(super) fn write_new(place: &Place, content: &[u8]) -> Result<bool, Error> {
    let what = |error| failed("writing", place, error);
    let directory = place.make().map_err(what)?;
    if let Some(parent) = place.below.parent() {
        directory.create_dir_all(parent).map_err(what)?;
    }
    let beside = Beside::new(&directory, &place.below).map_err(what)?;
    (&beside.file).write_all(content).map_err(what)?;
    match directory.hard_link(&beside.temporary.beside, &directory, &place.below) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(what(error)),
    }
}

#[cfg(feature = "results")]
pub(super) fn remove(place: &Place) -> Result<(), Error> {
    let removed = place
        .open()
        .and_then(|directory| directory.remove_file(&place.below));
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed("removing", place, error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Nothing else is opened: a pipe would wait for whoever writes to it.
fn is_file(directory: &Dir, path: &Path) -> io::Result<bool> {
    Ok(!path.as_os_str().is_empty() && directory.metadata(path)?.is_file())
}

fn no_file(place: &Place) -> Error {
    Error::invalid(format!("`{}` is not a file", place.full().display()))
}

/// A file beside the one that it takes the place of once it is whole; gone if it is dropped before.
pub(super) struct Beside<D: Deref<Target = Dir>> {
    pub(super) file: std::fs::File,
    temporary: Temporary<D>,
}

impl<D: Deref<Target = Dir>> Beside<D> {
    pub(super) fn new(directory: D, path: &Path) -> io::Result<Self> {
        let temporary = Temporary::new(directory, path);
        let new = OpenOptions::new().write(true).create_new(true).clone();
        let file = temporary.directory.open_with(&temporary.beside, &new)?;
        let file = file.into_std();
        Ok(Self { file, temporary })
    }

    pub(super) fn keep(self) -> io::Result<()> {
        drop(self.file);
        self.temporary.keep()
    }
}

/// A name beside a path, and what is there; gone if it is dropped.
pub(super) struct Temporary<D: Deref<Target = Dir>> {
    directory: D,
    path: PathBuf,
    pub(super) beside: PathBuf,
    kept: bool,
}

impl<D: Deref<Target = Dir>> Temporary<D> {
    pub(super) fn new(directory: D, path: &Path) -> Self {
        let name = format!(".{}.part", Uuid::new_v4().simple());
        Self {
            directory,
            path: path.to_owned(),
            beside: path.with_file_name(name),
            kept: false,
        }
    }

    pub(super) fn keep(mut self) -> io::Result<()> {
        self.directory
            .rename(&self.beside, &self.directory, &self.path)?;
        self.kept = true;
        Ok(())
    }
}

impl<D: Deref<Target = Dir>> Drop for Temporary<D> {
    fn drop(&mut self) {
        if !self.kept {
            // The error that led here says more than that this failed too.
            drop(self.directory.remove_file(&self.beside));
        }
    }
}
