//! Results of runs of either language.

use super::*;

const FLOWS: &str = r"
import os
os.environ['PREFECT_HOME'] = arguments['path']
os.environ['PREFECT_RESULTS_LOCAL_STORAGE_PATH'] = arguments['path']
import datetime, uuid
from prefect import flow
class OwnError(Exception):
    pass
@flow(persist_result=True)
def gives():
    return {'sum': 8, 'when': datetime.date(2026, 11, 26), 'who': uuid.UUID(int=5), 'pair': (1, 2)}
@flow(persist_result=True, result_serializer='compressed/json')
def packs():
    return {'sum': 9}
@flow
def keeps_nothing():
    return 1
@flow
def fails():
    raise ValueError('boom')
@flow(result_serializer='json')
def fails_as_json():
    raise KeyError('k')
@flow
def fails_by_its_own():
    raise OwnError('mine')
answer([str(run(return_state=True).state_details.flow_run_id)
        for run in (gives, packs, keeps_nothing, fails, fails_as_json, fails_by_its_own)])
";

#[dual(crate::faces)]
pub(super) async fn astates_of(
    client: &AsyncPrefectClient,
    ids: &[Uuid],
) -> Result<Vec<State>, Error> {
    let mut states = Vec::new();
    for id in ids {
        let run = client.read_flow_run(*id).await?;
        states.push(run.state.expect("a state"));
    }
    Ok(states)
}

#[dual(crate::faces, map(astates_of => states_of))]
async fn aread_python(client: &AsyncPrefectClient, ids: &[Uuid]) -> Result<(), Error> {
    let states = astates_of(client, ids).await?;
    let [gives, packs, nothing, fails, json, own] = &*states else {
        panic!("there are six")
    };
    let result: Json = states::aget_state_result(client, gives).await?;
    let who = Uuid::from_u128(5).to_string();
    assert_eq!(
        result,
        json!({"sum": 8, "when": "2026-11-26", "who": who, "pair": [1, 2]})
    );
    states::araise_state_exception(client, gives).await?;
    let wrong = states::aget_state_exception(client, gives)
        .await
        .unwrap_err();
    assert!(wrong.is_invalid(), "{wrong}");
    let packed: Json = states::aget_state_result(client, packs).await?;
    assert_eq!(packed, json!({"sum": 9}));
    let missing = states::aget_state_result::<Json>(client, nothing)
        .await
        .unwrap_err();
    assert!(missing.is_not_found(), "{missing}");

    let exception = states::aget_state_exception(client, fails).await?;
    assert_eq!(
        (exception.class.as_deref(), &*exception.message),
        (Some("builtins.ValueError"), "boom")
    );
    assert_eq!(exception.ending, Ending::Failed);
    let raised = states::araise_state_exception(client, fails)
        .await
        .unwrap_err();
    assert_eq!(raised.exception(), Some(&exception));
    let raised = states::aget_state_result::<Json>(client, fails)
        .await
        .unwrap_err();
    assert_eq!(raised.exception(), Some(&exception));
    let exception = states::aget_state_exception(client, json).await?;
    assert_eq!(
        (exception.class.as_deref(), &*exception.message),
        (Some("builtins.KeyError"), "'k'")
    );
    let exception = states::aget_state_exception(client, own).await?;
    assert!(
        exception.class.is_none() && exception.message.ends_with("OwnError: mine"),
        "{exception}"
    );
    Ok(())
}

#[test]
fn results_of_python_s_flows_are_read() {
    let room = Room::new("results");
    let ids = python::run(FLOWS, &json!({"path": room.text()}));
    let ids: Vec<Uuid> = serde_json::from_value(ids).unwrap();
    read_python(&server::client(), &ids).unwrap();
    server::run(aread_python(&server::async_client(), &ids)).unwrap();
}

#[dual(crate::faces)]
pub(super) async fn afinished(
    client: &AsyncPrefectClient,
    state: &prefect_sdk::client::models::StateCreate,
) -> Result<Uuid, Error> {
    let flow = client
        .create_flow(&FlowCreate::new(server::unique("states")))
        .await?;
    let run = client
        .create_flow_run(&FlowRunCreate::new(flow.id).state(states::running()))
        .await?;
    let force = SetFlowRunState::new().force(true);
    client
        .set_flow_run_state_with(run.id, state, &force)
        .await?;
    Ok(run.id)
}

#[test]
fn python_reads_what_rust_has_kept() {
    let (room, client) = (Room::new("results"), server::client());
    let settings = ResultSettings::new(room.text());
    let store = ResultStore::new(settings)
        .update_for_flow(&client, &FlowResultOptions::new())
        .unwrap();
    let task = TaskResultOptions::new().serializer(Serializer::CompressedJson(Compression::Xz));
    let packed = store.update_for_task(&client, &task).unwrap();
    let keep = |store: &ResultStore, value: &Json| {
        let record = store.create_record(value).unwrap();
        store.persist(&record).unwrap();
        record.metadata().to_state_data()
    };
    let data = keep(&store, &json!({"result": 1, "data": [1.5]}));
    let one = finished(&client, &states::completed().data(data)).unwrap();
    let data = keep(&packed, &json!([1, 2]));
    let two = finished(&client, &states::completed().data(data)).unwrap();
    let error = RunError::new("ParseIntError", "invalid digit");
    let data = keep(&store, &serde_json::to_value(&error).unwrap());
    let three = finished(
        &client,
        &states::failed().message(error.flow_message()).data(data),
    )
    .unwrap();
    let four = server::run(afinished(
        &server::async_client(),
        &states::crashed().message("gone"),
    ))
    .unwrap();

    let read = python::run(
        r"
import asyncio
from prefect.client.orchestration import get_client
from prefect.states import get_state_exception
async def main():
    async with get_client() as client:
        values = []
        for id in arguments:
            state = (await client.read_flow_run(id)).state
            value = await state.aresult(raise_on_failure=False)
            values.append([type(value).__name__, str(value)] if isinstance(value, BaseException) else value)
        return values
answer(asyncio.run(main()))
",
        &json!([one, two, three, four]),
    );
    let expected = json!([
        {"result": 1, "data": [1.5]},
        [1, 2],
        ["RuntimeError", "ParseIntError: invalid digit"],
        ["CrashedRun", "gone"],
    ]);
    assert_eq!(read, expected);
    let [_, _, failed, crashed] = &*states_of(&client, &[one, two, three, four]).unwrap() else {
        panic!("there are four")
    };
    let exception = states::get_state_exception(&client, failed).unwrap();
    assert_eq!(exception.to_string(), "ParseIntError: invalid digit");
    let exception = states::get_state_exception(&client, crashed).unwrap();
    assert_eq!(
        (exception.ending, &*exception.message),
        (Ending::Crashed, "gone")
    );
}
