//! One entry of a tree: copied whole, beside the one that it takes the place of.

use std::fs::File;
use std::io;
use std::path::Path;

use cap_std::fs::Dir;

use super::bytes::{Beside, Temporary};

/// Copies what a file holds, with its permissions and the time of its last change.
pub(super) fn file(mut from: File, to: &Dir, path: &Path) -> io::Result<()> {
    let about = from.metadata()?;
    let beside = Beside::new(to, path)?;
    let mut written = beside.file.try_clone()?.into_std();
    io::copy(&mut from, &mut written)?;
    if let Ok(modified) = about.modified() {
        written.set_modified(modified)?;
    }
    written.set_permissions(about.permissions())?;
    drop(written);
    beside.keep()
}

/// Makes the same symbolic link, wherever it leads: it is not followed.
#[cfg(not(windows))]
pub(super) fn link(from: &Dir, name: &Path, to: &Dir, path: &Path) -> io::Result<()> {
    let target = from.read_link_contents(name)?;
    let temporary = Temporary::new(to, path);
    to.symlink_contents(target, &temporary.beside)?;
    temporary.keep()
}

/// Makes the same symbolic link, if it leads to what is within the tree.
#[cfg(windows)]
pub(super) fn link(from: &Dir, name: &Path, to: &Dir, path: &Path) -> io::Result<()> {
    let target = from.read_link(name)?;
    let temporary = Temporary::new(to, path);
    match from.metadata(name).is_ok_and(|about| about.is_dir()) {
        true => to.symlink_dir(target, &temporary.beside)?,
        false => to.symlink_file(target, &temporary.beside)?,
    }
    temporary.keep()
}
