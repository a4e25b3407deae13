//! Files that are being written while something happens.

use super::*;

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
    let beside = super::super::bytes::Beside::new(&directory, &place.below).unwrap();
    assert_eq!(listed(&room.path("base")).len(), 2);
    drop(beside);
    assert_eq!(listed(&room.path("base")), ["f"]);
    assert_eq!(files.read("f").unwrap(), b"old");
}

/// The test runs itself as another process, which may not write files as large as what it writes.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_a_killed_writer_leave_what_was_there() {
    use std::os::unix::process::ExitStatusExt as _;

    const BASE: &str = "PREFECT_TEST_FULL_DISK";
    const NAME: &str =
        "filesystems::tests::faults::a_full_disk_and_a_killed_writer_leave_what_was_there";
    if let Ok(base) = std::env::var(BASE) {
        let written = LocalFileSystem::new(base).write("f", &vec![b'n'; 1024 * 1024]);
        assert!(written.unwrap_err().is_storage());
        return;
    }
    for (trap, is_killed) in [("trap '' XFSZ;", false), ("", true)] {
        let room = Room::new();
        room.files("base").write("f", b"old").unwrap();
        let script = format!("{trap} ulimit -c 0; ulimit -f 8; exec \"$0\" \"$@\"");
        let child = std::process::Command::new("sh")
            .args(["-c", &script])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", NAME])
            .env(BASE, room.text("base"))
            .output()
            .unwrap();
        assert_eq!(child.status.signal().is_some(), is_killed, "{child:?}");
        assert_eq!(child.status.success(), !is_killed, "{child:?}");
        assert_eq!(room.files("base").read("f").unwrap(), b"old");
        let mut beside = listed(&room.path("base"));
        beside.retain(|name| name != "f");
        assert!(
            beside.iter().all(|name| name.contains(".part")),
            "{beside:?}"
        );
        assert_eq!(beside.len(), usize::from(is_killed), "{beside:?}");
    }
}
