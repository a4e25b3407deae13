//! A tree of files, copied entry by entry: what is held in memory grows with its depth and not with its size.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirEntry, ReadDir};

use super::copy;
use super::ignoring::{Ignoring, Verdict};
use crate::{Error, Refusal};

/// What becomes of symbolic links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    /// They are copied as links, and never followed.
    Kept,
    /// What they lead to is copied, wherever that is.
    Followed,
}

/// Copies a tree.
pub(super) struct Copying<'a> {
    pub(super) from: Dir,
    /// The path of `from`, without symbolic links.
    pub(super) path: PathBuf,
    pub(super) to: Dir,
    pub(super) links: Links,
    pub(super) ignoring: &'a Ignoring,
}

/// A directory that is being read.
struct Level {
    directory: Dir,
    entries: ReadDir,
    /// Where it is in the tree.
    below: PathBuf,
    /// Where it is on this machine, without symbolic links.
    path: PathBuf,
    verdict: Verdict,
    is_made: bool,
}

impl Copying<'_> {
    /// Copies everything that is not ignored, and says how many files that was.
    pub(super) fn run(self) -> Result<usize, Error> {
        let mut copied = 0;
        let root = self.from.try_clone();
        let root = root.and_then(|root| Level::new(root, PathBuf::new(), self.path.clone()));
        let root = root.map_err(|error| failed(&self.path, error))?;
        let mut levels = vec![Level {
            is_made: true,
            ..root
        }];
        while let Some(level) = levels.last_mut() {
            let Some(entry) = level.entries.next() else {
                levels.pop();
                continue;
            };
            let entry = entry.map_err(|error| failed(&level.path, error))?;
            let path = level.path.join(entry.file_name());
            match self.take(level, &entry) {
                Ok(Taken::File) => copied += 1,
                Ok(Taken::Nothing) => {}
                Ok(Taken::Directory(inner)) => {
                    let is_within = |level: &Level| level.path == inner.path;
                    if levels.iter().any(is_within) {
                        return Err(in_circles(&path));
                    }
                    levels.push(*inner);
                }
                Err(error) => return Err(failed(&path, error)),
            }
        }
        Ok(copied)
    }

    fn take(&self, level: &mut Level, entry: &DirEntry) -> io::Result<Taken> {
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            return match self.links {
                Links::Kept => self.take_link(level, entry),
                Links::Followed => self.follow(level, entry),
            };
        }
        if kind.is_dir() {
            let path = level.path.join(entry.file_name());
            return self.enter(level, entry, path, DirEntry::open_dir);
        }
        if !kind.is_file() {
            return Err(io::Error::other("it is neither a file nor a directory"));
        }
        self.take_file(level, entry, |entry| Ok(entry.open()?.into_std()))
    }

    fn take_link(&self, level: &mut Level, entry: &DirEntry) -> io::Result<Taken> {
        let (name, below) = (entry.file_name(), level.below.join(entry.file_name()));
        if self.ignoring.verdict(level.verdict, &below, false) == Verdict::Ignored {
            return Ok(Taken::Nothing);
        }
        level.make(&self.to)?;
        copy::link(&level.directory, Path::new(&name), &self.to, &below)?;
        Ok(Taken::File)
    }

    fn follow(&self, level: &mut Level, entry: &DirEntry) -> io::Result<Taken> {
        let path = std::fs::canonicalize(level.path.join(entry.file_name()))?;
        let about = std::fs::metadata(&path)?;
        if about.is_dir() {
            let open = |_: &DirEntry| Dir::open_ambient_dir(&path, ambient_authority());
            return self.enter(level, entry, path.clone(), open);
        }
        if !about.is_file() {
            return Err(io::Error::other("it is neither a file nor a directory"));
        }
        self.take_file(level, entry, |_| std::fs::File::open(&path))
    }

    fn take_file(
        &self,
        level: &mut Level,
        entry: &DirEntry,
        open: impl FnOnce(&DirEntry) -> io::Result<std::fs::File>,
    ) -> io::Result<Taken> {
        let below = level.below.join(entry.file_name());
        if self.ignoring.verdict(level.verdict, &below, false) == Verdict::Ignored {
            return Ok(Taken::Nothing);
        }
        level.make(&self.to)?;
        copy::file(open(entry)?, &self.to, &below)?;
        Ok(Taken::File)
    }

    /// An ignored directory is read only where something below it may be brought back, and made only then.
    fn enter(
        &self,
        level: &Level,
        entry: &DirEntry,
        path: PathBuf,
        open: impl FnOnce(&DirEntry) -> io::Result<Dir>,
    ) -> io::Result<Taken> {
        let below = level.below.join(entry.file_name());
        let verdict = self.ignoring.verdict(level.verdict, &below, true);
        if verdict == Verdict::Ignored && !self.ignoring.brings_back() {
            return Ok(Taken::Nothing);
        }
        let mut inner = Level::new(open(entry)?, below, path)?;
        inner.verdict = verdict;
        if verdict == Verdict::Included {
            inner.make(&self.to)?;
        }
        Ok(Taken::Directory(Box::new(inner)))
    }
}

/// What an entry was.
enum Taken {
    /// A file, or a link, that is copied.
    File,
    /// What is ignored.
    Nothing,
    /// A directory that is to be read.
    Directory(Box<Level>),
}

impl Level {
    fn new(directory: Dir, below: PathBuf, path: PathBuf) -> io::Result<Self> {
        Ok(Self {
            entries: directory.entries()?,
            directory,
            below,
            path,
            verdict: Verdict::Included,
            is_made: false,
        })
    }

    fn make(&mut self, to: &Dir) -> io::Result<()> {
        if !self.is_made {
            to.create_dir_all(&self.below)?;
            self.is_made = true;
        }
        Ok(())
    }
}

fn in_circles(path: &Path) -> Error {
    let text = format!("`{}` leads to a directory that it is in", path.display());
    Error::unfit(text)
}

fn failed(path: &Path, error: io::Error) -> Error {
    let text = format!("copying `{}`", path.display());
    if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
        let text = format!("{text}: a path leads out of the directory");
        return Error::refused(Refusal::Request, text);
    }
    Error::of_storage(text, error)
}
