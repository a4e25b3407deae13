//! What a transaction keeps, under a key and between its functions.

use super::*;

/// What is kept when: the names of the files, as many as there are.
#[dual(crate::faces)]
async fn akept(client: AsyncPrefectClient, room: std::path::PathBuf) -> Vec<usize> {
    let count = {
        let room = room.clone();
        move || {
            let files = std::fs::read_dir(&room);
            files.map_or(0, |files| {
                files
                    .filter(|file| file.as_ref().unwrap().path().is_file())
                    .count()
            })
        }
    };
    let counts = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&counts);
    let flow = AsyncFlow::new("keeps", move |run: AsyncFlowRun, ()| {
        let (count, told) = (count.clone(), Arc::clone(&told));
        let task = AsyncTask::new("task", |_: AsyncTaskRun, n: u32| async move {
            Ok::<_, String>(n)
        });
        let task = task.cache_policy(CachePolicy::inputs());
        let locks = Arc::new(MemoryLocks::new());
        async move {
            for fails in [true, false, false] {
                let (count, told, task) = (count.clone(), Arc::clone(&told), task.clone());
                let options = TransactionOptions::new()
                    .key("all-of-it")
                    .isolation_level(IsolationLevel::Serializable)
                    .locks(locks.clone());
                let ended = atransaction_with(&run, &options, |all: AsyncTransaction| async move {
                    if all.is_committed() {
                        assert_eq!(all.read::<Vec<u32>>().await?, [1, 2]);
                        return Ok(());
                    }
                    task.call(&all, 1).await?;
                    all.stage(&[1, 2]).await?;
                    told.lock().unwrap().push(count());
                    if fails {
                        return Err(RunFailed::Raised("no".to_owned()));
                    }
                    Ok::<_, Failed>(())
                })
                .await;
                assert_eq!(ended.is_err(), fails, "{ended:?}");
            }
            told.lock().unwrap().push(count());
            Ok::<_, Failed>(())
        }
    });
    let storage = StorageReference::Path(room.to_str().unwrap().to_owned());
    let options = FlowOptions::new().results(FlowResultOptions::new().storage(storage));
    let how = RunFlowOptions::new().results(ResultSettings::new("/nowhere"));
    let flow = flow.with_options(options);
    flow.call_with(&client, &(), &how).await.unwrap();
    let counts = counts.lock().unwrap();
    counts.clone()
}

#[test]
fn records_are_kept_when_they_are_committed() {
    let room = std::env::temp_dir().join(format!("prefect-sdk-transacts-{}", std::process::id()));
    // The flow's own result is not there yet when the last one is counted.
    let expected = [0, 0, 2];
    assert_eq!(kept(TestServer::new().client(), room.clone()), expected);
    std::fs::remove_dir_all(&room).unwrap();
    let seen = later(akept(TestServer::new().aclient(), room.clone()));
    std::fs::remove_dir_all(&room).unwrap();
    assert_eq!(seen, expected);
}

#[test]
fn a_key_needs_a_place_and_a_name_without_a_value_is_an_error() {
    let flow = Flow::new("has-none", |run: FlowRun, (): ()| {
        let keyed = TransactionOptions::new().key("x");
        let error = transaction_with(&run, &keyed, |_: Transaction| Ok::<(), Error>(()));
        assert!(error.unwrap_err().is_invalid());
        transaction(&run, |all: Transaction| {
            assert!(all.get::<u32>("x").unwrap_err().is_not_found());
            assert!(all.set("x", &f64::NAN).unwrap_err().is_invalid());
            all.set("x", &1)?;
            assert!(all.get::<String>("x").unwrap_err().is_unfit());
            assert_eq!(all.get::<u32>("x")?, 1);
            assert!(all.stage(&1).unwrap_err().is_invalid());
            Ok::<_, Error>(())
        })
    });
    flow.call(&TestServer::new().client(), &()).unwrap();
}
