//! Flow runs in both faces: waited for, paused, suspended, resumed; and Python resumes one.

use std::thread;
use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::client::models::StateType;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flow_runs::{
    self, PauseFlowRunOptions, ResumeFlowRunOptions, SuspendFlowRunOptions, Suspension,
    WaitForFlowRunOptions,
};
use prefect_sdk::input::schemars::JsonSchema;
use prefect_sdk::input::{InputForm, RunInput};
use prefect_sdk::{Error, Refusal, RunContext};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{python, runs, server};

const SOON: Duration = Duration::from_millis(300);
/// Against hangs only.
const LATE: Duration = Duration::from_mins(10);

fn quick() -> PauseFlowRunOptions {
    let often = Duration::from_millis(50);
    PauseFlowRunOptions::new()
        .timeout(LATE)
        .poll_interval(often)
}

fn resume(client: &PrefectClient, id: Uuid) -> Result<(), Error> {
    flow_runs::resume_flow_run(client, id)
}

#[dual(crate::faces)]
async fn await_for_one(client: &AsyncPrefectClient) -> Result<(), Error> {
    let id = runs::running();
    let how = WaitForFlowRunOptions::new().timeout(SOON);
    let late = flow_runs::await_for_flow_run_with(client, id, &how).await;
    assert!(late.unwrap_err().is_timeout());
    let ender = thread::spawn(move || {
        thread::sleep(SOON);
        runs::set(&server::client(), id, StateType::Failed);
    });
    let how = WaitForFlowRunOptions::new().timeout(LATE).log_states(true);
    let run = flow_runs::await_for_flow_run_with(client, id, &how).await?;
    assert_eq!((run.id, run.state_type), (id, Some(StateType::Failed)));
    ender.join().unwrap();
    let none = flow_runs::await_for_flow_run_with(client, Uuid::new_v4(), &how).await;
    assert!(none.unwrap_err().is_not_found());
    Ok(())
}

#[test]
fn a_run_is_waited_for() {
    wait_for_one(&server::client()).unwrap();
    server::run(await_for_one(&server::async_client())).unwrap();
}

#[dual(crate::faces)]
async fn apause_and_resume(client: &AsyncPrefectClient) -> Result<(), Error> {
    let run = RunContext::flow_run(runs::running());
    let id = run.flow_run_id.unwrap();
    let resumer = runs::when(id, StateType::Paused, move |client| resume(&client, id));
    flow_runs::apause_flow_run_with(client, &run, &quick()).await?;
    resumer.join().unwrap()?;
    let read = client.read_flow_run(id).await?;
    assert_eq!(read.state_type, Some(StateType::Running));
    let keys = read.empirical_policy.and_then(|policy| policy.pause_keys);
    assert_eq!(keys.unwrap(), ["1"]);
    // The same pause again, as in a process that begins the run anew.
    let anew = RunContext::flow_run(id);
    flow_runs::apause_flow_run_with(client, &anew, &quick()).await?;
    let not_paused =
        flow_runs::aresume_flow_run_with(client, id, &ResumeFlowRunOptions::new()).await;
    assert!(not_paused.unwrap_err().is_refused());
    Ok(())
}

#[test]
fn a_paused_run_waits_until_it_is_resumed() {
    pause_and_resume(&server::client()).unwrap();
    server::run(apause_and_resume(&server::async_client())).unwrap();
}

#[dual(crate::faces)]
async fn apause_too_long(client: &AsyncPrefectClient) -> Result<(), Error> {
    let run = RunContext::flow_run(runs::running());
    let id = run.flow_run_id.unwrap();
    let how = quick().timeout(SOON).key("mine");
    let error = flow_runs::apause_flow_run_with(client, &run, &how).await;
    assert!(error.unwrap_err().is_timeout());
    // The server fails the run when somebody tries to resume it, if not before.
    let error = flow_runs::aresume_flow_run_with(client, id, &ResumeFlowRunOptions::new()).await;
    let error = error.unwrap_err();
    assert!(error.is_timeout() || error.is_refused(), "{error}");
    let read = client.read_flow_run(id).await?;
    assert_eq!(read.state_type, Some(StateType::Failed));
    let error = flow_runs::apause_flow_run_with(client, &run, &quick()).await;
    assert!(error.unwrap_err().is_refused());
    Ok(())
}

