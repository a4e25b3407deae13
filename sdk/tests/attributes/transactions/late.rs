//! What is called in a transaction after that has ended.

use super::*;

/// Three transactions that end while their functions go on: by their function, in another one, and undone.
#[dual(crate::faces)]
async fn agoes_on(client: AsyncPrefectClient) -> Vec<String> {
    awell(&client, move |run: AsyncFlowRun, told: Told| {
        let [one, two, three] = ["one", "two", "three"].map(|name| atells(&told, name));
        async move {
            atransaction(&run, |all: AsyncTransaction| async move {
                assert!(all.commit().await);
                one.call(&all, false).await
            })
            .await?;
            atransaction(&run, |outer: AsyncTransaction| async move {
                atransaction(&outer, |inner: AsyncTransaction| async move {
                    assert!(inner.commit().await);
                    two.call(&inner, false).await
                })
                .await?;
                told.add("the inner one is left");
                Ok::<_, Failed>(())
            })
            .await?;
            atransaction(&run, |all: AsyncTransaction| async move {
                assert!(all.roll_back().await);
                three.call(&all, false).await
            })
            .await?;
            Ok(1)
        }
    })
    .await
}

#[test]
fn what_is_called_after_a_transaction_has_ended_goes_the_same_way() {
    let expected = [
        "commit one",
        "commit two",
        "the inner one is left",
        "undo first three",
        "undo three",
    ];
    let servers = [TestServer::new(), TestServer::new()];
    assert_eq!(goes_on(servers[0].client()), expected);
    assert_eq!(later(agoes_on(servers[1].aclient())), expected);
    for server in servers {
        let ended = last_states(&server.task_runs());
        assert_eq!(ended, ["Completed", "Completed", "RolledBack"]);
    }
}
