//! Stores, records, locks and keys, good and hostile.

mod locks;
#[cfg(feature = "pickle")]
mod pickles;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use diptych_macros::dual;
use serde_json::{Value as Json, json};
use uuid::Uuid;

#[dual(results)]
use super::AsyncResultStore;
use super::{
    CreateRecordOptions, FileLocks, FlowResultOptions, LockManager, MemoryLocks, ResultSettings,
    Serializer, TaskResultOptions, Value, results,
};
use crate::Error;
#[dual(results)]
use crate::filesystems::AsyncStorage;
use crate::filesystems::LocalFileSystem;

/// A directory of a test's own; gone when it is dropped.
struct Room(PathBuf);

impl Room {
    fn new() -> Self {
        let room = Self(std::env::temp_dir().join(format!("prefect-sdk-{}", Uuid::new_v4())));
        std::fs::create_dir(&room.0).unwrap();
        room
    }

    fn text(&self, below: &str) -> String {
        self.0.join(below).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.0.join("store").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn locks(&self) -> Arc<dyn LockManager> {
        Arc::new(FileLocks::new(self.text("locks")))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[dual(results, map(astore => store))]
fn astore(room: &Room) -> AsyncResultStore {
    let files: Arc<dyn AsyncStorage> = Arc::new(LocalFileSystem::new(room.text("store")));
    AsyncResultStore::new(ResultSettings::new(room.text("none"))).storage(files)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(future)
}

/// A store of the blocking face.
fn blocking(room: &Room) -> super::ResultStore {
    store(room)
}

#[dual(results, map(astore => store, akept => kept))]
async fn akept(room: &Room) -> Result<(), Error> {
    let store = astore(room);
    let record = store.create_record(&json!({"é": [1, 2.5, null]})).await?;
    assert!(!store.exists(record.key()).await?);
    assert!(store.read(record.key()).await.unwrap_err().is_not_found());
    store.persist(&record).await?;
    assert!(store.exists(record.key()).await?);
    let read = store.read(record.key()).await?;
    assert_eq!(read.value::<Json>()?, json!({"é": [1, 2.5, null]}));
    assert_eq!(read.metadata().storage_key, record.metadata().storage_key);
    let place = record.metadata().storage_key.clone().unwrap();
    assert!(std::path::Path::new(&place).is_absolute());
    assert_eq!(
        store.read(&place).await?.value::<Json>()?,
        read.value::<Json>()?
    );

    let ended = Utc::now() - TimeDelta::seconds(1);
    let options = CreateRecordOptions::new().key("a/b").expiration(ended);
    store
        .persist(&store.create_record_with("x", &options).await?)
        .await?;
    assert!(!store.exists("a/b").await?);
    assert_eq!(store.read("a/b").await?.value::<String>()?, "x");
    let out = CreateRecordOptions::new().key("../out");
    assert!(
        store
            .create_record_with("x", &out)
            .await
            .unwrap_err()
            .is_refused()
    );
    assert!(store.read("../out").await.unwrap_err().is_refused());
    let nan = store.create_record(&[f64::NAN]).await.unwrap_err();
    assert!(nan.is_invalid(), "{nan}");
    let pickle = store.clone().serializer(Serializer::Pickle);
    assert!(pickle.create_record(&1).await.unwrap_err().is_invalid());
    let none = AsyncResultStore::new(ResultSettings::new(room.text("none")));
    assert!(none.read("x").await.unwrap_err().is_invalid());
    Ok(())
}

#[test]
fn a_result_is_kept_and_found() {
    kept(&Room::new()).unwrap();
    run(akept(&Room::new())).unwrap();
}

#[dual(results, map(astore => store, aapart => apart))]
async fn aapart(room: &Room) -> Result<(), Error> {
    let files: Arc<dyn AsyncStorage> = Arc::new(LocalFileSystem::new(room.text("keys")));
    let store = astore(room).metadata_storage(files);
    let options = CreateRecordOptions::new().key("k");
    let record = store
        .create_record_with(&json!({"result": 1}), &options)
        .await?;
    assert!(!store.exists("k").await?);
    store.persist(&record).await?;
    assert!(store.exists("k").await?);
    assert_eq!(
        store.read("k").await?.value::<Json>()?,
        json!({"result": 1})
    );
    let bare = std::fs::read_to_string(room.0.join("store/k")).unwrap();
    assert_eq!(bare, r#"{"result":1}"#);

    let id = Uuid::new_v4();
    assert!(
        store
            .read_parameters::<Json>(id)
            .await
            .unwrap_err()
            .is_not_found()
    );
    store
        .store_parameters(id, &json!({"parameters": {"a": 20}}))
        .await?;
    assert_eq!(
        store.read_parameters::<Json>(id).await?["parameters"]["a"],
        20
    );
    Ok(())
}

#[test]
fn metadata_may_be_apart_and_arguments_are_kept() {
    apart(&Room::new()).unwrap();
    run(aapart(&Room::new())).unwrap();
}

#[test]
fn a_key_is_made_by_the_format_of_the_task() {
    let room = Room::new();
    let key = |format: &str, values: Json| {
        let store = blocking(&room).key_format(format);
        let options = CreateRecordOptions::new().key_values(values);
        store
            .create_record_with(&1, &options)
            .map(|record| record.key().to_owned())
    };
    let values = json!({"parameters": {"x": 7}, "flow_run": {"name": "owl"}});
    assert_eq!(
        key("k-{parameters[x]}-{flow_run.name}", values.clone()).unwrap(),
        "k-7-owl"
    );
    assert!(
        key("{parameters[y]}", values.clone())
            .unwrap_err()
            .is_invalid()
    );
    assert!(key("{0}", values).unwrap_err().is_invalid());
    let out = json!({"flow_run": {"name": "../../etc"}});
    assert!(key("{flow_run.name}", out).unwrap_err().is_refused());
}

/// What another language, or an earlier Prefect, may have left.
#[test]
fn records_of_others_are_read() {
    let room = Room::new();
    let store = blocking(&room);
    let read = |content: &str| {
        room.write("k", content);
        store.read("k").and_then(|record| record.value::<Json>())
    };
    let json = |result: &str| {
        format!(r#"{{"metadata":{{"serializer":{{"type":"json"}}}},"result":{result}}}"#)
    };
    assert_eq!(read(&json(r#""[1]""#)).unwrap(), json!([1]));
    assert_eq!(read(&json(r#"{"a":1}"#)).unwrap(), json!({"a": 1}));
    assert_eq!(read(&json("7")).unwrap(), json!(7));
    let old = r#"{"data":"[1]","serializer":{"type":"json"},"prefect_version":"2.0"}"#;
    assert_eq!(read(old).unwrap(), json!([1]));
    // Bare, as Python's flows leave them.
    assert_eq!(read(r#"{"result":1}"#).unwrap(), json!({"result": 1}));
    // A bare result may have such keys as well.
    let bare = [
        json!({"data": "x"}),
        json!({"result": 1, "expiration": "2026-01-01T00:00:00Z"}),
        json!({"data": "[1]", "serializer": {"type": "json"}, "name": "mine"}),
        json!({"data": "[1]", "serializer": "json"}),
        json!({"data": [1], "serializer": {"type": "json"}}),
        json!({"data": "x", "metadata": {}}),
    ];
    for bare in bare {
        assert_eq!(read(&bare.to_string()).unwrap(), bare);
    }
    assert_eq!(read(r#"{"sum": 8}"#).unwrap(), json!({"sum": 8}));
    assert!(!store.exists("k").unwrap());
    let known = json(r#""{\"__class__\":\"datetime.date\",\"data\":\"2026-11-26\"}""#);
    assert_eq!(read(&known).unwrap(), json!("2026-11-26"));

    for unfit in [
        r#"{"metadata":{"serializer":{"type":"x"}},"result":"1"}"#,
        r#"{"metadata":{},"result":"[1]"}"#,
        r#"{"metadata":{"serializer":{}},"result":"1"}"#,
        r#"{"metadata":{"serializer":{"type":"json"},"expiration":5},"result":"1"}"#,
        r#"{"metadata":{"serializer":{"type":"compressed/json"}},"result":"AAAA"}"#,
        r#"{"metadata":{"serializer":{"type":"json"}},"result":"[1"}"#,
        r#"{"metadata":{"serializer":{"type":"json"}},"resu"#,
        "",
        "\u{0}",
        &"[".repeat(1 << 20),
        &r#"{"metadata":"#.repeat(1 << 16),
    ] {
        let error = read(unfit).unwrap_err();
        assert!(error.is_unfit(), "{error}");
        assert!(!store.exists("k").unwrap());
    }
    std::fs::write(room.0.join("store/k"), b"\xff\xfe").unwrap();
    assert!(store.read("k").unwrap_err().is_unfit());
}

#[test]
fn numbers_of_python_are_read() {
    let read = |text: &str| Serializer::Json.load(text.as_bytes()).unwrap();
    let (nan, rest): (f64, [f64; 3]) = read("[NaN, [Infinity, -Infinity, 2]]")
        .deserialize()
        .unwrap();
    assert!(nan.is_nan());
    let expected = [f64::INFINITY, f64::NEG_INFINITY, 2.0];
    assert_eq!(rest.map(f64::to_bits), expected.map(f64::to_bits));
    // A text is none of them.
    let texts: [String; 3] = read(r#"["NaN", "\"NaN", "12345678901234567890123"]"#)
        .deserialize()
        .unwrap();
    assert_eq!(texts, ["NaN", "\"NaN", "12345678901234567890123"]);
    let large = read("170141183460469231731687303715884105728");
    assert_eq!(large.clone().deserialize::<u128>().unwrap(), 1 << 127);
    let error = large.deserialize::<u64>().unwrap_err();
    assert!(error.is_unfit(), "{error}");
    assert_eq!(
        read("-9223372036854775808").deserialize::<i64>().unwrap(),
        i64::MIN
    );
    for broken in [
        "NaNN",
        "-",
        "01",
        "00000000000000000000001",
        "[1,]",
        "\"",
        "Infinity1",
    ] {
        assert!(
            Serializer::Json.load(broken.as_bytes()).is_err(),
            "{broken}"
        );
    }
}

#[test]
fn errors_do_not_tell_what_a_result_holds() {
    let read = |text: &str| Serializer::Json.load(text.as_bytes()).unwrap();
    for text in [r#""s3cret""#, r#"{"k":"s3cret"}"#, r#"["s3cret"]"#] {
        let value = read(text);
        assert!(!format!("{value:?}").contains("s3cret"));
        let error = value.deserialize::<(u64, u64)>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}

#[cfg(feature = "zlib")]
#[test]
fn a_compressed_result_is_read_again() {
    use super::Compression;

    for compression in [Compression::Zlib, Compression::Gzip] {
        let serializer = Serializer::CompressedJson(compression);
        let text = serializer.dump(&vec![7; 1000]).unwrap();
        assert!(text.len() < 200);
        let read: Vec<u8> = serializer
            .load(text.as_bytes())
            .unwrap()
            .deserialize()
            .unwrap();
        assert_eq!(read, vec![7; 1000]);
    }
}

#[test]
fn precedence_is_as_for_python() {
    let room = Room::new();
    let store = blocking(&room);
    let flow = FlowResultOptions::new();
    assert!(!store.persists_flow(&flow, None));
    assert!(store.persists_flow(&flow, Some(true)));
    assert!(store.persists_flow(&flow.clone().serializer(Serializer::Json), Some(false)));
    assert!(!store.persists_flow(
        &flow.clone().serializer(Serializer::Json).persist(false),
        None
    ));
    let task = TaskResultOptions::new();
    assert!(!store.persists_task(&task, None));
    assert!(store.persists_task(&task.clone().cached(true), Some(false)));
    assert!(!store.persists_task(&task.clone().storage_key("k").persist(false), Some(true)));
    let mut settings = ResultSettings::new("");
    settings.tasks_persist_by_default = Some(false);
    settings.persist_by_default = true;
    let store = super::ResultStore::new(settings.clone());
    assert!(!store.persists_task(&task, Some(true)));
    assert!(store.persists_flow(&flow, None));
    settings.persist_by_default = false;
    settings.default_storage_block = Some("a/b".to_owned());
    assert!(super::ResultStore::new(settings).persists_flow(&flow, None));
}
