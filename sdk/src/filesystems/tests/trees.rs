//! Whole directories.

use super::*;

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
