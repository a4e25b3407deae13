//! One entry of a tree: copied whole, beside the one that it takes the place of.

use std::fs::File;
use std::io;
use std::path::Path;

use cap_std::fs::Dir;

use super::bytes::{Beside, Temporary};

/// Copies what a file holds, with its permissions and the time of its last change.
pub(super) fn file(mut from: File, to: &Dir, path: &Path) -> io::Result<()> {
    let about = from.metadata()?;
    let mut beside = Beside::new(to, path)?;
    io::copy(&mut from, &mut beside.file)?;
    if let Ok(modified) = about.modified() {
        beside.file.set_modified(modified)?;
    }
    beside.file.set_permissions(about.permissions())?;
    beside.keep()
}

/// Makes the same symbolic link, wherever it leads: it is not followed.
#[cfg(not(windows))]
pub(super) fn link(from: &Dir, name: &Path, to: &Dir) -> io::Result<()> {
    let target = from.read_link_contents(name)?;
    let temporary = Temporary::new(to, name);
    to.symlink_contents(target, &temporary.beside)?;
    temporary.keep()
}

/// Makes the same symbolic link, if it leads to what is within the tree.
#[cfg(windows)]
pub(super) fn link(from: &Dir, name: &Path, to: &Dir) -> io::Result<()> {
    let target = from.read_link(name)?;
    let temporary = Temporary::new(to, name);
    match from.metadata(name).is_ok_and(|about| about.is_dir()) {
        true => to.symlink_dir(target, &temporary.beside)?,
        false => to.symlink_file(target, &temporary.beside)?,
    }
    temporary.keep()
}
