//! The same in both faces.

use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::input::{
    AsyncInputs, CreateFlowRunInput, FilterFlowRunInput, FlowRunInput, InputForm, InputType,
    Inputs, Keyset, ReceiveInputOptions, Received, RunInput, SendInputOptions,
    acreate_flow_run_input_with, adelete_flow_run_input, afilter_flow_run_input_with,
    aread_flow_run_input, areceive_input_with, asend_input_with, create_flow_run_input_with,
    delete_flow_run_input, filter_flow_run_input_with, read_flow_run_input, receive_input_with,
    send_input_with,
};
use prefect_sdk::{Error, RunContext};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Approval, approval, flow_run, soon};
use crate::server;

#[dual(crate::faces)]
async fn astore(client: &AsyncPrefectClient, run: Uuid) -> Result<(), Error> {
    let from_me = CreateFlowRunInput::new().sender("me");
    let value = json!({"text": "ä\"\n", "list": [1, null]});
    assert_eq!(aread_flow_run_input(client, run, "one").await?, None);
    acreate_flow_run_input_with(client, run, "one", &value, &from_me).await?;
    acreate_flow_run_input_with(client, run, "one-more", "text", &CreateFlowRunInput::new())
        .await?;
    assert_eq!(aread_flow_run_input(client, run, "one").await?, Some(value));
    let again = acreate_flow_run_input_with(client, run, "one", &1, &from_me).await;
    assert!(again.unwrap_err().is_already_exists());
    let first = afilter_flow_run_input_with(client, run, "one", &FilterFlowRunInput::new()).await?;
    let keys: Vec<_> = first.iter().map(key_and_sender).collect();
    assert_eq!(keys, [("one", Some("me"))]);
    let other = FilterFlowRunInput::new().limit(5).exclude_keys(["one"]);
    let rest = afilter_flow_run_input_with(client, run, "one", &other).await?;
    let keys: Vec<_> = rest.iter().map(key_and_sender).collect();
    assert_eq!(keys, [("one-more", None)]);
    adelete_flow_run_input(client, run, "one").await?;
    assert_eq!(aread_flow_run_input(client, run, "one").await?, None);
    let gone = adelete_flow_run_input(client, run, "one").await;
    assert!(gone.unwrap_err().is_not_found());
    Ok(())
}

fn key_and_sender(input: &FlowRunInput) -> (&str, Option<&str>) {
    (&input.key, input.sender.as_deref())
}

#[test]
fn inputs_are_stored_found_read_and_removed() {
    store(&server::client(), flow_run()).unwrap();
    let client = server::async_client();
    server::run(astore(&client, flow_run())).unwrap();
}

#[dual(crate::faces)]
async fn arefuse(client: &AsyncPrefectClient, run: Uuid) {
    let request = CreateFlowRunInput::new();
    for key in ["", "Approval", "a_b", "a/b"] {
        let created = acreate_flow_run_input_with(client, run, key, &1, &request).await;
        assert!(created.unwrap_err().is_invalid());
        let read = aread_flow_run_input(client, run, key).await;
        assert!(read.unwrap_err().is_invalid());
    }
    let wildcard = afilter_flow_run_input_with(client, run, "a%", &FilterFlowRunInput::new()).await;
    assert!(wildcard.unwrap_err().is_invalid());
    let nowhere = acreate_flow_run_input_with(client, Uuid::new_v4(), "key", &1, &request).await;
    assert!(nowhere.unwrap_err().is_not_found());
    let wrong = SendInputOptions::new().key_prefix("Prefix");
    let sent = asend_input_with(client, run, &1, &wrong).await;
    assert!(sent.unwrap_err().is_invalid());
}

#[test]
fn what_can_be_no_key_is_refused() {
    refuse(&server::client(), flow_run());
    let client = server::async_client();
    server::run(arefuse(&client, flow_run()));
}

#[dual(crate::faces)]
async fn aconverse(client: &AsyncPrefectClient, asker: Uuid, answerer: Uuid) -> Result<(), Error> {
    let question = approval("converse");
    let request = SendInputOptions::new().run(&RunContext::flow_run(asker));
    question.asend_to_with(client, answerer, &request).await?;
    let mut questions = Approval::areceive_with(client, answerer, &soon());
    let received = anext_of(&mut questions).await?;
    assert_eq!(received.input, question);
    assert_eq!(received.metadata.receiver, answerer);
    assert_eq!(
        received.metadata.sender,
        Some(format!("prefect.flow-run.{asker}"))
    );

    let number = SendInputOptions::new().key_prefix("count");
    received.arespond_with(client, &41, &number).await?;
    received
        .arespond_with(client, &vec!["a".to_owned()], &SendInputOptions::new())
        .await?;
    let mut numbers = areceive_input_with::<i64>(client, asker, &soon().key_prefix("count"));
    let received = anext_of(&mut numbers).await?;
    assert_eq!(*received + 1, 42);
    let mut lists = areceive_input_with::<Vec<String>>(client, asker, &soon());
    assert_eq!(anext_of(&mut lists).await?.input, ["a"]);
    let unsigned = received
        .arespond_with(client, &1, &SendInputOptions::new())
        .await;
    assert!(unsigned.unwrap_err().is_invalid());
    Ok(())
}

