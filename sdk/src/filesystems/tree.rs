//! A tree of files, copied entry by entry.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;

use super::copy;
use super::walk::{Found, Walk, What, failed};
use crate::Error;

/// Copies all that is found, and says how many files and links that was.
pub(super) fn copied(mut walk: Walk, to: &Dir) -> Result<usize, Error> {
    let (mut count, mut made) = (0, PathBuf::new());
    while let Some(found) = walk.next()? {
        let path = found.path.clone();
        match taken(found, to, &mut made) {
            Ok(copied) => count += copied,
            Err(error) => return Err(failed(&path, error)),
        }
    }
    Ok(count)
}

fn taken(found: Found, to: &Dir, made: &mut PathBuf) -> io::Result<usize> {
    let Found { what, below, .. } = found;
    if let What::Directory = what {
        make(to, &below, made)?;
        return Ok(0);
    }
    // What is brought back may be in a directory that is ignored.
    make(to, below.parent().unwrap_or(Path::new("")), made)?;
    match what {
        What::File(from) => copy::file(from, to, &below)?,
        What::Link(from) => copy::link(
            &from,
            Path::new(below.file_name().unwrap_or_default()),
            to,
            &below,
        )?,
        What::Directory => {}
    }
    Ok(1)
}

/// Makes a directory, unless it is the one that was made last.
fn make(to: &Dir, directory: &Path, made: &mut PathBuf) -> io::Result<()> {
    if directory != made && !directory.as_os_str().is_empty() {
        to.create_dir_all(directory)?;
        directory.clone_into(made);
    }
    Ok(())
}
