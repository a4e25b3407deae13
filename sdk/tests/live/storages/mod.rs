//! Remote storages: moto is a server of S3, and Python's block uses it as ours does.

mod webdav;

use std::process::Child;
use std::sync::Arc;

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::blocks::{Block as _, SaveBlockOptions};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::filesystems::{GetDirectoryOptions, PutDirectoryOptions, RemoteFileSystem};
use prefect_sdk::results::{ResultSettings, ResultStore, StorageReference, TaskResultOptions};
use serde_json::{Value, json};

use crate::room::Room;
use crate::{faces, python, server};

const MOTO: &str = include_str!("../../../../tests/server/python/s3.py");

/// A server of a storage; it ends with the value.
struct Storage {
    process: Child,
    url: String,
}

impl Storage {
    fn start(program: &str) -> Self {
        let (process, port) = python::serve_with_storages(program, &[]);
        let url = format!("http://127.0.0.1:{port}");
        Self { process, url }
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A server of S3 with a bucket.
struct S3(Storage);

impl S3 {
    fn start() -> Self {
        Self(Storage::start(MOTO))
    }

    fn files(&self, folder: &str) -> RemoteFileSystem {
        RemoteFileSystem::new(format!("s3://bucket/{folder}"))
            .setting("key", "AK1D")
            .setting("secret", "s3cret")
            .setting("client_kwargs", json!({ "endpoint_url": self.0.url }))
    }
}

/// More than two parts, and no two of them alike.
fn large() -> Vec<u8> {
    (0..13 * 1024 * 1024_u32)
        .map(|number| (number >> 20).to_le_bytes()[0] ^ number.to_le_bytes()[0])
        .collect()
}

/// Files, and what is written in their place.
#[dual(faces, map(akept => kept))]
async fn akept(files: &RemoteFileSystem) -> Result<(), Error> {
    assert!(files.aread_path("a").await.unwrap_err().is_not_found());
    for (path, content) in [
        ("a/b", "one"),
        ("a/b", "two"),
        ("ä %20+&=;:@!$,'()*~", "odd"),
        ("empty", ""),
    ] {
        let at = files.awrite_path(path, content).await?;
        assert_eq!(files.aread_path(path).await?, content.as_bytes(), "{path}");
        assert_eq!(files.aread_path(&at).await?, content.as_bytes(), "{at}");
    }
    let (from, to) = (Room::new("storages"), Room::new("storages"));
    from.write("x/y/z", b"z");
    from.write("x/one", b"1");
    let options = PutDirectoryOptions::new().to_path("tree");
    assert_eq!(files.aput_directory_with(&from.0, &options).await?, 2);
    let options = GetDirectoryOptions::new().from_path("tree");
    files.aget_directory_with(&to.0, &options).await?;
    assert_eq!(to.read("x/y/z"), b"z");
    assert_eq!(to.read("x/one"), b"1");
    Ok(())
}

/// A file that is more than one request can take.
#[dual(faces, map(akept_large => kept_large))]
async fn akept_large(files: &RemoteFileSystem) -> Result<(), Error> {
    files.awrite_path("large", large()).await?;
    assert!(files.aread_path("large").await? == large());
    let (from, to) = (Room::new("storages"), Room::new("storages"));
    from.write("large", &large());
    let options = PutDirectoryOptions::new().to_path("larger");
    assert_eq!(files.aput_directory_with(&from.0, &options).await?, 1);
    let options = GetDirectoryOptions::new().from_path("larger");
    files.aget_directory_with(&to.0, &options).await?;
    assert!(to.read("large") == large());
    Ok(())
}

#[test]
fn a_bucket_keeps_files_of_both_faces() {
    let s3 = S3::start();
    let (blocking, asynchronous) = (s3.files("blocking"), s3.files("async"));
    kept(&blocking).unwrap();
    kept_large(&blocking).unwrap();
    server::run(akept(&asynchronous)).unwrap();
    server::run(akept_large(&asynchronous)).unwrap();
    let nowhere = RemoteFileSystem::new("s3://nowhere/a")
        .setting("key", "AK1D")
        .setting("secret", "s3cret")
        .setting("endpoint_url", s3.0.url.clone());
    for error in [
        nowhere.read_path("a").unwrap_err(),
        nowhere.write_path("a", "").unwrap_err(),
    ] {
        assert!(error.is_not_found(), "{error:?}");
    }
}

#[dual(faces, map(asaved => saved))]
async fn asaved(client: &AsyncPrefectClient, s3: &S3, name: &str) -> Result<(), Error> {
    let files = s3.files(name);
    let options = SaveBlockOptions::new();
    let saved = files.asave_with(client, name, &options).await?;
    let loaded = RemoteFileSystem::aload(client, name).await?;
    assert!(*loaded == *saved);
    loaded.awrite_path("ours", "from Rust").await?;
    Ok(())
}

const PYTHON: &str = r"
from pathlib import Path
from prefect.filesystems import RemoteFileSystem
from prefect.results import ResultStore
from prefect.serializers import JSONSerializer
block = RemoteFileSystem.load(arguments['name'])
found = [block.read_path('ours').decode(), block.write_path('theirs', b'from Python')]
block.write_path('large', bytes(13 * 1024 * 1024))
room = Path(arguments['room'])
(room / 'd').mkdir()
(room / 'd' / 'e').write_text('tree')
found.append(block.put_directory(local_path=str(room), to_path='tree'))
own = RemoteFileSystem(basepath=arguments['base'] + '-own', settings=block.settings)
own.save(arguments['name'] + '-own')
store = ResultStore(result_storage=block, serializer=JSONSerializer())
store.write({'x': [1, None]}, key='record')
answer({'found': found, 'schema': RemoteFileSystem._calculate_schema_checksum()})
";

#[test]
fn python_s_block_and_ours_are_one() {
    let s3 = S3::start();
    let (client, name) = (server::client(), server::unique("remote"));
    saved(&client, &s3, &name).unwrap();
    let (theirs, to) = (Room::new("storages"), Room::new("storages"));
    let base = format!("s3://bucket/{name}");
    let arguments = json!({"name": name, "base": base, "room": theirs.0});
    let answer = python::run_with_storages(PYTHON, &arguments);
    let expected = json!(["from Rust", format!("{base}/theirs"), 1]);
    assert_eq!(answer["found"], expected);
    let ours = RemoteFileSystem::block_checksum().unwrap();
    assert_eq!(answer["schema"], ours);
    let files = RemoteFileSystem::load(&client, &name).unwrap();
    assert_eq!(files.read_path("theirs").unwrap(), b"from Python");
    assert_eq!(files.read_path("large").unwrap().len(), 13 * 1024 * 1024);
    files.get_directory(&to.0).unwrap();
    assert_eq!(to.read("tree/d/e"), b"tree");
    // A block that Python has saved.
    let own = RemoteFileSystem::load(&client, &format!("{name}-own")).unwrap();
    assert_eq!(own.settings(), files.settings());
    own.write_path("a", "b").unwrap();
    results(&client, &name);
    server::run(asaved(
        &server::async_client(),
        &s3,
        &format!("{name}-async"),
    ))
    .unwrap();
}

/// The block keeps results, too.
fn results(client: &PrefectClient, name: &str) {
    let block = StorageReference::Block(format!("remote-file-system/{name}"));
    let options = TaskResultOptions::new().storage(block);
    let store = ResultStore::new(ResultSettings::new("/nowhere"));
    let store = store.update_for_task(client, &options).unwrap();
    let theirs: Value = store.read("record").unwrap().value().unwrap();
    assert_eq!(theirs, json!({"x": [1, null]}));
    let record = store.create_record(&json!([1])).unwrap();
    store.persist(&record).unwrap();
    assert!(store.exists(record.key()).unwrap());
    assert!(!store.exists("missing").unwrap());
}

#[test]
fn a_server_that_is_killed_keeps_nothing_of_what_was_being_sent() {
    let mut s3 = S3::start();
    let files = Arc::new(s3.files("killed"));
    let room = Room::new("storages");
    room.write("large", &large());
    let options = PutDirectoryOptions::new();
    assert_eq!(files.put_directory_with(&room.0, &options).unwrap(), 1);
    s3.0.process.kill().unwrap();
    s3.0.process.wait().unwrap();
    for error in [
        files.put_directory_with(&room.0, &options).unwrap_err(),
        files.read_path("large").unwrap_err(),
        server::run(files.awrite_path("large", large())).unwrap_err(),
    ] {
        assert!(error.is_connect(), "{error}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}
