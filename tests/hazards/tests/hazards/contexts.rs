//! Blocking calls where an async executor may be running: hazards 2 to 6 and 8.

use std::time::Duration;

use prefect_client::{Error, OnAsyncContext, PrefectClient, operations};
use prefect_hazards::{Server, Warnings, blocking, config, current_thread, multi_thread};
use tokio::task::{LocalSet, coop};
use tracing::instrument::WithSubscriber as _;

/// Two calls from the same place.
#[track_caller]
fn twice(client: &PrefectClient) -> bool {
    let first = client.health_check();
    let second = client.health_check();
    first.is_ok_and(|it| it) && second.is_ok_and(|it| it)
}

/// A client that denies, at the same server.
fn denying(server: &Server) -> PrefectClient {
    blocking(config(&server.url()).on_async_context(OnAsyncContext::Deny))
}

fn warning_names_the_twin(warnings: &Warnings) {
    let texts = warnings.take();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(
        texts[0].contains("use AsyncPrefectClient::health_check")
            && texts[0].contains("contexts.rs"),
        "{texts:?}"
    );
}

fn is_denied<T>(result: &Result<T, Error>) -> bool {
    result.as_ref().is_err_and(|error| {
        error.is_blocking_in_async() && error.to_string().contains("AsyncPrefectClient::")
    })
}

