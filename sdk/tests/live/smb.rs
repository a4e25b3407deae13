//! A share in a network, and Python's block, which uses it as ours does. The server is impacket's.

use std::process::Child;

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::blocks::{Block as _, SaveBlockOptions};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::filesystems::{GetDirectoryOptions, PutDirectoryOptions, Smb};
use prefect_sdk::results::{ResultSettings, ResultStore, StorageReference, TaskResultOptions};
use serde_json::{Value, json};

use crate::room::Room;
use crate::{faces, python, server};

/// Ends when it is told to, or when nobody is left who could tell it.
const SERVER: &str = r"
import os, sys, threading
from impacket import smb3structs, smbserver
from impacket.ntlm import compute_lmhash, compute_nthash
# It gives back what is to be done with a file that is there, where it has to say what was done: overwritten.
answer = smb3structs.SMB2Create_Response
put = answer.__setitem__
answer.__setitem__ = lambda self, key, value: put(self, key, min(value, 3) if key == 'CreateAction' else value)
server = smbserver.SimpleSMBServer(listenAddress='127.0.0.1', listenPort=0)
server.addShare('SHARE', sys.argv[1], '')
server.setSMB2Support(True)
server.addCredential('user', 0, compute_lmhash('s3cret'), compute_nthash('s3cret'))
server.setLogFile(os.devnull)
inner = server._SimpleSMBServer__server
threading.Thread(target=inner.serve_forever, daemon=True).start()
print(inner.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
";

/// A server with a share; it ends with the value.
struct Samba {
    process: Child,
    port: u16,
    room: Room,
}

impl Samba {
    fn start() -> Self {
        let room = Room::new("share");
        let (process, port) = python::serve_with_storages(SERVER, &[room.text()]);
        Self {
            process,
            port,
            room,
        }
    }

    fn files(&self, below: &str) -> Smb {
        Smb::new("127.0.0.1", format!("/SHARE/{below}"))
            .port(self.port)
            .username("user")
            .password("s3cret")
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// More than one part, and no two of them alike.
fn large() -> Vec<u8> {
    (0..5 * 1024 * 1024_u32)
        .map(|number| (number >> 20).to_le_bytes()[0] ^ number.to_le_bytes()[0])
        .collect()
}

#[dual(faces, map(akept => kept))]
async fn akept(files: &Smb) -> Result<(), Error> {
    assert!(files.aread_path("a").await.unwrap_err().is_not_found());
    for (path, content) in [
        ("a/b/c", b"one".to_vec()),
        ("a/b/c", b"two".to_vec()),
        ("ä %20+&=;@!$,'()~", b"odd".to_vec()),
        ("empty", Vec::new()),
        ("large", large()),
    ] {
        let at = files.awrite_path(path, content.clone()).await?;
        assert!(files.aread_path(path).await? == content, "{path}");
        assert!(files.aread_path(&at).await? == content, "{at}");
    }
    for error in [
        files.aread_path("a").await.unwrap_err(),
        files.awrite_path("a", "b").await.unwrap_err(),
        files.aread_path("").await.unwrap_err(),
    ] {
        assert!(error.is_invalid(), "{error:?}");
    }
    assert!(files.aread_path("../a").await.unwrap_err().is_refused());
    let (from, to) = (Room::new("share"), Room::new("share"));
    from.write("x/y/z", b"z");
    from.write("large", &large());
    let options = PutDirectoryOptions::new().to_path("tree");
    assert_eq!(files.aput_directory_with(&from.0, &options).await?, 2);
    let options = GetDirectoryOptions::new().from_path("tree");
    files.aget_directory_with(&to.0, &options).await?;
    assert_eq!(to.read("x/y/z"), b"z");
    assert!(to.read("large") == large());
    let nowhere = GetDirectoryOptions::new().from_path("nowhere");
    let error = files
        .aget_directory_with(&to.0, &nowhere)
        .await
        .unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    Ok(())
}

/// What is in a directory, with what is below it.
fn names(room: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(room)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            let below = if path.is_dir() {
                names(&path)
            } else {
                Vec::new()
            };
            std::iter::once(path.display().to_string()).chain(below)
        })
        .collect();
    names.sort();
    names
}

#[test]
fn a_share_keeps_files_of_both_faces() {
    let samba = Samba::start();
    kept(&samba.files("blocking")).unwrap();
    server::run(akept(&samba.files("async/deep"))).unwrap();
    // Nothing of what was written beside is left.
    let left = names(&samba.room.0);
    assert!(left.iter().all(|name| !name.contains(".part")), "{left:?}");
    for (files, is) in [
        (
            samba.files("a").password("guessed"),
            Error::is_refused as fn(&Error) -> bool,
        ),
        (
            Smb::new("127.0.0.1", "NONE")
                .port(samba.port)
                .username("user")
                .password("s3cret"),
            Error::is_not_found,
        ),
        (Smb::new("127.0.0.1", ""), Error::is_invalid),
    ] {
        for error in [
            files.read_path("a").unwrap_err(),
            server::run(files.awrite_path("a", "b")).unwrap_err(),
        ] {
            assert!(is(&error), "{error:?}");
            let shown = format!("{error} {error:?} {files:?}");
            assert!(
                !shown.contains("guessed") && !shown.contains("s3cret"),
                "{shown}"
            );
        }
    }
}

#[test]
fn a_server_that_is_killed_is_said_so() {
    let mut samba = Samba::start();
    let files = samba.files("killed");
    files.write_path("a", "b").unwrap();
    samba.process.kill().unwrap();
    samba.process.wait().unwrap();
    for error in [
        files.read_path("a").unwrap_err(),
        server::run(files.awrite_path("a", large())).unwrap_err(),
    ] {
        assert!(error.is_connect(), "{error:?}");
    }
}

#[dual(faces, map(asaved => saved))]
async fn asaved(client: &AsyncPrefectClient, samba: &Samba, name: &str) -> Result<(), Error> {
    let options = SaveBlockOptions::new();
    let saved = samba.files(name).asave_with(client, name, &options).await?;
    let loaded = Smb::aload(client, name).await?;
    assert!(*loaded == *saved);
    loaded.awrite_path("ours", "from Rust").await?;
    Ok(())
}

const PYTHON: &str = r"
from prefect.filesystems import SMB
from prefect.results import ResultStore
from prefect.serializers import JSONSerializer
block = SMB.load(arguments['name'])
block.write_path('theirs', b'from Python')
ResultStore(result_storage=block, serializer=JSONSerializer()).write({'x': [1, None]}, key='record')
answer({'found': block.read_path('ours').decode(), 'base': block.basepath, 'schema': SMB._calculate_schema_checksum()})
";

#[test]
fn python_s_block_and_ours_are_one() {
    let samba = Samba::start();
    let (client, name) = (server::client(), server::unique("smb"));
    saved(&client, &samba, &name).unwrap();
    let to = Room::new("share");
    let answer = python::run_with_storages(PYTHON, &json!({ "name": name }));
    assert_eq!(answer["found"], "from Rust");
    let files = Smb::load(&client, &name).unwrap();
    assert_eq!(answer["base"], files.basepath().unwrap());
    assert_eq!(answer["schema"], Smb::block_checksum().unwrap());
    assert_eq!(files.read_path("theirs").unwrap(), b"from Python");
    files.write_path("tree/d/e", "tree").unwrap();
    files.get_directory(&to.0).unwrap();
    assert_eq!(to.read("tree/d/e"), b"tree");
    assert_eq!(to.read("theirs"), b"from Python");
    results(&client, &name);
    let name = format!("{name}-async");
    server::run(asaved(&server::async_client(), &samba, &name)).unwrap();
}

/// The block keeps results, too.
fn results(client: &PrefectClient, name: &str) {
    let block = StorageReference::Block(format!("smb/{name}"));
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
