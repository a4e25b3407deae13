//! Paths, trees and ignore files, good and hostile.

mod faults;
mod trees;

use std::fs;
use std::path::{Path, PathBuf};

use diptych_macros::dual;
use uuid::Uuid;

use super::{GetDirectoryOptions, LocalFileSystem, PutDirectoryOptions, filesystems};
use crate::Error;

/// A directory of a test's own, without symbolic links in its path; gone when it is dropped.
pub(super) struct Room(pub(super) PathBuf);

impl Room {
    pub(super) fn new() -> Self {
        let name = format!("prefect-sdk-{}", Uuid::new_v4().simple());
        let path = super::place::resolved(std::path::Path::new(""), &std::env::temp_dir()).unwrap();
        let room = Self(path.join(name));
        fs::create_dir(&room.0).unwrap();
        room
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.join(below)
    }

    fn text(&self, below: &str) -> String {
        self.path(below).to_str().unwrap().to_owned()
    }

    pub(super) fn write(&self, below: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(super) fn read(&self, below: &str) -> Option<Vec<u8>> {
        fs::read(self.path(below)).ok()
    }

    fn files(&self, below: &str) -> LocalFileSystem {
        LocalFileSystem::new(self.text(below))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// All files and directories below one, in order; directories end with a slash.
fn listed(root: &Path) -> Vec<String> {
    let (mut found, mut open) = (Vec::new(), vec![root.to_owned()]);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let name = entry.path().strip_prefix(root).unwrap().to_owned();
            let name = name.to_str().unwrap().replace('\\', "/");
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
                found.push(format!("{name}/"));
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

#[cfg(unix)]
fn link(target: impl AsRef<Path>, at: &Path) {
    std::os::unix::fs::symlink(target, at).unwrap();
}

#[cfg(feature = "async")]
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().build();
    runtime.unwrap().block_on(future)
}

#[dual(filesystems, map(awritten_and_read => written_and_read))]
async fn awritten_and_read(room: &Room) -> Result<(), Error> {
    let files = room.files("base");
    let missing = files.aread_path("a/b").await.unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
    let at = files.awrite_path("a/b", "one").await?;
    assert_eq!(Path::new(&at), room.path("base").join("a").join("b"));
    assert_eq!(files.aread_path("a/b").await?, b"one");
    assert_eq!(files.aread_path("a/../a/./b").await?, b"one");
    assert_eq!(files.aread_path(&at).await?, b"one");
    files.awrite_path("a/b", "two").await?;
    assert_eq!(files.aread_path("a/b").await?, b"two");
    for directory in ["a", "", "a/.."] {
        let read = files.aread_path(directory).await.unwrap_err();
        assert!(read.is_invalid(), "{read}");
        let written = files.awrite_path(directory, "").await.unwrap_err();
        assert!(written.is_invalid(), "{written}");
    }
    let below_a_file = files.awrite_path("a/b/c", "").await.unwrap_err();
    assert!(below_a_file.is_storage(), "{below_a_file}");
    assert_eq!(listed(&room.path("base")), ["a/", "a/b"]);
    Ok(())
}

#[cfg(feature = "blocking")]
#[test]
fn a_file_is_written_and_read() {
    written_and_read(&Room::new()).unwrap();
}

#[cfg(feature = "async")]
#[test]
fn a_file_is_written_and_read_in_the_async_face() {
    run(awritten_and_read(&Room::new())).unwrap();
}

#[cfg(feature = "async")]
#[test]
fn files_of_the_async_face_need_a_runtime() {
    let read = pollster::block_on(LocalFileSystem::new("/").aread_path("a"));
    assert!(read.unwrap_err().is_invalid());
}

#[test]
fn what_leads_out_of_the_base_path_is_refused() {
    let room = Room::new();
    let files = room.files("base");
    files.write("sub/f", b"").unwrap();
    let outside = room.write("basex/f", "outside");
    let outside = outside.to_str().unwrap();
    let paths = [
        "../basex/f",
        "sub/../../basex/f",
        outside,
        "/",
        "..",
        "~",
        "~/f",
        "~nobody/f",
    ];
    for path in paths {
        let read = files.read(path).unwrap_err();
        assert!(read.is_refused(), "{path}: {read}");
        let written = files.write(path, b"inside").unwrap_err();
        assert!(written.is_refused(), "{path}: {written}");
        let got = files.get(
            &room.path("to"),
            &GetDirectoryOptions::new().from_path(path),
        );
        assert!(got.unwrap_err().is_refused(), "{path}");
        let put = files.put(
            &room.path("basex"),
            &PutDirectoryOptions::new().to_path(path),
        );
        assert!(put.unwrap_err().is_refused(), "{path}");
    }
    assert_eq!(fs::read_to_string(outside).unwrap(), "outside");
    assert_eq!(listed(&room.path("base")), ["sub/", "sub/f"]);
    assert_eq!(listed(&room.path("basex")), ["f"]);
}

#[test]
fn odd_paths_are_errors() {
    let room = Room::new();
    let files = room.files("base");
    files.write("f", b"").unwrap();
    let long = "x".repeat(5000);
    let deep = "d/".repeat(5000) + "f";
    for path in ["a\0b", &long, &deep] {
        files.read(path).unwrap_err();
        files.write(path, b"").unwrap_err();
    }
    assert_eq!(files.read("f").unwrap(), b"");
}

#[cfg(unix)]
#[test]
fn links_are_followed_as_long_as_they_stay_within() {
    let room = Room::new();
    let files = room.files("base");
    files.write("real/f", b"inside").unwrap();
    room.write("out/f", "outside");
    link(room.path("base/real"), &room.path("base/absolute"));
    link("real", &room.path("base/relative"));
    link("relative/../absolute", &room.path("base/chain"));
    for path in ["absolute/f", "relative/f", "chain/f"] {
        assert_eq!(files.read(path).unwrap(), b"inside", "{path}");
    }
    files.write("chain/g", b"new").unwrap();
    assert_eq!(files.read("real/g").unwrap(), b"new");

    link(room.path("out"), &room.path("base/out"));
    link("../out/f", &room.path("base/file"));
    link("../out/new", &room.path("base/dangling"));
    for path in ["out/f", "out/new", "file", "dangling", "dangling/x", "out"] {
        let read = files.read(path).unwrap_err();
        assert!(read.is_refused(), "{path}: {read}");
        let written = files.write(path, b"inside").unwrap_err();
        assert!(written.is_refused(), "{path}: {written}");
    }
    link("loop", &room.path("base/loop"));
    assert!(files.read("loop").unwrap_err().is_storage());
    assert_eq!(fs::read_to_string(room.path("out/f")).unwrap(), "outside");
    assert_eq!(listed(&room.path("out")), ["f"]);
}

/// The base path itself may be a link, as on systems where the directory for temporary files is one.
#[cfg(unix)]
#[test]
fn the_base_path_may_be_a_link() {
    let room = Room::new();
    fs::create_dir(room.path("real")).unwrap();
    link("real", &room.path("base"));
    let at = room.files("base").write("f", b"one").unwrap();
    assert_eq!(Path::new(&at), room.path("real/f"));
    assert_eq!(
        room.files("base").read(&room.text("base/f")).unwrap(),
        b"one"
    );
}

/// Somebody puts a link that leads out in the place of a directory, again and again, while files are read and written.
#[cfg(unix)]
#[test]
fn nobody_wins_a_race_to_the_outside() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let room = Room::new();
    let files = room.files("base");
    files.write("here/f", b"inside").unwrap();
    room.write("out/f", "outside");
    let (swapped, is_done) = (room.path("base/swapped"), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                link("here", &swapped);
                fs::remove_file(&swapped).unwrap();
                link("../out", &swapped);
                fs::remove_file(&swapped).unwrap();
            }
        });
        for _ in 0..2000 {
            if let Ok(content) = files.read("swapped/f") {
                assert_eq!(content, b"inside");
            }
            // It may write to a directory of that name, and then nobody swaps it any more.
            drop(bytes_below(&files, "swapped/g"));
        }
        is_done.store(true, Ordering::Relaxed);
    });
    assert_eq!(listed(&room.path("out")), ["f"]);
    assert_eq!(fs::read_to_string(room.path("out/f")).unwrap(), "outside");
}

/// Writes where the directories are there already, so that the link's place is never taken by one of ours.
#[cfg(unix)]
fn bytes_below(files: &LocalFileSystem, path: &str) -> Result<(), Error> {
    let place = files.place(path)?;
    let directory = place
        .open()
        .map_err(|error| super::place::failed("opening", &place, error))?;
    if let Ok(beside) = super::bytes::Beside::new(&directory, Path::new("swapped/g")) {
        drop(beside.keep());
    }
    Ok(())
}

#[test]
fn without_a_base_path_it_is_where_the_program_is() {
    let here = std::env::current_dir().unwrap();
    let place = LocalFileSystem::default().place("a/b").unwrap();
    let real = super::place::resolved(Path::new(""), &here).unwrap();
    assert_eq!(place.full(), real.join("a/b"));
}

/// The checksum under which Python's Prefect has registered its own.
#[test]
fn it_is_the_block_that_python_has() {
    use crate::blocks::Block as _;

    let checksum = "sha256:0fc8b7f936f38f465715ef2df4a817ac9fe38b80bb01d5c6c9649a6da6ae6971";
    assert_eq!(LocalFileSystem::block_checksum().unwrap(), checksum);
    assert_eq!(LocalFileSystem::INFO.slug, "local-file-system");
}
