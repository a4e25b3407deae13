//! Files below a path of this machine, which Python's block shares; and what each of them takes of a tree with an ignore file.

use std::collections::BTreeSet;
use std::path::Path;

use prefect_sdk::filesystems::{GetDirectoryOptions, LocalFileSystem, PutDirectoryOptions};
use serde_json::{Value, json};

use crate::python;
use crate::room::Room;

const SHARED: &str = r"
from prefect.filesystems import LocalFileSystem
files = LocalFileSystem(basepath=arguments['base'])
def tried(act):
    try:
        return [act(), None]
    except Exception as error:
        return [None, type(error).__name__]
answer({
    'read': files.read_path('ours/a').decode(),
    'written': files.write_path('theirs/b', b'from Python'),
    'refused': [[tried(lambda: files.read_path(path).decode()), tried(lambda: files.write_path(path, b''))]
                for path in arguments['refused']],
})
";

#[test]
fn python_s_block_and_ours_are_one() {
    let room = Room::new("files");
    let base = room.0.canonicalize().unwrap().join("base");
    let files = LocalFileSystem::new(base.to_str().unwrap());
    let at = files.write_path("ours/a", "from Rust").unwrap();
    room.write("basex/f", b"outside");
    #[cfg(unix)]
    std::os::unix::fs::symlink("../../basex", base.join("ours/link")).unwrap();
    let refused = [
        "../basex/f",
        "ours/../../basex/f",
        "/etc/hostname",
        "~",
        "ours/link/f",
        "ours",
        "",
    ];
    let arguments = json!({"base": base, "refused": refused});
    let answer = python::run(SHARED, &arguments);
    assert_eq!(answer["read"], "from Rust");
    assert_eq!(files.read_path("theirs/b").unwrap(), b"from Python");
    // They name what they have written alike.
    assert_eq!(at, base.join("ours/a").to_str().unwrap());
    assert_eq!(answer["written"], json!(base.join("theirs/b")));
    for (path, theirs) in refused.iter().zip(answer["refused"].as_array().unwrap()) {
        assert_eq!(
            theirs,
            &json!([[null, "ValueError"], [null, "ValueError"]]),
            "{path}"
        );
        for error in [
            files.read_path(path).unwrap_err(),
            files.write_path(path, "").unwrap_err(),
        ] {
            assert!(error.is_refused() || error.is_invalid(), "{path}: {error}");
        }
    }
    assert_eq!(room.read("basex/f"), b"outside");
}

const TREE: [&str; 21] = [
    "a",
    "a.log",
    "a.py",
    "[x]",
    "#x",
    "!x",
    ".hidden",
    "ä b",
    "{a,b}",
    "build/keep/z",
    "build/out",
    "d/b.py",
    "d/e/c.log",
    "d/e/f.py",
    "d/e/g/h",
    "keep/x.py",
    "keep/y.log",
    "src/build/q",
    "src/d/e",
    "src/keep/x.py",
    "sub/.hidden/i",
];

const PATTERNS: [&str; 44] = [
    "",
    "  \n\n# nothing\n",
    "*",
    "**",
    "/*",
    "*.log",
    "*.py\n!a.py",
    "!a.py\n*.py",
    "a?py",
    "[!a].py",
    "[ab].py",
    r"\#x",
    r"\!x",
    r"\[x]",
    "[[]x]",
    "{a,b}",
    "ä*",
    "ä b",
    r"ä\ b",
    "*.py   ",
    ".*",
    "build",
    "build/",
    "/build",
    "/build/",
    "src/build",
    "d/e",
    "/d/**",
    "d/**/f.py",
    "**/e",
    "**/e/",
    "e/**",
    "d/*\n!d/e",
    "d/*\n!d/e/",
    "d/\n!d/e/f.py",
    "*\n!keep/x.py",
    "*\n!keep/",
    "*\n!*.py",
    "*\n!*/\n!*.py",
    "keep/*\n!keep/*.py",
    "build/*\n!build/keep/",
    "/*\n!/keep\n!/src",
    "*/",
    "d/e/*.log\n!c.log\nc.*",
];

const TAKEN: &str = r"
import pathlib, shutil
from prefect.filesystems import LocalFileSystem
room = pathlib.Path(arguments['room'])
taken = []
for patterns in arguments['patterns']:
    one = []
    shutil.rmtree(room / 'to', ignore_errors=True)
    (room / 'ignore').write_text(patterns)
    files = LocalFileSystem(basepath=str(room / 'to'))
    files.put_directory(local_path=str(room / 'from'), ignore_file=str(room / 'ignore'))
    one.append([str(it.relative_to(room / 'to')) for it in (room / 'to').rglob('*') if it.is_file()])
    shutil.rmtree(room / 'to', ignore_errors=True)
    (room / 'from' / '.prefectignore').write_text(patterns)
    LocalFileSystem(basepath=str(room / 'from')).get_directory(local_path=str(room / 'to'))
    (room / 'from' / '.prefectignore').unlink()
    one.append([str(it.relative_to(room / 'to')) for it in (room / 'to').rglob('*') if it.is_file()])
    taken.append(one)
answer(taken)
";

#[test]
fn what_is_left_out_of_a_tree_is_what_python_leaves_out() {
    let room = Room::new("ignored");
    for file in TREE {
        room.write(&format!("from/{file}"), b"");
    }
    let arguments = json!({"room": room.0, "patterns": PATTERNS.as_slice()});
    let theirs = python::run(TAKEN, &arguments);
    for (patterns, theirs) in PATTERNS.iter().zip(theirs.as_array().unwrap()) {
        let [put, got] = [&theirs[0], &theirs[1]].map(named);
        assert_eq!(taken_by_put(&room, patterns), put, "{patterns:?}");
        assert_eq!(taken_by_get(&room, patterns), got, "{patterns:?}");
    }
}

fn named(list: &Value) -> BTreeSet<String> {
    serde_json::from_value(list.clone()).unwrap()
}

fn files(path: &Path) -> LocalFileSystem {
    LocalFileSystem::new(path.to_str().unwrap())
}

fn taken_by_put(room: &Room, patterns: &str) -> BTreeSet<String> {
    let to = room.0.join("to");
    drop(std::fs::remove_dir_all(&to));
    room.write("ignore", patterns.as_bytes());
    let options = PutDirectoryOptions::new().ignore_file(room.0.join("ignore"));
    let put = files(&to).put_directory_with(room.0.join("from"), &options);
    let found = found(&to);
    assert_eq!(put.unwrap(), found.len(), "{patterns:?}");
    found
}

fn taken_by_get(room: &Room, patterns: &str) -> BTreeSet<String> {
    let to = room.0.join("to");
    drop(std::fs::remove_dir_all(&to));
    room.write("from/.prefectignore", patterns.as_bytes());
    let options = GetDirectoryOptions::new();
    files(&room.0.join("from"))
        .get_directory_with(&to, &options)
        .unwrap();
    std::fs::remove_file(room.0.join("from/.prefectignore")).unwrap();
    found(&to)
}

/// The files below a directory.
fn found(root: &Path) -> BTreeSet<String> {
    let (mut files, mut open) = (BTreeSet::new(), vec![root.to_owned()]);
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let below = path.strip_prefix(root).unwrap();
                files.insert(below.to_str().unwrap().to_owned());
            }
        }
    }
    files
}