#[test]
fn hazard_02_on_a_runtime_of_one_thread_calls_complete_and_warn_once_per_place() {
    let (server, warnings) = (Server::healthy(), Warnings::default());
    let url = server.url();
    let runtime = current_thread();
    warnings.within(|| {
        runtime.block_on(async {
            let client = blocking(config(&url));
            assert!(warnings.take().is_empty(), "building is silent");
            assert!(twice(&client), "at the root");
            warning_names_the_twin(&warnings);
            let task = tokio::spawn(async move { twice(&client) });
            assert!(task.await.unwrap(), "in a task");
            warning_names_the_twin(&warnings);
        });
    });
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn hazard_02_a_call_that_was_built_before_warns_too() {
    let (server, warnings) = (Server::healthy(), Warnings::default());
    let client = blocking(config(&server.url()));
    let call = operations::health_check();
    let result = warnings.within(|| current_thread().block_on(async { client.execute(call) }));
    assert!(result.unwrap());
    warning_names_the_twin(&warnings);
}

#[test]
fn hazard_02_on_a_runtime_of_one_thread_deny_sends_nothing() {
    let server = Server::healthy();
    let client = denying(&server);
    let other = client.clone();
    current_thread().block_on(async {
        assert!(is_denied(&client.health_check()), "at the root");
        assert!(is_denied(&client.execute(operations::health_check())));
        let task = tokio::spawn(async move { is_denied(&other.health_check()) });
        assert!(task.await.unwrap(), "in a task");
    });
    assert_eq!(server.connections(), 0);
    assert!(client.health_check().unwrap(), "elsewhere it is no matter");
}

#[test]
fn hazard_03_on_a_runtime_of_many_threads_calls_complete_and_warn_once_per_place() {
    let (server, warnings) = (Server::healthy(), Warnings::default());
    let url = server.url();
    let runtime = multi_thread();
    warnings.within(|| {
        runtime.block_on(async {
            let client = blocking(config(&url));
            assert!(warnings.take().is_empty(), "building is silent");
            assert!(twice(&client), "at the root");
            warning_names_the_twin(&warnings);
            let task = async move { twice(&client) };
            let task = tokio::spawn(task.with_subscriber(warnings.dispatch()));
            assert!(task.await.unwrap(), "in a task");
            warning_names_the_twin(&warnings);
        });
    });
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn hazard_03_in_a_local_set_calls_complete_and_warn_once_per_place() {
    let (server, warnings) = (Server::healthy(), Warnings::default());
    let client = blocking(config(&server.url()));
    for runtime in [current_thread(), multi_thread()] {
        let client = client.clone();
        let before = server.requests().len();
        warnings.within(|| {
            LocalSet::new().block_on(&runtime, async move {
                let task = tokio::task::spawn_local(async move { twice(&client) });
                assert!(task.await.unwrap());
            });
        });
        assert_eq!(server.requests().len(), before + 2);
    }
    warning_names_the_twin(&warnings);
}

#[test]
fn hazard_03_on_a_runtime_of_many_threads_deny_sends_nothing() {
    let server = Server::healthy();
    let client = denying(&server);
    let (in_task, in_set) = (client.clone(), client.clone());
    let runtime = multi_thread();
    runtime.block_on(async {
        assert!(is_denied(&client.health_check()), "at the root");
        let task = tokio::spawn(async move { is_denied(&in_task.health_check()) });
        assert!(task.await.unwrap(), "in a task");
    });
    LocalSet::new().block_on(&runtime, async move {
        let task = tokio::task::spawn_local(async move { is_denied(&in_set.health_check()) });
        assert!(task.await.unwrap(), "in a local set");
    });
    assert_eq!(server.connections(), 0);
}

#[test]
fn hazard_04_where_blocking_is_allowed_nothing_is_said_or_denied() {
    let (server, warnings) = (Server::healthy(), Warnings::default());
    for client in [blocking(config(&server.url())), denying(&server)] {
        let runtime = multi_thread();
        let (kept, own) = (warnings.clone(), client.clone());
        let thread = runtime.block_on(runtime.spawn_blocking(move || kept.within(|| twice(&own))));
        assert!(thread.unwrap(), "spawn_blocking");
        let (kept, own) = (warnings.clone(), client.clone());
        let task = async move { tokio::task::block_in_place(|| kept.within(|| twice(&own))) };
        assert!(
            runtime.block_on(runtime.spawn(task)).unwrap(),
            "block_in_place"
        );
        let root = async { tokio::task::block_in_place(|| warnings.within(|| twice(&client))) };
        assert!(runtime.block_on(root), "block_in_place at the root");
        let one_thread = current_thread();
        for handle in [runtime.handle(), one_thread.handle()] {
            let _entered = handle.enter();
            assert!(warnings.within(|| twice(&client)), "Handle::enter");
        }
    }
    assert_eq!(warnings.take(), [""; 0]);
    assert_eq!(server.requests().len(), 20);
}

#[test]
fn hazard_05_without_a_budget_calls_complete() {
    let server = Server::healthy();
    let client = blocking(config(&server.url()));
    for runtime in [current_thread(), multi_thread()] {
        let own = client.clone();
        let root = coop::unconstrained(async { twice(&client) });
        assert!(runtime.block_on(root), "at the root");
        let task = coop::unconstrained(async move { twice(&own) });
        assert!(runtime.block_on(runtime.spawn(task)).unwrap(), "in a task");
    }
    assert_eq!(server.requests().len(), 8);
}

#[test]
fn hazard_05_the_look_at_the_budget_gives_it_back() {
    /// What is left of a task's budget.
    async fn left() -> u32 {
        let mut count = 0;
        while futures::poll!(std::pin::pin!(coop::consume_budget())).is_ready() {
            count += 1;
        }
        count
    }
    let server = Server::healthy();
    let client = denying(&server);
    let looked = current_thread().block_on(async {
        coop::consume_budget().await;
        assert!(is_denied(&client.health_check()));
        left().await
    });
    let not_looked = current_thread().block_on(async {
        coop::consume_budget().await;
        left().await
    });
    assert!(looked > 1);
    assert_eq!(looked, not_looked);
}

#[test]
fn hazard_06_a_blocking_helper_or_closure_in_an_async_function_warns() {
    fn helper(client: &PrefectClient) -> bool {
        client.health_check().is_ok()
    }
    let (server, warnings) = (Server::healthy(), Warnings::default());
    let client = blocking(config(&server.url()));
    let closure = || client.health_check().is_ok();
    warnings.within(|| {
        current_thread().block_on(async {
            assert!(helper(&client) && helper(&client));
            warning_names_the_twin(&warnings);
            assert!(closure() && closure());
            warning_names_the_twin(&warnings);
        });
    });
    let client = denying(&server);
    let closure = || is_denied(&client.health_check());
    assert!(current_thread().block_on(async { closure() && !helper(&client) }));
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn hazard_08_a_server_on_the_same_thread_ends_in_the_deadline_or_is_denied() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    let config = config(&url).timeout(Duration::from_millis(300));
    let client = blocking(config.clone());
    let denying = blocking(config.on_async_context(OnAsyncContext::Deny));
    current_thread().block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let server = tokio::spawn(async move { listener.accept().await.map(drop) });
        assert!(is_denied(&denying.health_check()));
        let error = client.health_check().unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        assert!(
            server.await.unwrap().is_ok(),
            "its turn comes after the call"
        );
    });
}
