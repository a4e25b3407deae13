//! What the runner says of a run whose process has ended, where that said nothing.

use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(runners)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowRunResponse, State, StateType};
use uuid::Uuid;

use super::ending::{self, Over};
#[dual(runners)]
use super::hooks::acall_hooks;
use super::running::Ended;
#[dual(runners)]
use super::shared::AsyncShared;
use super::taking::is_answer;
use super::{REQUEST, runners};
use crate::deadline::Deadline;
#[dual(runners)]
use crate::deadline::abounded;
use crate::engine::as_hooks_see;
use crate::events::EmitEventOptions;
#[dual(runners)]
use crate::events::aemit_event;
use crate::flow_runs::Proposal;
#[dual(runners)]
use crate::flow_runs::{aforce_state, apropose_state};
use crate::{Error, RunContext};

/// How long it is tried to say how a run ended where the runner is to stop, and where the server has decided to refuse it.
const LAST_REPORTING: Duration = Duration::from_secs(30);
const REFUSED: Duration = Duration::from_mins(10);
/// How long to wait between two attempts; twice as long each time, up to the longest.
const AGAIN: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_mins(1);

/// How a run ended.
struct Concluded {
    /// The run, as it was before.
    run: FlowRunResponse,
    /// The state that the runner has it end in, as hooks see it; `None` where it has ended, or goes on.
    said: Option<State>,
}

/// Has the run end in a state, whatever became of its process. A server that is away is waited for: it is told as soon as it is
/// there again.
/// Gives the name of that state, where it is known.
#[dual(runners)]
pub(super) async fn aconclude(shared: &AsyncShared, id: Uuid, over: &Over) -> Option<String> {
    if let Some(name) = over.last_state() {
        return Some(name);
    }
    let Concluded { run, said } = asaid(shared, id, over).await?;
    let Some(state) = said else {
        return run.state_name;
    };
    let name = state.name.clone();
    if state.type_ == StateType::Cancelling {
        atell_cancelled(&shared.client, &shared.options.name, &run).await;
    }
    if over.calls_hooks()
        && let Some(hooks) = shared.hooks_of(&run)
    {
        acall_hooks(hooks, shared.client.config(), run, state).await;
    }
    name
}

/// Says it, if there is something to say; `None` where that could not be said.
#[dual(runners)]
async fn asaid(shared: &AsyncShared, id: Uuid, over: &Over) -> Option<Concluded> {
    let client = abounded(&shared.client, REQUEST);
    let (mut refused, mut last, mut known) = (None, None, None);
    let mut pause = AGAIN;
    loop {
        let is_last = shared.is_stopping();
        let error = match atry_to_conclude(&client, id, over, &mut known).await {
            Ok(concluded) => return Some(concluded),
            Err(error) => error,
        };
        let now = Instant::now();
        let mut is_over = error.is_not_found();
        if is_answer(&error) {
            let end = refused.get_or_insert_with(|| Deadline::after(Some(REFUSED), now));
            is_over |= end.is_over(now);
        }
        if is_last {
            let end = last.get_or_insert_with(|| Deadline::after(Some(LAST_REPORTING), now));
            is_over |= end.is_over(now);
            pause = AGAIN;
        }
        // A run that is gone needs no state.
        if is_over {
            tracing::error!(flow_run = %id, "the run has no last state: {error}");
            return None;
        }
        tracing::warn!(flow_run = %id, "the run has no last state yet: {error}");
        shared.pause(pause, !is_last).await;
        pause = (2 * pause).min(LONGEST);
    }
}

/// `known` is the state that the run was in when it was read first.
#[dual(runners)]
async fn atry_to_conclude(
    client: &AsyncPrefectClient,
    id: Uuid,
    over: &Over,
    known: &mut Option<Uuid>,
) -> Result<Concluded, Error> {
    let run = client.read_flow_run(id).await?;
    let mut concluded = Concluded { run, said: None };
    let run = &concluded.run;
    let is_cancelled = run.state_type == Some(StateType::Cancelling);
    // Somebody else had it begin again meanwhile, or end.
    *known = known.or(run.state_id);
    if *known != run.state_id && !is_cancelled {
        return Ok(concluded);
    }
    let Some(mut state) = ending::of(run, over) else {
        return Ok(concluded);
    };
    if state.type_ == StateType::Crashed {
        // What was said meanwhile stays, but for a cancellation, which ends by this.
        match apropose_state(client, id, &state).await? {
            Proposal::Rejected(Some(now), _) if now.type_ == StateType::Cancelling => {
                state = ending::cancelled(Ended::Cancelled);
            }
            Proposal::Accepted(crashed) => {
                concluded.said = Some(crashed);
                return Ok(concluded);
            }
            _ => return Ok(concluded),
        }
    }
    let told = aforce_state(client, id, &state).await?;
    // Another runner may have seen that as well, and the server takes it of either.
    if !matches!(over, Over::Left(_)) || ais_first(client, id, told.as_ref()).await {
        concluded.said = Some(as_hooks_see(&state));
    }
    Ok(concluded)
}

