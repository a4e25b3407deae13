//! Folders of a server of `WebDAV`, which Python's block uses as ours does.

use prefect_sdk::filesystems::RemoteFileSystem;
use serde_json::json;

use super::{Storage, akept, akept_large, kept, kept_large};
use crate::{python, server};

const WSGIDAV: &str = include_str!("../../../../tests/server/python/dav.py");

fn files(dav: &Storage, folder: &str) -> RemoteFileSystem {
    let url = dav.url.replace("http://", "http://somebody:s3cret@");
    RemoteFileSystem::new(format!("webdav://host/{folder}"))
        .setting("base_url", format!("{url}/dav"))
}

const PYTHON: &str = r"
from prefect.filesystems import RemoteFileSystem
block = RemoteFileSystem(basepath=arguments['base'], settings=arguments['settings'])
found = block.read_path('deep/er/ours').decode()
block.write_path('deep/theirs', b'from Python')
answer({'found': found})
";

#[test]
fn a_folder_keeps_files_of_both_faces_and_of_python() {
    let dav = Storage::start(WSGIDAV);
    let (blocking, asynchronous) = (files(&dav, "blocking"), files(&dav, "async"));
    kept(&blocking).unwrap();
    kept_large(&blocking).unwrap();
    server::run(akept(&asynchronous)).unwrap();
    server::run(akept_large(&asynchronous)).unwrap();
    blocking.write_path("deep/er/ours", "from Rust").unwrap();
    let listed = RemoteFileSystem::new(blocking.basepath())
        .setting("base_url", format!("{}/dav", dav.url))
        .setting("auth", json!(["somebody", "s3cret"]));
    assert_eq!(listed.read_path("deep/er/ours").unwrap(), b"from Rust");
    let arguments = json!({"base": blocking.basepath(), "settings": blocking.settings()});
    let answer = python::run_with_storages(PYTHON, &arguments);
    assert_eq!(answer["found"], "from Rust");
    assert_eq!(blocking.read_path("deep/theirs").unwrap(), b"from Python");
    let stranger = RemoteFileSystem::new("webdav://host/a")
        .setting("base_url", format!("{}/dav", dav.url))
        .setting("auth", json!(["somebody", "an0ther"]));
    for error in [
        stranger.read_path("a").unwrap_err(),
        stranger.write_path("a", "").unwrap_err(),
    ] {
        assert!(error.refusal().is_some(), "{error:?}");
        assert!(!error.to_string().contains("an0ther"), "{error}");
    }
}
