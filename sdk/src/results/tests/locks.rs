//! Who has a lock, and who waits for it.

use super::*;

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
    let host = super::super::holder::host();
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