/// Whether nobody said before that the run ends so; where it can't be known, hooks are called rather twice than never.
#[dual(runners)]
async fn ais_first(client: &AsyncPrefectClient, id: Uuid, told: Option<&State>) -> bool {
    let Some(told) = told else { return true };
    let states = client.read_flow_run_states(id).await.unwrap_or_default();
    let same = states.iter().filter(|state| state.type_ == told.type_);
    let first = same.min_by_key(|state| (state.timestamp, state.id));
    first.is_none_or(|first| first.id == told.id)
}

/// The event that a runner cancelled a run. Nothing depends on it.
#[dual(runners)]
async fn atell_cancelled(client: &AsyncPrefectClient, runner: &str, run: &FlowRunResponse) {
    let id = format!("prefect.runner.{}", slug::slugify(runner));
    let resource = [
        ("prefect.resource.id", id.as_str()),
        ("prefect.resource.name", runner),
        ("prefect.version", prefect_client::PREFECT_VERSION),
    ];
    let options = EmitEventOptions::new().run(&RunContext::flow_run(run.id));
    let name = "prefect.runner.cancelled-flow-run";
    if let Err(error) = aemit_event(client, name, resource, &options).await {
        tracing::warn!(flow_run = %run.id, "nobody is told that the run is cancelled: {error}");
    }
}

#[cfg(all(test, feature = "blocking"))]
mod tests {
    use prefect_client::operations::{READ_FLOW_RUN, SET_FLOW_RUN_STATE};
    use prefect_client::testing::{MockServer, Reply};
    use serde_json::{Value, json};

    use super::super::running::Facts;
    use super::*;

    /// A run whose process has ended and which the server has in that state, and what it answers to `Crashed`; what of states was
    /// sent, and whether it was forced.
    fn concluded(type_: &str, to_crashed: Value) -> Vec<(Value, Value)> {
        concluded_after(None, type_, to_crashed)
    }

    /// As [`concluded`], where it was read before, in that state.
    fn concluded_after(
        before: Option<u128>,
        type_: &str,
        to_crashed: Value,
    ) -> Vec<(Value, Value)> {
        let (server, id, now) = (MockServer::new(), Uuid::nil(), chrono::Utc::now());
        server.on(&READ_FLOW_RUN).answers_json(
            json!({"id": id, "flow_id": id, "created": now, "updated": now, "state_type": type_, "state_id": Uuid::from_u128(1)}),
        );
        let accepted = json!({"id": id, "type": "CANCELLED"});
        let accepted =
            json!({"status": "ACCEPT", "state": accepted, "details": {"type": "accept_details"}});
        server.on(&SET_FLOW_RUN_STATE).answers_with(move |request| {
            Reply::Json(match request.json()["state"]["type"].as_str() {
                Some("CRASHED") => to_crashed.clone(),
                _ => accepted.clone(),
            })
        });
        let ended = Over::Ended(Facts {
            code: Some(1),
            ..Facts::default()
        });
        let mut known = before.map(Uuid::from_u128);
        try_to_conclude(&server.client(), id, &ended, &mut known).unwrap();
        let sent = server.requests().into_iter().skip(1);
        sent.map(|request| {
            let body = request.json();
            (body["state"]["type"].clone(), body["force"].clone())
        })
        .collect()
    }

    #[test]
    fn a_crash_is_proposed_so_that_what_was_said_meanwhile_stays() {
        let answer = |status: &str, state: Value, details: &str| json!({"status": status, "state": state, "details": {"type": details}});
        let crashed = (json!("CRASHED"), json!(false));
        let ended = answer("ABORT", Value::Null, "abort_details");
        assert_eq!(concluded("RUNNING", ended.clone()), vec![crashed.clone()]);
        let cancelling = json!({"id": Uuid::nil(), "type": "CANCELLING"});
        let cancelling = answer("REJECT", cancelling, "reject_details");
        let cancelled = (json!("CANCELLED"), json!(true));
        assert_eq!(
            concluded("RUNNING", cancelling),
            [crashed, cancelled.clone()]
        );
        assert_eq!(concluded("CANCELLING", ended.clone()), [cancelled]);
        assert_eq!(concluded("COMPLETED", ended), []);
    }

    #[test]
    fn what_somebody_else_began_since_does_not_crash() {
        let accepted = json!({"id": Uuid::nil(), "type": "CRASHED"});
        let accepted =
            json!({"status": "ACCEPT", "state": accepted, "details": {"type": "accept_details"}});
        let told = |before, type_| concluded_after(before, type_, accepted.clone()).len();
        assert_eq!(told(Some(1), "RUNNING"), 1);
        assert_eq!(told(Some(2), "RUNNING"), 0);
        assert_eq!(told(Some(2), "CANCELLING"), 1);
    }