#[test]
fn a_pause_that_nobody_ends_is_a_timeout() {
    pause_too_long(&server::client()).unwrap();
    server::run(apause_too_long(&server::async_client())).unwrap();
}

#[dual(crate::faces)]
async fn acancel_while_paused(client: &AsyncPrefectClient) {
    let run = RunContext::flow_run(runs::running());
    let id = run.flow_run_id.unwrap();
    let canceller = runs::when(id, StateType::Paused, move |client| {
        runs::set(&client, id, StateType::Cancelled);
    });
    let error = flow_runs::apause_flow_run_with(client, &run, &quick()).await;
    let error = error.unwrap_err();
    assert!(error.is_refused(), "{error}");
    assert!(error.to_string().ends_with("it is CANCELLED"), "{error}");
    canceller.join().unwrap();
}

#[test]
fn a_run_that_is_cancelled_while_paused_does_not_go_on() {
    cancel_while_paused(&server::client());
    server::run(acancel_while_paused(&server::async_client()));
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, RunInput)]
#[schemars(crate = "prefect_sdk::input::schemars")]
struct Approval {
    approved: bool,
}

fn form() -> InputForm<Approval> {
    InputForm::new().description("Well?")
}

#[dual(crate::faces)]
async fn apause_for_input(client: &AsyncPrefectClient) -> Result<(), Error> {
    let run = RunContext::flow_run(runs::running());
    let id = run.flow_run_id.unwrap();
    let resumer = runs::when(id, StateType::Paused, move |client| {
        runs::until_asked(id);
        let none = flow_runs::resume_flow_run(&client, id).unwrap_err();
        assert_eq!(none.refusal(), Some(Refusal::Request), "{none}");
        let wrong = ResumeFlowRunOptions::new().run_input([("approved", "perhaps")]);
        let wrong = flow_runs::resume_flow_run_with(&client, id, &wrong).unwrap_err();
        assert!(
            wrong.is_refused() && wrong.to_string().contains("perhaps"),
            "{wrong}"
        );
        let right = ResumeFlowRunOptions::new().run_input([("approved", true)]);
        flow_runs::resume_flow_run_with(&client, id, &right)
    });
    let how = quick();
    let given = flow_runs::apause_flow_run_for_input_with(client, &run, &form(), &how).await?;
    resumer.join().unwrap()?;
    assert_eq!(given, Approval { approved: true });
    // A process that begins the run anew is given what was given.
    let anew = RunContext::flow_run(id);
    let again = flow_runs::apause_flow_run_for_input_with(client, &anew, &form(), &how).await?;
    assert_eq!(again, given);
    Ok(())
}

#[test]
fn a_paused_run_may_wait_for_input() {
    pause_for_input(&server::client()).unwrap();
    server::run(apause_for_input(&server::async_client())).unwrap();
}

#[dual(crate::faces)]
async fn asuspend_for_input(client: &AsyncPrefectClient) -> Result<(), Error> {
    let id = runs::running_of_a_deployment();
    let run = RunContext::flow_run(id);
    let first = flow_runs::asuspend_flow_run_for_input(client, &run, &form()).await?;
    assert_eq!(first, Suspension::Suspended);
    let right = ResumeFlowRunOptions::new().run_input([("approved", false)]);
    flow_runs::aresume_flow_run_with(client, id, &right).await?;
    runs::set(&server::client(), id, StateType::Running);
    let anew = RunContext::flow_run(id);
    let again = flow_runs::asuspend_flow_run_for_input(client, &anew, &form()).await?;
    assert_eq!(again, Suspension::Resumed(Approval { approved: false }));
    Ok(())
}

#[test]
fn a_suspended_run_may_wait_for_input() {
    suspend_for_input(&server::client()).unwrap();
    server::run(asuspend_for_input(&server::async_client())).unwrap();
}

