//! A tree of files, copied entry by entry.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;

use super::copy;
use super::walk::{Found, Walk, What, failed};
use crate::Error;

/// Copies all that is found, and says how many files and links that was.
pub(super) fn copied(mut walk: Walk, to: &Dir) -> Result<usize, Error> {
    let (mut count, mut target) = (0, Target::new(to));
    while let Some(found) = walk.next()? {
        let path = found.path.clone();
        match taken(found, &mut target) {
            Ok(copied) => count += copied,
            Err(error) => return Err(failed(&path, error)),
        }
    }
    Ok(count)
}

fn taken(found: Found, target: &mut Target<'_>) -> io::Result<usize> {
    let Found { what, below, .. } = found;
    if let What::Directory = what {
        target.directory(&below)?;
        return Ok(0);
    }
    // What is brought back may be in a directory that is ignored.
    let to = target.directory(below.parent().unwrap_or(Path::new("")))?;
    let name = Path::new(below.file_name().unwrap_or_default());
    match what {
        What::File(from) => copy::file(from, to, name)?,
        What::Link(from) => copy::link(&from, name, to)?,
        What::Directory => {}
    }
    Ok(1)
}

/// Where it is copied to.
struct Target<'t> {
    root: &'t Dir,
    /// The directory that was asked for last, as what is in it follows.
    last: Option<(PathBuf, Dir)>,
}

impl<'t> Target<'t> {
    fn new(root: &'t Dir) -> Self {
        Self { root, last: None }
    }

    /// A directory in it, which is made if it is missing.
    fn directory(&mut self, path: &Path) -> io::Result<&Dir> {
        if path.as_os_str().is_empty() {
            return Ok(self.root);
        }
        let last = self.last.take().filter(|(known, _)| known == path);
        let last = if let Some(last) = last {
            last
        } else {
            self.root.create_dir_all(path)?;
            (path.to_owned(), self.root.open_dir(path)?)
        };
        Ok(&self.last.insert(last).1)
    }
}
