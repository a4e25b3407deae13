//! Runs for the tests to act upon, made and moved with the client alone.

use std::thread;
use std::time::{Duration, Instant};

use prefect_sdk::client::models::{
    DeploymentCreate, DeploymentFlowRunCreate, FlowCreate, FlowRunCreate, FlowRunResponse,
    StateCreate, StateType,
};
use prefect_sdk::client::{PrefectClient, requests::SetFlowRunState};
use uuid::Uuid;

use crate::server;

/// A run that is running and belongs to no deployment.
pub(crate) fn running() -> Uuid {
    let client = server::client();
    let flow = client.create_flow(&FlowCreate::new(server::unique("flow")));
    let run = client.create_flow_run(&FlowRunCreate::new(flow.unwrap().id));
    let id = run.unwrap().id;
    set(&client, id, StateType::Running);
    id
}

/// The name and the id of a deployment that nobody serves, and that may be changed before it is made.
pub(crate) fn deployment(
    change: impl FnOnce(DeploymentCreate) -> DeploymentCreate,
) -> (String, Uuid) {
    let client = server::client();
    let name = server::unique("flow");
    let flow = client.create_flow(&FlowCreate::new(name.clone())).unwrap();
    let deployment = change(DeploymentCreate::new("test", flow.id));
    let made = client.create_deployment(&deployment).unwrap();
    (format!("{name}/test"), made.id)
}

/// Moves a run, whatever the rules for states say.
pub(crate) fn set(client: &PrefectClient, id: Uuid, type_: StateType) {
    let force = SetFlowRunState::new().force(true);
    let moved = client.set_flow_run_state_with(id, &StateCreate::new(type_), &force);
    moved.expect("the run is moved");
}

/// Does something as soon as the run is in a state of that type, on a thread of its own.
pub(crate) fn when<T: Send + 'static>(
    id: Uuid,
    type_: StateType,
    then: impl FnOnce(PrefectClient) -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    thread::spawn(move || {
        until(id, &type_);
        then(server::client())
    })
}

/// Waits until a run is in a state of that type.
pub(crate) fn until(id: Uuid, type_: &StateType) -> FlowRunResponse {
    let client = server::client();
    let limit = Instant::now() + Duration::from_mins(4);
    loop {
        let run = server::patiently(|| client.read_flow_run(id));
        if run.state_type.as_ref() == Some(type_) {
            return run;
        }
        assert!(Instant::now() < limit, "the run is {:?}", run.state_name);
        thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until a run is paused, and the form is there with which it is resumed.
pub(crate) fn until_asked(id: Uuid) {
    let run = until(id, &StateType::Paused);
    let details = run.state.and_then(|state| state.state_details);
    let keys = details.and_then(|details| details.run_input_keyset);
    let schema = keys.expect("the run waits for no input")["schema"].clone();
    let client = server::client();
    let limit = Instant::now() + Duration::from_mins(4);
    while server::patiently(|| client.filter_flow_run_input(id, &schema)).is_empty() {
        assert!(Instant::now() < limit, "there is no form");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A run of a deployment that is running, although nobody serves the deployment.
pub(crate) fn running_of_a_deployment() -> Uuid {
    let client = server::client();
    let (_, id) = deployment(|deployment| deployment);
    let run = client.create_flow_run_from_deployment(id, &DeploymentFlowRunCreate::new());
    let id = run.unwrap().id;
    set(&client, id, StateType::Running);
    id
}