#[dual(crate::faces)]
async fn anext_of<T: InputType>(inputs: &mut AsyncInputs<T>) -> Result<Received<T>, Error> {
    inputs.anext().await.expect("a time that is up is an error")
}

#[test]
fn runs_converse() {
    converse(&server::client(), flow_run(), flow_run()).unwrap();
    let client = server::async_client();
    server::run(aconverse(&client, flow_run(), flow_run())).unwrap();
}

#[dual(crate::faces)]
async fn areceive_in_order(client: &AsyncPrefectClient, run: Uuid) -> Result<(), Error> {
    for number in 1..=3 {
        asend_input_with(client, run, &number, &SendInputOptions::new()).await?;
    }
    let at_once = ReceiveInputOptions::new()
        .timeout(Duration::ZERO)
        .end_at_timeout(true);
    let mut seen = Vec::new();
    let mut numbers = areceive_input_with::<i32>(client, run, &at_once);
    while let Some(number) = numbers.anext().await {
        seen.push(number?);
    }
    let values: Vec<i32> = seen.iter().map(|number| number.input).collect();
    assert_eq!(values, [1, 2, 3]);
    let key = seen.first().map(|number| number.metadata.key.clone());
    let mut rest = areceive_input_with::<i32>(client, run, &at_once.clone().exclude_keys(key));
    assert_eq!(anext_of(&mut rest).await?.input, 2);
    // What can't be read is an error once, and the next input comes after it.
    let unreadable = json!({"value": "four"});
    let key = "intautomaticruninput-auto-4";
    acreate_flow_run_input_with(client, run, key, &unreadable, &CreateFlowRunInput::new()).await?;
    asend_input_with(client, run, &5, &SendInputOptions::new()).await?;
    assert!(anext_of(&mut numbers).await.unwrap_err().is_unfit());
    assert_eq!(anext_of(&mut numbers).await?.input, 5);
    let strict = at_once.end_at_timeout(false);
    let mut none = areceive_input_with::<String>(client, run, &strict);
    assert!(anext_of(&mut none).await.unwrap_err().is_timeout());
    Ok(())
}

#[test]
fn inputs_come_in_order_each_once_until_the_time_is_over() {
    receive_in_order(&server::client(), flow_run()).unwrap();
    let client = server::async_client();
    server::run(areceive_in_order(&client, flow_run())).unwrap();
}

#[test]
fn an_input_that_is_sent_later_is_waited_for() {
    let (blocking, other) = (flow_run(), flow_run());
    let client = server::client();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(300));
            send_input_with(&client, blocking, &1, &SendInputOptions::new()).unwrap();
            send_input_with(&client, other, &2, &SendInputOptions::new()).unwrap();
        });
        let mut numbers = receive_input_with::<i64>(&client, blocking, &soon());
        assert_eq!(next_of(&mut numbers).unwrap().input, 1);
        let mut numbers = areceive_input_with::<i64>(&server::async_client(), other, &soon());
        assert_eq!(server::run(anext_of(&mut numbers)).unwrap().input, 2);
    });
}

#[dual(crate::faces)]
async fn asave_and_load(client: &AsyncPrefectClient, run: Uuid) -> Result<(), Error> {
    let keyset = Keyset::of_pause("Paused", "1");
    let form = InputForm::<String>::new()
        .description("*Who?*")
        .add_initial("value", "me");
    form.asave(client, run, &keyset).await?;
    let description = aread_flow_run_input(client, run, "paused-1-description").await?;
    assert_eq!(description, Some(Value::from("*Who?*")));
    let schema = aread_flow_run_input(client, run, "paused-1-schema").await?;
    assert_eq!(schema, Some(form.schema()?));
    assert!(
        form.asave(client, run, &keyset)
            .await
            .unwrap_err()
            .is_already_exists()
    );
    assert_eq!(form.aload(client, run, &keyset).await?, "me");

    let keyset = Approval::keyset();
    Approval::asave(client, run, &keyset).await?;
    assert!(
        Approval::aload(client, run, &keyset)
            .await
            .unwrap_err()
            .is_unfit()
    );
    let given = approval("given");
    acreate_flow_run_input_with(
        client,
        run,
        &keyset.response,
        &given,
        &CreateFlowRunInput::new(),
    )
    .await?;
    assert_eq!(Approval::aload(client, run, &keyset).await?, given);
    Ok(())
}

#[test]
fn what_a_run_waits_for_is_saved_and_loaded() {
    save_and_load(&server::client(), flow_run()).unwrap();
    let client = server::async_client();
    server::run(asave_and_load(&client, flow_run())).unwrap();
}