#[dual(crate::faces)]
async fn asuspend_and_resume(client: &AsyncPrefectClient) -> Result<(), Error> {
    let id = runs::running_of_a_deployment();
    let (run, how) = (RunContext::flow_run(id), SuspendFlowRunOptions::new());
    let task = run.clone().task_run(Uuid::new_v4());
    let error = flow_runs::asuspend_flow_run_with(client, &task, &how).await;
    assert!(error.unwrap_err().is_invalid());
    let first = flow_runs::asuspend_flow_run_with(client, &run, &how).await?;
    let again = flow_runs::asuspend_flow_run_with(client, &run, &how).await?;
    assert_eq!([first, again], [Suspension::Suspended; 2]);
    let read = client.read_flow_run(id).await?;
    assert_eq!(read.state_name.as_deref(), Some("Suspended"));
    flow_runs::aresume_flow_run_with(client, id, &ResumeFlowRunOptions::new()).await?;
    let read = client.read_flow_run(id).await?;
    assert_eq!(read.state_type, Some(StateType::Scheduled));
    runs::set(&server::client(), id, StateType::Running);
    // The process that goes on comes to the same place.
    let anew = RunContext::flow_run(id);
    let resumed = flow_runs::asuspend_flow_run_with(client, &anew, &how).await?;
    assert_eq!(resumed, Suspension::Resumed(()));
    Ok(())
}

#[test]
fn a_suspended_run_is_scheduled_anew_when_it_is_resumed() {
    suspend_and_resume(&server::client()).unwrap();
    server::run(asuspend_and_resume(&server::async_client())).unwrap();
}

#[dual(crate::faces)]
async fn asuspend_another(client: &AsyncPrefectClient) -> Result<(), Error> {
    let id = runs::running_of_a_deployment();
    let how = SuspendFlowRunOptions::new().timeout(LATE).key("mine");
    flow_runs::asuspend_flow_run_by_id_with(client, id, &how).await?;
    let details = client.read_flow_run(id).await?.state.unwrap();
    let details = details.state_details.unwrap();
    assert_eq!(details.pause_key.as_deref(), Some("mine"));
    assert_eq!(details.pause_reschedule, Some(true));
    assert!(details.pause_timeout.is_some());
    runs::set(&server::client(), id, StateType::Running);
    let error = flow_runs::asuspend_flow_run_by_id_with(client, id, &how).await;
    assert!(error.unwrap_err().is_refused());
    let alone = runs::running();
    let error =
        flow_runs::asuspend_flow_run_by_id_with(client, alone, &SuspendFlowRunOptions::new()).await;
    let error = error.unwrap_err();
    assert!(
        error.is_refused() && error.to_string().contains("deployment"),
        "{error}"
    );
    Ok(())
}

#[test]
fn another_run_is_suspended_by_its_id() {
    suspend_another(&server::client()).unwrap();
    server::run(asuspend_another(&server::async_client())).unwrap();
}

#[test]
fn python_resumes_what_rust_paused_and_reads_why() {
    let ids = [runs::running(), runs::running()];
    let [one, other] = ids.map(RunContext::flow_run);
    let how = || quick().key("form");
    let blocking = thread::spawn(move || {
        flow_runs::pause_flow_run_for_input_with(&server::client(), &one, &form(), &how())
    });
    let asynchronous = thread::spawn(move || {
        let client = server::async_client();
        let (form, how) = (form(), how());
        server::run(flow_runs::apause_flow_run_for_input_with(
            &client, &other, &form, &how,
        ))
    });
    for id in ids {
        runs::until_asked(id);
    }
    let told = python::run(
        r"
from uuid import UUID
from prefect.client.orchestration import get_client
from prefect.flow_runs import resume_flow_run
from prefect.input import keyset_from_paused_state
told = []
for id in arguments['ids']:
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(UUID(id)).state
    details = state.state_details
    told.append([state.name, details.pause_key, details.run_input_keyset == keyset_from_paused_state(state)])
    resume_flow_run(UUID(id), run_input={'approved': True})
answer(told)
",
        &json!({"ids": ids}),
    );
    let each = json!(["Paused", "form", true]);
    assert_eq!(told, json!([each, each]));
    let given = [blocking, asynchronous].map(|thread| thread.join().unwrap().unwrap());
    assert_eq!(given, [(); 2].map(|()| Approval { approved: true }));
}
