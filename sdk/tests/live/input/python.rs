//! Messages between Python and Rust, and the schemas of both.

use prefect_sdk::RunContext;
use prefect_sdk::input::{
    InputForm, Received, RunInput, SendInputOptions, areceive_input_with, read_flow_run_input,
    receive_input_with, send_input_with,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Approval, CLASSES, approval, flow_run, soon};
use crate::{python, server};

/// Without what only one of the two says: Python's second copy of the definitions, Rust's description of the whole.
fn comparable(mut schema: Value) -> Value {
    let root = schema.as_object_mut().expect("a schema is an object");
    root.remove("$defs");
    root.remove("description");
    schema
}

#[test]
fn schemas_are_what_python_s_classes_have() {
    let run = flow_run();
    let program = format!(
        "{CLASSES}
from prefect.input import keyset_from_base_key
from prefect.input.run_input import run_input_subclass_from_type
run = UUID(arguments['run'])
Approval.save(keyset_from_base_key('plain'), flow_run_id=run)
form = Approval.with_initial_data(description='Well?', approved=True, times=3)
form.save(keyset_from_base_key('form'), flow_run_id=run)
for kind in [bool, int, float, str, list[int], dict[str, int], datetime.date, uuid.UUID]:
    cls = run_input_subclass_from_type(kind)
    cls.save(cls.keyset_from_type(), flow_run_id=run)
answer(None)
"
    );
    python::run(&program, &json!({"run": run}));
    let read = |key: &str| {
        let found = read_flow_run_input(&server::client(), run, key).unwrap();
        found.unwrap_or_else(|| panic!("python saved no {key}"))
    };
    let ours = InputForm::<Approval>::new().schema().unwrap();
    assert_eq!(comparable(ours), comparable(read("plain-schema")));
    let form = Approval::with_initial_data().description("Well?");
    let form = form.add_initial("approved", true).add_initial("times", 3);
    assert_eq!(
        comparable(form.schema().unwrap()),
        comparable(read("form-schema"))
    );
    assert_eq!(read("form-description"), "Well?");

    let bare = [
        ("bool", InputForm::<bool>::new().schema()),
        ("int", InputForm::<i64>::new().schema()),
        ("float", InputForm::<f64>::new().schema()),
        ("str", InputForm::<String>::new().schema()),
        ("list", InputForm::<Vec<i32>>::new().schema()),
        (
            "dict",
            InputForm::<std::collections::HashMap<String, i64>>::new().schema(),
        ),
        ("date", InputForm::<chrono::NaiveDate>::new().schema()),
        ("uuid", InputForm::<Uuid>::new().schema()),
    ];
    for (name, ours) in bare {
        assert_eq!(
            ours.unwrap(),
            read(&format!("{name}automaticruninput-schema"))
        );
    }
}

#[test]
fn rust_receives_what_python_sends() {
    let (run, sender) = (flow_run(), flow_run());
    let program = format!(
        "{CLASSES}
run, sender = UUID(arguments['run']), 'prefect.flow-run.' + arguments['sender']
Approval(**arguments['approval']).send_to(run, sender=sender)
for value in [True, 1, 1.5, 'text', [1, 2], {{'a': 1}}, uuid.UUID(int=0)]:
    send_input(value, run)
send_input(7, run, key_prefix='mine')
reply = receive_input(int, flow_run_id=UUID(arguments['sender']), poll_interval=0.1, timeout=60,
    raise_timeout_error=True, with_metadata=True).next()
answer([reply.value, reply.metadata.sender])
"
    );
    let sent = approval("python");
    let arguments = json!({"run": run, "sender": sender, "approval": sent});
    let python = python::start(&program, &arguments);
    let client = server::client();
    let next = Approval::receive_with(&client, run, &soon()).next();
    let received: Received<Approval> = next.unwrap().unwrap();
    assert_eq!(received.input, sent);

    macro_rules! received {
        ($type:ty) => {{
            let mut inputs = receive_input_with::<$type>(&client, run, &soon());
            inputs.next().unwrap().unwrap().input
        }};
    }
    assert!(received!(bool));
    assert_eq!(received!(u8), 1);
    assert!((received!(f64) - 1.5).abs() < f64::EPSILON);
    assert_eq!(received!(String), "text");
    assert_eq!(received!(Vec<i64>), [1, 2]);
    assert_eq!(received!(std::collections::BTreeMap<String, i64>)["a"], 1);
    assert_eq!(received!(Uuid), Uuid::nil());
    let mine = soon().key_prefix("mine");
    let next = server::run(async {
        let client = server::async_client();
        areceive_input_with::<i64>(&client, run, &mine)
            .anext()
            .await
    });
    assert_eq!(next.unwrap().unwrap().input, 7);

    let from_us = SendInputOptions::new().run(&RunContext::flow_run(run));
    received.respond_with(&client, &8, &from_us).unwrap();
    let reply = python::answer(python, &program);
    assert_eq!(reply, json!([8, format!("prefect.flow-run.{run}")]));
}

#[test]
fn python_receives_what_rust_sends() {
    let (run, sender) = (flow_run(), flow_run());
    let client = server::client();
    let ours = approval("rust");
    let from = SendInputOptions::new().run(&RunContext::flow_run(sender));
    ours.send_to_with(&client, run, &from).unwrap();
    let request = SendInputOptions::new();
    send_input_with(&client, run, &true, &request).unwrap();
    send_input_with(&client, run, &u64::MAX, &request).unwrap();
    send_input_with(&client, run, &1.5, &request).unwrap();
    send_input_with(&client, run, &"text".to_owned(), &request).unwrap();
    send_input_with(&client, run, &vec![1, 2], &request).unwrap();
    let program = format!(
        "{CLASSES}
how = dict(flow_run_id=UUID(arguments['run']), poll_interval=0.1, timeout=60, raise_timeout_error=True)
approval = Approval.receive(**how).next()
rest = [receive_input(kind, **how).next() for kind in [bool, int, float, str, list[int]]]
approval.respond(Approval(**arguments['reply']))
answer([json.loads(approval.model_dump_json()), rest])
"
    );
    let reply = approval("reply");
    let arguments = json!({"run": run, "reply": reply});
    let answered = python::run(&program, &arguments);
    let theirs: Approval = serde_json::from_value(answered[0].clone()).unwrap();
    assert_eq!(theirs, ours);
    assert_eq!(answered[1], json!([true, u64::MAX, 1.5, "text", [1, 2]]));
    let next = Approval::receive_with(&client, sender, &soon()).next();
    assert_eq!(next.unwrap().unwrap().input, reply);
}
