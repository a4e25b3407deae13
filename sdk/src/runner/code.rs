//! The code that processes run from. What is fetched is put where nobody runs from, and each process has the copy that was there when
//! it began, as long as it runs.

use std::fs;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where code is. What is the runner's own is removed when nobody needs it any more.
#[derive(Debug)]
pub(super) struct Code {
    path: PathBuf,
    is_own: bool,
}

impl Code {
    /// It is somebody else's, who may change it.
    pub(super) fn elsewhere(path: PathBuf) -> Arc<Self> {
        let is_own = false;
        Arc::new(Self { path, is_own })
    }

    /// What was fetched: the last copy, where that is the same, or a new one at that place.
    pub(super) fn fetched(
        from: &Path,
        last: Option<Arc<Self>>,
        to: PathBuf,
    ) -> io::Result<Arc<Self>> {
        if let Some(last) = last
            && are_alike(from, &last.path)?
        {
            return Ok(last);
        }
        // It goes also where it was not copied as a whole.
        let code = Self {
            path: to,
            is_own: true,
        };
        copy(from, &code.path)?;
        Ok(Arc::new(code))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        if self.is_own {
            drop(fs::remove_dir_all(&self.path));
        }
    }
}

/// What git itself keeps there changes whenever it looks.
const OF_GIT: &str = ".git";

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            link(&from, &to)?;
        } else if kind.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(from)?, to)
}

/// What it leads to is there instead.
#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        return copy(from, to);
    }
    fs::copy(from, to).map(drop)
}

fn are_alike(one: &Path, other: &Path) -> io::Result<bool> {
    let (of_one, of_other) = (names(one)?, names(other)?);
    if of_one != of_other {
        return Ok(false);
    }
    for name in of_one {
        let (one, other) = (one.join(&name), other.join(&name));
        let (kind, other_kind) = (one.symlink_metadata()?, other.symlink_metadata()?);
        let is_alike = if kind.is_symlink() && other_kind.is_symlink() {
            fs::read_link(&one)? == fs::read_link(&other)?
        } else if kind.is_dir() && other_kind.is_dir() {
            are_alike(&one, &other)?
        } else {
            let is_file = kind.is_file() && other_kind.is_file();
            is_file
                && kind.len() == other_kind.len()
                && kind.permissions() == other_kind.permissions()
                && has_same(&one, &other)?
        };
        if !is_alike {
            return Ok(false);
        }
    }
    Ok(true)
}

fn names(directory: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let names = fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name()));
    let mut names = names.collect::<io::Result<Vec<_>>>()?;
    names.retain(|name| name != OF_GIT);
    names.sort();
    Ok(names)
}

fn has_same(one: &Path, other: &Path) -> io::Result<bool> {
    let [one, other] = [one, other].map(|path| fs::File::open(path).map(BufReader::new));
    let mut bytes = one?.bytes().zip(other?.bytes());
    bytes.try_fold(true, |so_far, (one, other)| Ok(so_far && one? == other?))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_fetched_anew_does_not_change_what_somebody_runs_from() {
        let room = std::env::temp_dir().join(format!("prefect-code-{}", Uuid::new_v4()));
        let from = room.join("from");
        fs::create_dir_all(from.join("below")).unwrap();
        fs::create_dir_all(from.join(OF_GIT)).unwrap();
        let write = |name: &str, text: &str| fs::write(from.join(name), text).unwrap();
        let read = |code: &Code, name: &str| fs::read_to_string(code.path().join(name)).unwrap();
        write("below/flow.py", "one");
        #[cfg(unix)]
        std::os::unix::fs::symlink("below/flow.py", from.join("link")).unwrap();
        let fetched = |last: Option<&Arc<Code>>, to: &str| {
            Code::fetched(&from, last.cloned(), room.join(to)).unwrap()
        };
        let first = fetched(None, "1");
        assert_eq!(read(&first, "below/flow.py"), "one");
        #[cfg(unix)]
        assert_eq!(read(&first, "link"), "one");
        // Nothing has changed for who runs it.
        write(".git/FETCH_HEAD", "again");
        assert_eq!(fetched(Some(&first), "2").path(), first.path());
        for (name, text) in [("below/flow.py", "two"), ("new.py", "")] {
            write(name, text);
            let second = fetched(Some(&first), "2");
            assert_ne!(second.path(), first.path());
            assert_eq!(read(&first, "below/flow.py"), "one");
            assert_eq!(read(&second, name), text);
            let path = second.path().to_owned();
            drop(second);
            assert!(!path.exists());
            fs::remove_file(from.join("new.py")).unwrap_or_default();
        }
        drop(first);
        assert_eq!(names(&room).unwrap(), ["from"]);
        drop(Code::elsewhere(from));
        assert!(room.join("from").exists());
        fs::remove_dir_all(room).unwrap();
    }
}
