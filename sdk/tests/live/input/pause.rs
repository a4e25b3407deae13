//! A run that Rust has paused, and Python resumes.

use std::collections::BTreeMap;

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::client::models::{SetStateStatus, StateCreate, StateDetails, StateType};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::input::{InputForm, Keyset, RunInput};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Approval, approval, flow_run};
use crate::{python, server};

/// Pauses a run until it is resumed with input.
#[dual(crate::faces)]
async fn apause(client: &AsyncPrefectClient, run: Uuid, keyset: &Keyset) -> Result<(), Error> {
    let details = StateDetails::new()
        .pause_key("1")
        .pause_timeout(chrono::Utc::now() + chrono::TimeDelta::hours(1))
        .run_input_keyset(BTreeMap::from(keyset.clone()));
    let running = StateCreate::new(StateType::Running);
    let paused = StateCreate::new(StateType::Paused)
        .name("Paused")
        .state_details(details);
    for state in [running, paused] {
        let set = client.set_flow_run_state(run, &state).await?;
        assert_eq!(set.status, SetStateStatus::Accept);
    }
    let state = client.read_flow_run(run).await?.state.expect("a state");
    assert_eq!(&Keyset::from_paused_state(&state)?, keyset);
    Ok(())
}

/// Tries the inputs one after the other, and gives the errors.
fn resume(run: Uuid, inputs: &[Value]) -> Value {
    python::run(
        "
from uuid import UUID
from prefect.flow_runs import resume_flow_run
errors = []
for run_input in arguments['inputs']:
    try:
        resume_flow_run(UUID(arguments['run']), run_input=run_input)
        errors.append(None)
    except RuntimeError as error:
        errors.append(str(error))
answer(errors)
",
        &json!({"run": run, "inputs": inputs}),
    )
}

/// As much as a person fills in.
fn filled_in(field: &str, value: impl Into<Value>) -> Value {
    let mut given =
        json!({"approved": true, "color": "red", "address": {"street": "x"}, "others": []});
    given[field] = value.into();
    given
}

#[test]
fn the_server_refuses_what_does_not_fit_and_rust_loads_what_does() {
    let (client, run) = (server::client(), flow_run());
    let keyset = Keyset::of_pause("Paused", "1");
    pause(&client, run, &keyset).unwrap();
    Approval::save(&client, run, &keyset).unwrap();
    let right = serde_json::to_value(approval("python")).unwrap();
    let inputs = [
        filled_in("approved", "maybe"),
        filled_in("color", "blue"),
        filled_in("address", json!({"zip_code": "x"})),
        filled_in("aproved", 1),
        json!({}),
        right,
    ];
    let errors = resume(run, &inputs);
    for (index, named) in [
        "'approved'",
        "'color'",
        "'street'",
        "'aproved'",
        "'approved'",
    ]
    .iter()
    .enumerate()
    {
        let error = errors[index].as_str().expect("refused");
        assert!(
            error.contains("Validation failed") && error.contains(named),
            "{error}"
        );
    }
    assert_eq!(errors[5], Value::Null);
    let state = client.read_flow_run(run).unwrap().state.expect("a state");
    assert_eq!(state.type_, StateType::Running);
    assert_eq!(
        Approval::load(&client, run, &keyset).unwrap(),
        approval("python")
    );
}

#[test]
fn what_is_left_out_has_the_initial_values() {
    let (client, run) = (server::async_client(), flow_run());
    let keyset = Keyset::of_pause("Paused", "1");
    let form = Approval::with_initial_data()
        .add_initial("times", 3)
        .add_initial("approved", false);
    let form = form
        .add_initial("color", "green")
        .add_initial("others", json!([]));
    let loaded = server::run(async {
        apause(&client, run, &keyset).await?;
        form.asave(&client, run, &keyset).await?;
        let errors = resume(
            run,
            &[json!({"address": {"street": "x", "zip_code": null}})],
        );
        assert_eq!(errors, json!([null]));
        form.aload(&client, run, &keyset).await
    });
    let loaded: Approval = loaded.unwrap();
    assert_eq!((loaded.times, loaded.approved), (Some(3), false));
    assert_eq!((loaded.given_by.as_str(), loaded.at), ("nobody", None));
}

#[test]
fn a_bare_value_resumes_a_run() {
    let (client, run) = (server::client(), flow_run());
    let keyset = Keyset::of_pause("Paused", "1");
    pause(&client, run, &keyset).unwrap();
    let form = InputForm::<u8>::new();
    form.save(&client, run, &keyset).unwrap();
    let errors = resume(run, &[json!({"value": 256}), json!({"value": 255})]);
    assert!(
        errors[0]
            .as_str()
            .is_some_and(|error| error.contains("'value'")),
        "{errors}"
    );
    assert_eq!(errors[1], Value::Null);
    assert_eq!(form.load(&client, run, &keyset).unwrap(), 255);
}
