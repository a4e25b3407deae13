//! Commits that fail, that panic, and what is handed to a transaction meanwhile.

use prefect_sdk::results::{LockHolder, LockManager};

use super::*;

/// A hook that fails while others are committed.
#[dual(crate::faces)]
async fn ahook_fails(client: AsyncPrefectClient) -> Vec<String> {
    awell(&client, move |run: AsyncFlowRun, told: Told| {
        let one = atells(&told, "one");
        let two = atells(&told, "two").on_commit(|_: AsyncTransaction| async { Err("it is full") });
        async move {
            atransaction(&run, |all: AsyncTransaction| async move {
                one.call(&all, false).await?;
                two.call(&all, false).await?;
                let told = told.clone();
                all.on_commit(move |_: AsyncTransaction| {
                    told.add("commit all");
                    async { Ok::<_, String>(()) }
                });
                Ok::<_, Failed>(1)
            })
            .await
        }
    })
    .await
}

#[test]
fn what_can_t_be_committed_is_undone() {
    let expected = [
        "commit one",
        "commit two",
        "undo first two",
        "undo two",
        "commit all",
    ];
    let servers = [TestServer::new(), TestServer::new()];
    assert_eq!(hook_fails(servers[0].client()), expected);
    assert_eq!(later(ahook_fails(servers[1].aclient())), expected);
    for server in servers {
        assert_eq!(
            last_states(&server.task_runs()),
            ["Completed", "RolledBack"]
        );
    }
}

/// Locks whose holder nobody can look up.
struct Broken(MemoryLocks);

impl LockManager for Broken {
    fn try_acquire(
        &self,
        key: &str,
        holder: &str,
        hold: Option<Duration>,
    ) -> Result<Option<LockHolder>, Error> {
        self.0.try_acquire(key, holder, hold)
    }

    fn release(&self, _: &str, _: &str) -> Result<(), Error> {
        panic!("nor can they be released")
    }

    fn holder(&self, _: &str) -> Result<Option<LockHolder>, Error> {
        panic!("there is no holder")
    }
}

/// Commits in which what keeps the locks panics.
#[dual(crate::faces)]
async fn acommit_panics(client: AsyncPrefectClient, room: std::path::PathBuf) -> Vec<String> {
    let room = Some(&*room);
    let (ended, told) = ain_flow_with(&client, room, |run: AsyncFlowRun, told: Told| {
        let one = atells(&told, "one");
        async move {
            let options = TransactionOptions::new()
                .key("broken")
                .overwrite(true)
                .isolation_level(IsolationLevel::Serializable)
                .locks(Arc::new(Broken(MemoryLocks::new())));
            let kept = Mutex::new(None);
            let ended = atransaction_with(&run, &options, |all: AsyncTransaction| {
                *kept.lock().unwrap() = Some(all.clone());
                async move {
                    all.on_rollback(move |_: AsyncTransaction| {
                        told.add("undo all");
                        async { Ok::<_, String>(()) }
                    });
                    one.call(&all, false).await?;
                    Ok::<_, Failed>(1)
                }
            })
            .await;
            let kept = kept.lock().unwrap().take();
            assert!(kept.is_some_and(|all| all.is_rolled_back()));
            ended
        }
    })
    .await;
    assert_eq!(ended.unwrap(), 1);
    told
}

#[test]
fn a_commit_that_panics_is_undone() {
    let name = format!("prefect-sdk-breaks-{}", std::process::id());
    let room = std::env::temp_dir().join(name);
    let expected = ["commit one", "undo first one", "undo one", "undo all"];
    let servers = [TestServer::new(), TestServer::new()];
    assert_eq!(commit_panics(servers[0].client(), room.clone()), expected);
    let told = later(acommit_panics(servers[1].aclient(), room.clone()));
    assert_eq!(told, expected);
    for server in servers {
        let last = ["RolledBack"];
        assert_eq!(last_states(&server.task_runs()), last);
    }
    std::fs::remove_dir_all(&room).unwrap();
}

/// A task that ends while its transaction is committed, and the last hook waits for it.
#[dual(crate::faces)]
async fn aends_meanwhile(client: AsyncPrefectClient) -> Vec<String> {
    awell(&client, |run: AsyncFlowRun, told: Told| {
        let one = atells(&told, "one");
        async move {
            atransaction(&run, |all: AsyncTransaction| async move {
                let told = told.clone();
                all.on_commit(move |all: AsyncTransaction| {
                    let (one, told) = (one.clone(), told.clone());
                    async move {
                        one.call(&all, false)
                            .await
                            .map_err(|failed| failed.to_string())?;
                        told.add("commit all");
                        Ok::<_, String>(())
                    }
                });
                Ok::<_, Failed>(1)
            })
            .await
        }
    })
    .await
}

#[test]
fn what_ends_while_its_transaction_is_committed_is_committed() {
    let expected = ["commit all", "commit one"];
    assert_eq!(ends_meanwhile(TestServer::new().client()), expected);
    let told = later(aends_meanwhile(TestServer::new().aclient()));
    assert_eq!(told, expected);
}
