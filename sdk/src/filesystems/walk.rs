//! A tree of files, walked entry by entry: what is held in memory grows with its depth and not with its size.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirEntry, ReadDir};

use super::PutDirectoryOptions;
use super::ignoring::{Ignoring, Verdict};
use crate::{Error, Refusal};

/// What becomes of symbolic links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    /// They are found as links, and never followed.
    Kept,
    /// What they lead to is found, wherever that is.
    Followed,
}

/// What is walked.
pub(super) struct Walk {
    links: Links,
    ignoring: Ignoring,
    levels: Vec<Level>,
}

/// What was found, where it is in the tree, and where on this machine.
pub(super) struct Found {
    pub(super) what: What,
    pub(super) below: PathBuf,
    pub(super) path: PathBuf,
}

pub(super) enum What {
    File(std::fs::File),
    /// It is in this directory, by its own name.
    Link(Dir),
    Directory,
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
}

/// What an entry is.
enum Taken {
    Ignored,
    Found(What),
    /// A directory that is to be read.
    Directory(Box<Level>),
}

impl Walk {
    /// `path` is that of the directory, without symbolic links.
    pub(super) fn new(
        directory: Dir,
        path: &Path,
        links: Links,
        ignoring: Ignoring,
    ) -> Result<Self, Error> {
        let root = Level::new(directory, PathBuf::new(), path.to_owned());
        let levels = vec![root.map_err(|error| failed(path, error))?];
        Ok(Self {
            links,
            ignoring,
            levels,
        })
    }

    /// A local directory that is put somewhere: links are followed, and only the ignore file that is given counts.
    pub(super) fn to_put(path: &Path, options: &PutDirectoryOptions) -> Result<Self, Error> {
        let ignoring = match &options.ignore_file {
            Some(name) => Ignoring::read(
                std::fs::File::open(name).map_err(|error| untouched(name, error))?,
                name,
            )?,
            None => Ignoring::nothing(),
        };
        let directory = Dir::open_ambient_dir(path, ambient_authority());
        let directory = directory.map_err(|error| untouched(path, error))?;
        Self::new(directory, path, Links::Followed, ignoring)
    }

    /// The next entry that is not ignored; a directory before what is in it. `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Found>, Error> {
        while let Some(level) = self.levels.last_mut() {
            let Some(entry) = level.entries.next() else {
                self.levels.pop();
                continue;
            };
            let entry = entry.map_err(|error| failed(&level.path, error))?;
            let below = level.below.join(entry.file_name());
            let path = level.path.join(entry.file_name());
            let taken = take(self.links, &self.ignoring, level, &entry);
            let what = match taken.map_err(|error| failed(&path, error))? {
                Taken::Ignored => continue,
                Taken::Found(what) => what,
                Taken::Directory(inner) => {
                    let is_within = |level: &Level| level.path == inner.path;
                    if self.levels.iter().any(is_within) {
                        return Err(in_circles(&path));
                    }
                    let is_included = inner.verdict == Verdict::Included;
                    self.levels.push(*inner);
                    if !is_included {
                        continue;
                    }
                    What::Directory
                }
            };
            return Ok(Some(Found { what, below, path }));
        }
        Ok(None)
    }
}

fn take(links: Links, ignoring: &Ignoring, level: &Level, entry: &DirEntry) -> io::Result<Taken> {
    let kind = entry.file_type()?;
    if kind.is_symlink() {
        return match links {
            Links::Kept => take_link(ignoring, level, entry),
            Links::Followed => follow(ignoring, level, entry),
        };
    }
    if kind.is_dir() {
        let path = level.path.join(entry.file_name());
        return enter(ignoring, level, entry, path, DirEntry::open_dir);
    }
    if !kind.is_file() {
        return Err(io::Error::other("it is neither a file nor a directory"));
    }
    take_file(ignoring, level, entry, |entry| Ok(entry.open()?.into_std()))
}

fn take_link(ignoring: &Ignoring, level: &Level, entry: &DirEntry) -> io::Result<Taken> {
    let below = level.below.join(entry.file_name());
    if ignoring.verdict(level.verdict, &below, false) == Verdict::Ignored {
        return Ok(Taken::Ignored);
    }
    let link = What::Link(level.directory.try_clone()?);
    Ok(Taken::Found(link))
}

fn follow(ignoring: &Ignoring, level: &Level, entry: &DirEntry) -> io::Result<Taken> {
    let path = std::fs::canonicalize(level.path.join(entry.file_name()))?;
    let about = std::fs::metadata(&path)?;
    if about.is_dir() {
        let open = |_: &DirEntry| Dir::open_ambient_dir(&path, ambient_authority());
        return enter(ignoring, level, entry, path.clone(), open);
    }
    if !about.is_file() {
        return Err(io::Error::other("it is neither a file nor a directory"));
    }
    take_file(ignoring, level, entry, |_| std::fs::File::open(&path))
}

fn take_file(
    ignoring: &Ignoring,
    level: &Level,
    entry: &DirEntry,
    open: impl FnOnce(&DirEntry) -> io::Result<std::fs::File>,
) -> io::Result<Taken> {
    let below = level.below.join(entry.file_name());
    if ignoring.verdict(level.verdict, &below, false) == Verdict::Ignored {
        return Ok(Taken::Ignored);
    }
    Ok(Taken::Found(What::File(open(entry)?)))
}

/// An ignored directory is read only where something below it may be brought back.
fn enter(
    ignoring: &Ignoring,
    level: &Level,
    entry: &DirEntry,
    path: PathBuf,
    open: impl FnOnce(&DirEntry) -> io::Result<Dir>,
) -> io::Result<Taken> {
    let below = level.below.join(entry.file_name());
    let verdict = ignoring.verdict(level.verdict, &below, true);
    if verdict == Verdict::Ignored && !ignoring.brings_back() {
        return Ok(Taken::Ignored);
    }
    let mut inner = Level::new(open(entry)?, below, path)?;
    inner.verdict = verdict;
    Ok(Taken::Directory(Box::new(inner)))
}

impl Level {
    fn new(directory: Dir, below: PathBuf, path: PathBuf) -> io::Result<Self> {
        Ok(Self {
            entries: directory.entries()?,
            directory,
            below,
            path,
            verdict: Verdict::Included,
        })
    }
}

fn untouched(path: &Path, error: io::Error) -> Error {
    Error::of_storage(format!("reading `{}`", path.display()), error)
}

fn in_circles(path: &Path) -> Error {
    let text = format!("`{}` leads to a directory that it is in", path.display());
    Error::unfit(text)
}

/// What went wrong with an entry.
pub(super) fn failed(path: &Path, error: io::Error) -> Error {
    let text = format!("copying `{}`", path.display());
    if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
        let text = format!("{text}: a path leads out of the directory");
        return Error::refused(Refusal::Request, text);
    }
    Error::of_storage(text, error)
}
