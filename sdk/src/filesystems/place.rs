//! Where a path is: found without symbolic links, and only below the base path.

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::{Error, Refusal};

/// As many symbolic links as Linux follows in one path.
const LINKS: usize = 40;

/// A base path, and a path below it, both without symbolic links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) base: PathBuf,
    /// Empty for the base path itself.
    pub(super) below: PathBuf,
}

impl Place {
    pub(super) fn find(base: Option<&str>, path: &str) -> Result<Self, Error> {
        let base = directory(base.unwrap_or("."))?;
        let named = expanded(path)?;
        let full = resolved(&base, &named).map_err(|error| unseen(path, error))?;
        let Ok(below) = full.strip_prefix(&base) else {
            return Err(outside(path, &base));
        };
        let below = below.to_owned();
        Ok(Self { base, below })
    }

    pub(super) fn full(&self) -> PathBuf {
        // Joining nothing would end the path with a slash.
        if self.below.as_os_str().is_empty() {
            return self.base.clone();
        }
        self.base.join(&self.below)
    }

    /// The base path, opened: whatever is done within it can't leave it, even if somebody moves what is below meanwhile.
    pub(super) fn open(&self) -> io::Result<Dir> {
        Dir::open_ambient_dir(&self.base, ambient_authority())
    }

    /// The same, made if it is missing.
    pub(super) fn make(&self) -> io::Result<Dir> {
        match self.open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                std::fs::create_dir_all(&self.base)?;
                self.open()
            }
            opened => opened,
        }
    }
}

/// A directory of this machine, absolute, without symbolic links; it need not be there.
pub(super) fn directory(path: &str) -> Result<PathBuf, Error> {
    let absolute = std::path::absolute(expanded(path)?).map_err(|error| unseen(path, error))?;
    resolved(Path::new(""), &absolute).map_err(|error| unseen(path, error))
}

pub(super) fn outside(path: &str, base: &Path) -> Error {
    let base = base.display();
    let text = format!("`{path}` leads out of the base path `{base}`");
    Error::refused(Refusal::Request, text)
}

/// What went wrong with a path below the base path.
pub(super) fn failed(what: &str, place: &Place, error: io::Error) -> Error {
    let path = place.full();
    // What leads out is refused by the capability and not by the system, which so has no number for it.
    if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
        return outside(&path.display().to_string(), &place.base);
    }
    Error::of_storage(format!("{what} `{}`", path.display()), error)
}

fn unseen(path: &str, error: io::Error) -> Error {
    Error::of_storage(format!("finding `{path}`"), error)
}

/// `~` is the home directory, as it is for Python. Another's is not looked up.
fn expanded(path: &str) -> Result<PathBuf, Error> {
    let Some(rest) = path.strip_prefix('~') else {
        return Ok(PathBuf::from(path));
    };
    let rest = match rest.strip_prefix(std::path::is_separator) {
        Some(below) => below,
        None if rest.is_empty() => rest,
        None => {
            let text = format!(
                "`{path}` is below a home directory that is not looked up: write `./{path}` for a file of that name"
            );
            return Err(Error::refused(Refusal::Request, text));
        }
    };
    let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let home =
        home.ok_or_else(|| Error::invalid(format!("there is no home directory for `{path}`")))?;
    Ok(home.join(rest))
}

/// A path from a directory that has no symbolic links on its way, without them and `..`. What is not there has none.
pub(super) fn resolved(from: &Path, path: &Path) -> io::Result<PathBuf> {
    let mut rest: Vec<OsString> = parts(path);
    let (mut found, mut links) = (from.to_owned(), 0);
    while let Some(part) = rest.pop() {
        match Path::new(&part).components().next() {
            Some(Component::Normal(name)) => {
                let next = found.join(name);
                let Ok(target) = std::fs::read_link(&next) else {
                    found = next;
                    continue;
                };
                links += 1;
                if links > LINKS {
                    return Err(io::Error::other("too many symbolic links"));
                }
                rest.extend(parts(&target));
            }
            Some(Component::ParentDir) => drop(found.pop()),
            Some(Component::CurDir) | None => {}
            // An absolute path takes the place of what was before it.
            Some(Component::RootDir | Component::Prefix(_)) => found.push(&part),
        }
    }
    Ok(found)
}

/// The last part first.
fn parts(path: &Path) -> Vec<OsString> {
    let parts = path.components().rev();
    parts.map(|part| part.as_os_str().to_owned()).collect()
}