    #[cfg(feature = "async")]
    #[test]
    fn hooks_of_either_face_are_called_by_whoever_says_how_the_run_ends() {
        use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

        use super::super::RunnerOptions;
        use super::super::shared::Shared;
        use crate::flows::{AsyncFlow, AsyncFlowRun, AsyncFlowRunEntered, Flow, FlowRun};

        static CRASHED: AtomicU32 = AtomicU32::new(0);
        static CANCELLED: AtomicU32 = AtomicU32::new(0);
        let flow = Flow::new("load", |_: FlowRun, (): ()| Ok::<_, String>(()))
            .on_crashed(|run: crate::flows::FlowRunEntered| {
                assert_eq!(run.state.type_, StateType::Crashed);
                CRASHED.fetch_add(1, SeqCst);
                Err::<(), _>("what goes wrong in it says nothing")
            })
            .on_cancellation(|run: crate::flows::FlowRunEntered| {
                assert_eq!(run.flow_name, "load");
                CANCELLED.fetch_add(1, SeqCst);
                Ok::<_, String>(())
            });
        let aflow = AsyncFlow::new("load", |_: AsyncFlowRun, (): ()| async {
            Ok::<_, String>(())
        })
        .on_crashed(|_: AsyncFlowRunEntered| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            CRASHED.fetch_add(1, SeqCst);
            Ok::<_, String>(())
        })
        .on_cancellation(|_: AsyncFlowRunEntered| async {
            CANCELLED.fetch_add(1, SeqCst);
            Ok::<_, String>(())
        });
        for deployment in [
            flow.to_deployment("nightly"),
            aflow.to_deployment("nightly"),
        ] {
            for (now, code, called) in [
                ("RUNNING", Some(-9), [1, 0]),
                ("CANCELLING", Some(-9), [0, 1]),
                // It never ran.
                ("CANCELLING", None, [0, 0]),
                // Its process said it, and called them.
                ("CRASHED", Some(0), [0, 0]),
                ("CANCELLED", Some(0), [0, 0]),
            ] {
                let server = serving(now);
                let shared = Shared::new(&server.client(), &RunnerOptions::new());
                shared.add(Uuid::nil(), &deployment);
                let ended = Over::Ended(Facts {
                    code,
                    ..Facts::default()
                });
                conclude(&shared, Uuid::nil(), &ended);
                let heard = [&CRASHED, &CANCELLED].map(|count| count.swap(0, SeqCst));
                assert_eq!(heard, called, "{now} {code:?}");
            }
        }
    }

    #[test]
    fn hooks_of_a_run_that_is_left_are_called_by_who_says_first_how_it_ends() {
        use std::sync::Arc;
        use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

        use prefect_client::operations::READ_FLOW_RUN_STATES;

        use super::super::RunnerOptions;
        use super::super::shared::Shared;
        use crate::flows::{Flow, FlowRun, FlowRunEntered};

        let called = Arc::new([AtomicU32::new(0), AtomicU32::new(0)]);
        let [of_crashed, of_cancelled] = [&called, &called].map(Arc::clone);
        let flow = Flow::new("load", |_: FlowRun, (): ()| Ok::<_, String>(()))
            .on_crashed(move |_: FlowRunEntered| {
                of_crashed[0].fetch_add(1, SeqCst);
                Ok::<_, String>(())
            })
            .on_cancellation(move |_: FlowRunEntered| {
                of_cancelled[1].fetch_add(1, SeqCst);
                Ok::<_, String>(())
            });
        for (now, by_others, wanted) in [
            ("PENDING", None, [1, 0]),
            ("CANCELLING", None, [0, 1]),
            // Another runner was a little sooner.
            ("CANCELLING", Some("2026-01-01T00:00:00Z"), [0, 0]),
            ("RUNNING", None, [0, 0]),
        ] {
            let server = serving(now);
            let own = json!({"id": Uuid::nil(), "type": "CANCELLED", "timestamp": "2026-01-01T00:00:01Z"});
            let others = by_others
                .map(|time| json!({"id": Uuid::max(), "type": "CANCELLED", "timestamp": time}));
            let states: Vec<Value> = others.into_iter().chain([own]).collect();
            server.on(&READ_FLOW_RUN_STATES).answers_json(states);
            let shared = Shared::new(&server.client(), &RunnerOptions::new());
            shared.add(Uuid::nil(), &flow.to_deployment("nightly"));
            let left = Over::Left("whoever took it is gone".to_owned());
            conclude(&shared, Uuid::nil(), &left);
            let heard = called.each_ref().map(|count| count.swap(0, SeqCst));
            assert_eq!(heard, wanted, "{now} {by_others:?}");
        }
    }

    /// A server with a run in that state, which accepts whatever is proposed.
    fn serving(state: &str) -> MockServer {
        let (server, id, now) = (MockServer::new(), Uuid::nil(), chrono::Utc::now());
        server.on(&READ_FLOW_RUN).answers_json(json!({
            "id": id, "flow_id": id, "created": now, "updated": now, "state_type": state, "state_id": id, "deployment_id": id,
        }));
        server.on(&SET_FLOW_RUN_STATE).answers_with(move |request| {
            let mut state = request.json()["state"].clone();
            state["id"] = json!(id);
            Reply::Json(
                json!({"status": "ACCEPT", "state": state, "details": {"type": "accept_details"}}),
            )
        });
        server
    }
}
