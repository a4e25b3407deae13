//! Stores, records, locks and keys, good and hostile.

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
    assert_eq!(read(r#"{"data":"x"}"#).unwrap(), json!({"data": "x"}));
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

#[cfg(feature = "pickle")]
mod pickles {
    use base64::Engine as _;

    use super::*;

    fn read(pickle: &[u8]) -> Result<Value, Error> {
        let text = base64::engine::general_purpose::STANDARD.encode(pickle);
        Serializer::Pickle.load(text.as_bytes())
    }

    /// `pickle.dumps({'a': [1, (True, None)], 'b': 'é'}, 4)`.
    const PLAIN: &[u8] =
        b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94]\x94(K\x01\x88N\x86\x94e\x8c\x01b\x94\x8c\x02\xc3\xa9\x94u.";

    #[test]
    fn plain_values_are_read() {
        let value: Json = read(PLAIN).unwrap().deserialize().unwrap();
        assert_eq!(value, json!({"a": [1, [true, null]], "b": "é"}));
    }

    #[test]
    fn classes_are_named_and_nothing_is_called() {
        let system = b"cos\nsystem\n(S'touch /tmp/called'\ntR.".as_slice();
        assert!(read(system).unwrap_err().is_unfit());
        let system = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.".as_slice();
        let error = read(system).unwrap_err();
        assert!(error.to_string().contains("`os.system`"), "{error}");
        assert!(error.names_class());
        let class = b"cmy.module\nThing\n.".as_slice();
        assert!(
            read(class)
                .unwrap_err()
                .to_string()
                .contains("`my.module.Thing`")
        );
        let exception =
            b"\x80\x04\x8c\x08builtins\x8c\nValueError\x93\x8c\x04boom\x85R.".as_slice();
        let Value::Exception { class, message } = read(exception).unwrap() else {
            panic!("it is an exception");
        };
        assert_eq!(
            (class.as_str(), message.as_str()),
            ("builtins.ValueError", "boom")
        );
    }

    #[test]
    fn hostile_ones_are_errors() {
        let hostile: [&[u8]; 14] = [
            b"",
            b".",
            b"(.",
            b"0",
            b"t.",
            b"](u.",
            b"}(K\x01u.",
            b"h\x05.",
            b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",
            b"\x8b\xff\xff\xff\x7f.",
            b"\x8a\xff",
            // It holds itself.
            b"]\x94h\x00a.",
            b"\x80\x04]\x94(h\x00e.",
            b"(((((((((1.",
        ];
        for pickle in hostile {
            assert!(read(pickle).unwrap_err().is_unfit(), "{pickle:?}");
        }
        let deep = [b"]".repeat(100_000), b"a".repeat(99_999), b".".to_vec()].concat();
        assert!(read(&deep).unwrap_err().is_unfit());
        // Each list holds the one before it ten times: 10^60 values in 700 bytes.
        let mut bomb = b"]\x94".to_vec();
        for level in 0..60u8 {
            bomb.extend([b"](".as_slice(), &[b'h', level].repeat(10), b"e\x94"].concat());
        }
        bomb.push(b'.');
        assert!(read(&bomb).unwrap_err().is_unfit());
    }

    /// Whatever stands there, it is a value or an error.
    #[test]
    fn any_change_is_a_value_or_an_error() {
        for at in 0..PLAIN.len() {
            drop(read(&PLAIN[..at]));
            for byte in 0..=255 {
                let mut changed = PLAIN.to_vec();
                changed[at] = byte;
                drop(read(&changed));
            }
        }
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

#[dual(results, map(astore => store, alocked => locked))]
async fn alocked(room: &Room, locks: Arc<dyn LockManager>) -> Result<(), Error> {
    let soon = Duration::from_millis(50);
    let one = astore(room).locks(Arc::clone(&locks)).lock_timeout(soon);
    let other = one.clone().holder("other");
    let options = CreateRecordOptions::new().key("k");
    let record = one.create_record_with("x", &options).await?;
    one.acquire_lock("k", None).await?;
    one.acquire_lock("k", None).await?;
    one.persist(&record).await?;
    one.read("k").await?;
    let error = other.acquire_lock("k", None).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(other.read("k").await.unwrap_err().is_timeout());
    assert!(other.persist(&record).await.unwrap_err().is_refused());
    assert!(other.release_lock("k").await.unwrap_err().is_lost());
    assert!(other.lock_holder("k").await?.is_some());
    one.release_lock("k").await?;
    assert!(one.release_lock("k").await.unwrap_err().is_lost());
    assert!(one.lock_holder("k").await?.is_none());
    // It ends by itself, though its holder has not given it back.
    other.acquire_lock("k", Duration::ZERO).await?;
    one.lock_timeout(None).acquire_lock("k", None).await?;
    Ok(())
}

#[test]
fn one_at_a_time_has_a_lock() {
    let room = Room::new();
    locked(&room, Arc::new(MemoryLocks::new())).unwrap();
    locked(&room, room.locks()).unwrap();
    let room = Room::new();
    run(alocked(&room, Arc::new(MemoryLocks::new()))).unwrap();
    run(alocked(&room, room.locks())).unwrap();
}

#[test]
fn a_dead_holder_s_lock_is_an_error_with_its_name() {
    let room = Room::new();
    let store = blocking(&room).locks(room.locks()).lock_timeout(None);
    let write = |name: &str, text: &str| {
        std::fs::create_dir_all(room.0.join("locks")).unwrap();
        std::fs::write(room.0.join("locks").join(name), text).unwrap();
    };
    // No process has so high a number.
    let host = super::holder::host();
    let python = json!({"holder": format!("{host}:2147483646:140:MainThread"), "expiration": null});
    write("k.lock", &python.to_string());
    if cfg!(unix) {
        for error in [
            store.acquire_lock("k", None).unwrap_err(),
            store.read("k").unwrap_err(),
        ] {
            assert!(error.is_lost(), "{error}");
            assert!(
                error.to_string().contains(&format!("{host}:2147483646")),
                "{error}"
            );
        }
    }
    // Another machine's, and one of a name that says nothing, may live.
    let patient = store.clone().lock_timeout(Duration::ZERO);
    for holder in [
        "elsewhere.example:2147483646:1",
        "86b6f871-0000-4000-8000-000000000000",
        "",
    ] {
        write(
            "k.lock",
            &json!({"holder": holder, "expiration": null}).to_string(),
        );
        let error = patient.acquire_lock("k", None).unwrap_err();
        assert!(
            error.is_timeout() && error.to_string().contains(holder),
            "{error}"
        );
    }
    // Created, and not yet written.
    for half in ["", "{\"hold", "[]", "null"] {
        write("k.lock", half);
        assert!(patient.acquire_lock("k", None).unwrap_err().is_timeout());
    }
    let over = json!({"holder": "x", "expiration": "2026-11-25 10:00:00.123456+00:00"});
    write("k.lock", &over.to_string());
    store.acquire_lock("k", None).unwrap();
    // The names of the files are Python's.
    store.acquire_lock("a.b", None).unwrap();
    store.acquire_lock("a.c", None).unwrap();
    store.acquire_lock("d/.hidden", None).unwrap();
    assert!(room.0.join("locks/a.lock").exists());
    assert!(room.0.join("locks/d/.hidden.lock").exists());
    assert!(store.acquire_lock("../out", None).unwrap_err().is_refused());
}

#[test]
fn many_want_one_lock() {
    let room = Room::new();
    for locks in [
        room.locks(),
        Arc::new(MemoryLocks::new()) as Arc<dyn LockManager>,
    ] {
        let winners: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|number| {
                    let locks = &locks;
                    scope.spawn(move || {
                        let got = locks.try_acquire("k", &number.to_string(), None).unwrap();
                        usize::from(got.is_none())
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(winners, 1);
    }
}

/// Windows may refuse to replace what somebody reads.
#[cfg(unix)]
#[test]
fn writers_of_one_key_leave_one_whole_record() {
    let room = Room::new();
    let store = blocking(&room);
    let record = |letter: &str| {
        let options = CreateRecordOptions::new().key("k");
        store
            .create_record_with(&letter.repeat(100_000), &options)
            .unwrap()
    };
    let records = [record("a"), record("b")];
    store.persist(&records[0]).unwrap();
    std::thread::scope(|scope| {
        for record in &records {
            scope.spawn(|| (0..20).for_each(|_| store.persist(record).unwrap()));
        }
        for _ in 0..40 {
            let text: String = store.read("k").unwrap().value().unwrap();
            assert!(text.len() == 100_000 && (text.starts_with('a') || text.starts_with('b')));
        }
    });
}
