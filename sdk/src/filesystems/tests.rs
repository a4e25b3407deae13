//! Paths, trees and ignore files, good and hostile.

use std::fs;
use std::path::{Path, PathBuf};

use diptych_macros::dual;
use uuid::Uuid;

use super::{GetDirectoryOptions, LocalFileSystem, PutDirectoryOptions, filesystems};
use crate::Error;

/// A directory of a test's own, without symbolic links in its path; gone when it is dropped.
struct Room(PathBuf);

impl Room {
    fn new() -> Self {
        let name = format!("prefect-sdk-{}", Uuid::new_v4().simple());
        let path = super::place::resolved(&std::env::temp_dir()).unwrap();
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

    fn write(&self, below: &str, content: &str) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
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

/// Windows may refuse to replace what somebody reads.
#[cfg(unix)]
#[test]
fn a_reader_sees_a_whole_file() {
    let room = Room::new();
    let files = room.files("base");
    let contents = [vec![b'a'; 300_000], vec![b'b'; 100_000]];
    files.write("f", &contents[0]).unwrap();
    std::thread::scope(|scope| {
        for content in &contents {
            scope.spawn(|| (0..50).for_each(|_| drop(files.write("f", content).unwrap())));
        }
        for _ in 0..100 {
            let read = files.read("f").unwrap();
            assert!(contents.contains(&read), "{} bytes", read.len());
        }
    });
    assert_eq!(listed(&room.path("base")), ["f"]);
}

#[test]
fn what_is_not_finished_is_gone() {
    let room = Room::new();
    let files = room.files("base");
    files.write("f", b"old").unwrap();
    let place = files.place("f").unwrap();
    let directory = place.open().unwrap();
    let beside = super::bytes::Beside::new(&directory, &place.below).unwrap();
    assert_eq!(listed(&room.path("base")).len(), 2);
    drop(beside);
    assert_eq!(listed(&room.path("base")), ["f"]);
    assert_eq!(files.read("f").unwrap(), b"old");
}

#[dual(filesystems, map(aput_and_got => put_and_got))]
async fn aput_and_got(room: &Room) -> Result<(), Error> {
    for name in ["a.py", "a.log", ".hidden", "d/b.py", "d/e/c.log", "old/x"] {
        room.write(&format!("from/{name}"), name);
    }
    room.write("ignore", "*.log\nold/\n# nothing\n!d/e/c.log\n");
    let files = room.files("base");
    let options = PutDirectoryOptions::new()
        .to_path("to")
        .ignore_file(room.path("ignore"));
    let count = files
        .aput_directory_with(room.path("from"), &options)
        .await?;
    assert_eq!(count, 4);
    let put = [".hidden", "a.py", "d/", "d/b.py", "d/e/", "d/e/c.log"];
    assert_eq!(listed(&room.path("base/to")), put);

    files
        .awrite_path("to/.prefectignore", "*\n!d/*.py\n")
        .await?;
    room.write("got/stays", "");
    let options = GetDirectoryOptions::new().from_path("to");
    files
        .aget_directory_with(room.path("got"), &options)
        .await?;
    assert_eq!(listed(&room.path("got")), ["d/", "d/b.py", "stays"]);
    assert_eq!(
        fs::read_to_string(room.path("got/d/b.py")).unwrap(),
        "d/b.py"
    );
    // Only the ignore file of what is got counts, and all of it is got again.
    files
        .aget_directory_with(room.path("got"), &GetDirectoryOptions::new())
        .await?;
    assert!(room.path("got/to/a.py").exists());
    Ok(())
}

#[cfg(feature = "blocking")]
#[test]
fn a_directory_is_put_and_got() {
    put_and_got(&Room::new()).unwrap();
}

#[cfg(feature = "async")]
#[test]
fn a_directory_is_put_and_got_in_the_async_face() {
    run(aput_and_got(&Room::new())).unwrap();
}

#[test]
fn a_tree_is_not_copied_into_itself() {
    let room = Room::new();
    room.write("base/f", "");
    let files = room.files("base");
    let got = files.get(&room.path("base/inner"), &GetDirectoryOptions::new());
    assert!(got.unwrap_err().is_refused());
    let put = files.put(&room.0, &PutDirectoryOptions::new());
    assert!(put.unwrap_err().is_refused());
    files
        .get(&room.path("base"), &GetDirectoryOptions::new())
        .unwrap();
    assert_eq!(
        files
            .put(&room.path("base"), &PutDirectoryOptions::new())
            .unwrap(),
        0
    );
    assert_eq!(listed(&room.0), ["base/", "base/f"]);
    let missing = files.get(
        &room.path("to"),
        &GetDirectoryOptions::new().from_path("none"),
    );
    assert!(missing.unwrap_err().is_not_found());
    let missing = files.put(&room.path("none"), &PutDirectoryOptions::new());
    assert!(missing.unwrap_err().is_not_found());
}

#[cfg(unix)]
#[test]
fn links_of_a_tree_are_kept_or_followed() {
    let room = Room::new();
    room.write("out/secret", "outside");
    room.write("base/f", "inside");
    link("f", &room.path("base/link"));
    link(room.path("out"), &room.path("base/out"));
    let files = room.files("base");
    files
        .get(&room.path("got"), &GetDirectoryOptions::new())
        .unwrap();
    assert_eq!(
        fs::read_link(room.path("got/link")).unwrap(),
        Path::new("f")
    );
    assert_eq!(
        fs::read_link(room.path("got/out")).unwrap(),
        room.path("out")
    );
    // Again, in the place of the links that are there.
    files
        .get(&room.path("got"), &GetDirectoryOptions::new())
        .unwrap();

    let copy = room.files("copy");
    assert_eq!(
        copy.put(&room.path("base"), &PutDirectoryOptions::new())
            .unwrap(),
        3
    );
    assert_eq!(
        listed(&room.path("copy")),
        ["f", "link", "out/", "out/secret"]
    );
    assert!(
        !fs::symlink_metadata(room.path("copy/link"))
            .unwrap()
            .is_symlink()
    );

    link("..", &room.path("base/circle"));
    let put = copy
        .put(&room.path("base"), &PutDirectoryOptions::new())
        .unwrap_err();
    assert!(put.is_unfit() || put.is_refused(), "{put}");
}

/// What is there already may lead out of the directory that is copied to.
#[cfg(unix)]
#[test]
fn a_tree_is_not_written_through_a_link() {
    let room = Room::new();
    room.write("base/d/f", "inside");
    fs::create_dir(room.path("out")).unwrap();
    fs::create_dir(room.path("got")).unwrap();
    link(room.path("out"), &room.path("got/d"));
    let got = room
        .files("base")
        .get(&room.path("got"), &GetDirectoryOptions::new());
    let error = got.unwrap_err();
    assert!(error.is_refused() || error.is_storage(), "{error}");
    let put = room
        .files("got")
        .put(&room.path("base"), &PutDirectoryOptions::new());
    let error = put.unwrap_err();
    assert!(error.is_refused() || error.is_storage(), "{error}");
    assert!(listed(&room.path("out")).is_empty());
}

#[cfg(unix)]
#[test]
fn permissions_are_kept_and_pipes_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let room = Room::new();
    let script = room.write("base/run.sh", "");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o540)).unwrap();
    let files = room.files("base");
    files
        .get(&room.path("got"), &GetDirectoryOptions::new())
        .unwrap();
    let mode = fs::metadata(room.path("got/run.sh"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o540);

    // Whoever opened it would wait for somebody who writes to it.
    let pipe = std::process::Command::new("mkfifo")
        .arg(room.path("base/pipe"))
        .status();
    assert!(pipe.unwrap().success());
    assert!(files.read("pipe").unwrap_err().is_invalid());
    let got = files.get(&room.path("again"), &GetDirectoryOptions::new());
    assert!(got.unwrap_err().is_storage());
}

