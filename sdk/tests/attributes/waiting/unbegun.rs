//! Task runs that can't be run, and those that never began.

use super::*;

/// It has no JSON, or panics where it is made.
#[derive(Clone)]
enum Odd {
    NoJson,
    Panics,
}

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::NoJson => serializer.serialize_f64(f64::NAN),
            Self::Panics => panic!("it has no JSON"),
        }
    }
}

/// What can't be run, and what is submitted after the end; their states, and those of one that depends on them.
#[dual(crate::faces)]
async fn aunfit(client: AsyncPrefectClient) -> Vec<State> {
    let flow = AsyncFlow::new("unfit", |run: AsyncFlowRun, ()| async move {
        let odd = AsyncTask::new("odd", |_: AsyncTaskRun, _: Odd| async {
            Ok::<_, String>(1)
        });
        let nameless = asame().with_options(TaskOptions::new().task_run_name("{nothing}"));
        let futures = [
            odd.submit(&run, Odd::NoJson),
            odd.submit(&run, Odd::Panics),
            nameless.submit(&run, 1),
        ];
        for future in &futures {
            future.wait().await;
        }
        let dependent = asame().submit(&run, &futures[0]);
        dependent.wait().await;
        let all = futures
            .iter()
            .chain([&dependent])
            .map(AsyncTaskFuture::state);
        let all: Vec<State> = all.collect();
        let told = all.iter().map(|state| json!([state.name, state.message]));
        Ok::<_, String>(told.collect::<Vec<_>>())
    });
    let told = flow.call(&client, &()).await.unwrap();
    let read = |told: serde_json::Value| {
        let mut state = State::new(StateType::Crashed, uuid::Uuid::nil());
        state.name = told[0].as_str().map(str::to_owned);
        state.message = told[1].as_str().map(str::to_owned);
        state
    };
    told.into_iter().map(read).collect()
}

fn are_said(server: &TestServer, states: &[State]) {
    let names: Vec<_> = states
        .iter()
        .map(|state| state.name.clone().unwrap())
        .collect();
    assert_eq!(names, ["Crashed", "Crashed", "Crashed", "NotReady"]);
    let messages: Vec<_> = states
        .iter()
        .map(|state| state.message.clone().unwrap())
        .collect();
    assert!(
        messages[0].contains("no JSON") && messages[2].contains("nothing"),
        "{messages:?}"
    );
    let runs = server.task_runs();
    let names: Vec<_> = runs.iter().map(|run| run.state_names().join(" ")).collect();
    let crashes = "Pending Crashed";
    assert_eq!(
        names,
        [crashes, crashes, "Pending NotReady"],
        "what panics before it is told of is no run"
    );
}

#[test]
fn what_can_not_be_run_is_a_run_that_says_why() {
    let server = TestServer::new();
    are_said(&server, &unfit(server.client()));
    let server = TestServer::new();
    are_said(&server, &later(aunfit(server.aclient())));
}

/// One of the outer flow's tasks never began, as that failed; its state says so, and is the same each time.
#[dual(crate::faces)]
async fn anever_begun(client: AsyncPrefectClient) -> State {
    let left = Arc::new(Mutex::new(None::<AsyncTaskFuture<u32, String>>));
    let kept = Arc::clone(&left);
    let flow = AsyncFlow::new("fails", move |run: AsyncFlowRun, ()| {
        let (of_first, kept) = (Arc::clone(&kept), Arc::clone(&kept));
        // It ends when the last one has, which is when the flow has failed.
        let lasts = AsyncTask::new("lasts", move |_: AsyncTaskRun, n: u32| {
            let of_first = Arc::clone(&of_first);
            async move {
                let limit = Instant::now() + Duration::from_mins(1);
                let is_over = || {
                    let last = of_first.lock().unwrap();
                    last.as_ref().is_some_and(AsyncTaskFuture::is_done)
                };
                while !is_over() && Instant::now() < limit {
                    #[dual(async)]
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    #[dual(blocking)]
                    std::thread::sleep(Duration::from_millis(1));
                }
                Ok::<_, String>(n)
            }
        });
        let first = lasts.submit(&run, 1);
        let dependent = asame().submit(&run, Argument::all([&first]).map(|all| all[0]));
        let pending = dependent.state();
        assert_eq!(pending.id, dependent.state().id);
        *kept.lock().unwrap() = Some(asame().submit(&run, &dependent));
        async { Err::<(), _>("no") }
    });
    flow.with_options(of_one_at_once())
        .call(&client, &())
        .await
        .unwrap_err();
    let future = left.lock().unwrap().take().unwrap();
    assert!(future.is_done());
    let state = future.state();
    assert_eq!(state.id, future.state().id);
    state
}

#[test]
fn what_never_began_does_not_stay_pending() {
    let server = TestServer::new();
    let states = [
        never_begun(server.client()),
        later(anever_begun(server.aclient())),
    ];
    for state in states {
        assert_eq!(state.name.as_deref(), Some("Crashed"));
        assert!(state.message.unwrap().contains("flow run had ended"));
    }
}