#[test]
fn ignore_files_that_nobody_can_read_are_errors() {
    let room = Room::new();
    room.write("from/f", "");
    let files = room.files("base");
    let put = |content: &[u8]| {
        fs::write(room.path("ignore"), content).unwrap();
        let options = PutDirectoryOptions::new().ignore_file(room.path("ignore"));
        files.put(&room.path("from"), &options)
    };
    assert!(put(b"[z-a]").unwrap_err().is_unfit());
    // Braces mean nothing.
    assert_eq!(put(b"{a,{b,").unwrap(), 1);
    assert_eq!(put(b"{e,f}\n\\{\n[{]\n").unwrap(), 1);
    assert!(put(b"\xff\xfe").unwrap_err().is_storage());
    assert!(put(&b"a\n".repeat(1 << 20)).unwrap_err().is_storage());
    assert_eq!(put(b"\\#f\n   \n/f/\n\0\n**/**/**/**/g\n").unwrap(), 1);
    assert_eq!(put(b"f\n").unwrap(), 0);
    let options = PutDirectoryOptions::new().ignore_file(room.path("none"));
    assert!(
        files
            .put(&room.path("from"), &options)
            .unwrap_err()
            .is_not_found()
    );
}

/// The checksum under which Python's Prefect has registered its own.
#[test]
fn it_is_the_block_that_python_has() {
    use crate::blocks::Block as _;

    let checksum = "sha256:0fc8b7f936f38f465715ef2df4a817ac9fe38b80bb01d5c6c9649a6da6ae6971";
    assert_eq!(LocalFileSystem::block_checksum().unwrap(), checksum);
    assert_eq!(LocalFileSystem::INFO.slug, "local-file-system");
}
