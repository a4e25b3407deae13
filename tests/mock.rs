//! The double of the server that users test with: the same through both faces.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::TryStreamExt;
use prefect_client::models::{
    CsrfToken, DeploymentFlowRunCreate, DeploymentResponse, Flow, FlowCreate,
    FlowPaginationResponse, FlowRunResponse, VariableCreate, VariableValue,
};
use prefect_client::requests::ReadFlows;
use prefect_client::testing::{ManualClock, MockServer, Reply};
use prefect_client::transport::http::{HeaderMap, StatusCode};
use prefect_client::{
    Answer, AsyncPrefectClient, Authorization, Call, Clock, Error, PrefectClient, PrefectSession,
    operations,
};
use serde_json::{Value, json};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0x7c9e_6679);

fn flow(name: &str) -> Flow {
    Flow::new(name, ID).tags(["a"])
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(future)
}

/// What each face gives for a call, each with a server of its own that was told the same.
fn both<T>(tell: fn(&MockServer), call: fn() -> Call<T>) -> [(MockServer, Result<T, Error>); 2] {
    let servers = [MockServer::new(), MockServer::new()];
    servers.iter().for_each(tell);
    let [first, second] = servers;
    let blocking = first.client().execute(call());
    let asynchronous = block_on(second.async_client().execute(call()));
    [(first, blocking), (second, asynchronous)]
}

#[test]
fn a_value_comes_back_as_it_was_given_and_the_request_is_kept() {
    let answers = both(
        |server| {
            server.on(&operations::CREATE_FLOW).answers(&flow("etl"));
        },
        || operations::create_flow(&FlowCreate::new("etl").tags(["a"])),
    );
    for (server, result) in answers {
        assert_eq!(result.unwrap(), flow("etl"));
        let [request] = &server.requests()[..] else {
            panic!("{server:?}");
        };
        assert_eq!(request.operation().name(), "create_flow");
        assert_eq!(request.path(), "/flows/");
        assert_eq!(request.json()["tags"], json!(["a"]));
        assert_eq!(request.headers()["content-type"], "application/json");
    }
}

#[test]
fn arguments_are_read_back_from_path_and_query() {
    let answers = both(
        |server| {
            server
                .on(&operations::READ_FLOW_RUN_INPUT)
                .answers(&"{\"x\": 1}".to_owned());
        },
        || operations::read_flow_run_input(ID, "a/b %"),
    );
    for (server, result) in answers {
        // It travels as text: there are no quotes around it.
        assert_eq!(result.unwrap(), "{\"x\": 1}");
        let request = &server.requests()[0];
        assert_eq!(request.parameter("id"), Some(ID.to_string()));
        assert_eq!(request.parameter("key").as_deref(), Some("a/b %"));
        assert_eq!(request.parameter("flow_runs"), None);
        assert_eq!(request.path(), format!("/flow_runs/{ID}/input/a%2Fb%20%25"));
    }
}

#[test]
fn an_operation_without_an_answer_takes_nothing() {
    let answers = both(
        |server| {
            server.on(&operations::DELETE_FLOW).answers(&());
        },
        || operations::delete_flow(ID),
    );
    for (server, result) in answers {
        result.unwrap();
        assert_eq!(server.requests().len(), 1);
        assert_eq!(server.requests()[0].json(), Value::Null);
    }
}

#[test]
fn what_was_not_told_an_answer_is_an_error_that_names_it() {
    let answers = both(|_| {}, || operations::read_flow(ID));
    for (server, result) in answers {
        let error = result.unwrap_err();
        assert_eq!(error.status(), Some(StatusCode::NOT_IMPLEMENTED));
        assert_eq!(
            error.detail().unwrap(),
            "MockServer has no answer for read_flow: \
             give it one with `server.on(&operations::READ_FLOW).answers(…)`"
        );
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn answers_come_in_order_and_the_last_one_stays() {
    let server = MockServer::new();
    server
        .on(&operations::COUNT_FLOWS)
        .fails(404, "Flow not found")
        .answers(&1)
        .answers(&2);
    assert_eq!(server.unused(), ["count_flows"; 3]);
    let (blocking, asynchronous) = (server.client(), server.async_client());
    let count = || operations::count_flows();
    let error = blocking.execute(count()).unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.detail().as_deref(), Some("Flow not found"));
    assert_eq!(block_on(asynchronous.execute(count())).unwrap(), 1);
    assert_eq!(server.unused(), ["count_flows"]);
    assert_eq!(blocking.execute(count()).unwrap(), 2);
    assert_eq!(block_on(asynchronous.execute(count())).unwrap(), 2);
    assert_eq!(server.unused(), Vec::<&str>::new());
}

#[test]
fn answers_are_computed_from_the_request_and_may_look_at_the_server() {
    let server = MockServer::new();
    let seen = server.clone();
    server
        .on(&operations::READ_FLOW_BY_NAME)
        .answers_with(move |request| match request.parameter("name").as_deref() {
            Some("gone") => Reply::Failure(404, "gone".to_owned()),
            Some(name) => Reply::Value(flow(name)),
            None => Reply::Json(json!({"requests": seen.requests().len()})),
        });
    let client = server.client();
    assert_eq!(client.read_flow_by_name("etl").unwrap(), flow("etl"));
    assert!(client.read_flow_by_name("gone").unwrap_err().is_not_found());
    let seen = server.clone();
    server
        .on(&operations::COUNT_FLOWS)
        .answers_with(move |_| i64::try_from(seen.requests().len()).unwrap());
    let count = block_on(server.async_client().execute(operations::count_flows()));
    assert_eq!(count.unwrap(), 3);
}

#[test]
fn json_of_another_form_fails_where_it_is_read() {
    let answers = both(
        |server| {
            server
                .on(&operations::READ_FLOWS)
                .answers_json(json!([{"id": ID, "name": 3}]));
        },
        operations::read_flows,
    );
    for (_, result) in answers {
        let error = result.unwrap_err();
        assert!(error.is_decode());
        assert_eq!(error.json_path(), Some("[0].name"));
    }
}

#[test]
fn failures_are_tried_again_without_any_time_passing() {
    let answers = both(
        |server| {
            let busy =
                HeaderMap::from_iter([("retry-after".parse().unwrap(), "30".parse().unwrap())]);
            server
                .on(&operations::READ_WORK_POOLS)
                .breaks_off()
                .times_out()
                .sends(Answer::new(StatusCode::SERVICE_UNAVAILABLE, busy, ""))
                .replies(Reply::Refuses)
                .answers_json(json!([]));
        },
        operations::read_work_pools,
    );
    for (server, result) in answers {
        assert!(result.unwrap().is_empty());
        assert_eq!(server.requests().len(), 5);
        let sleeps = server.clock().sleeps();
        assert_eq!(sleeps.len(), 4);
        assert!(sleeps[2] >= Duration::from_secs(30), "{sleeps:?}");
    }
}

#[test]
fn what_may_have_been_executed_fails_as_it_would() {
    let answers = both(
        |server| {
            server.on(&operations::CREATE_FLOW).times_out();
        },
        || operations::create_flow(&FlowCreate::new("etl")),
    );
    for (server, result) in answers {
        assert!(result.unwrap_err().is_timeout());
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn the_deadline_runs_on_the_server_s_clock() {
    let answers = both(
        |server| {
            let clock = server.clock();
            server.on(&operations::HEALTH_CHECK).answers_with(move |_| {
                clock.advance(Duration::from_secs(61));
                Reply::TimesOut
            });
        },
        operations::health_check,
    );
    for (server, result) in answers {
        assert!(result.unwrap_err().is_timeout());
        // Three minutes are enough for three attempts of 61 s, with the waits after two of them.
        assert_eq!(server.requests().len(), 3);
    }
}

#[test]
fn pages_are_answered_one_by_one() {
    let server = MockServer::new();
    server.on(&operations::READ_FLOWS).answers_with(|request| {
        let offset = request.json()["offset"].as_u64().unwrap_or_default();
        let names = ["a", "b", "c"]
            .into_iter()
            .skip(usize::try_from(offset).unwrap());
        names.take(2).map(flow).collect::<Vec<_>>()
    });
    let request = ReadFlows::new().limit(2);
    let flows = server.client().read_flows_pages_with(request.clone());
    let flows: Vec<Flow> = flows.collect::<Result<_, _>>().unwrap();
    assert_eq!(flows, ["a", "b", "c"].map(flow));
    let flows = server.async_client().read_flows_pages_with(request);
    let flows: Vec<Flow> = block_on(flows.try_collect()).unwrap();
    assert_eq!(flows, ["a", "b", "c"].map(flow));
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn nothing_is_asked_of_the_server_unless_the_session_is_put_back() {
    let server = MockServer::new();
    server.on(&operations::CREATE_FLOW).answers(&flow("etl"));
    server
        .client()
        .create_flow(&FlowCreate::new("etl"))
        .unwrap();
    assert_eq!(server.requests().len(), 1);
    let expires =
        chrono::DateTime::<chrono::Utc>::from(server.clock().wall() + Duration::from_secs(9));
    let token = CsrfToken::new("t0ken", "c", expires, ID);
    server.on(&operations::CREATE_CSRF_TOKEN).answers(&token);
    let session = PrefectSession::new("http://mock").without_version_check();
    let client = PrefectClient::from_config(server.config().session(session)).unwrap();
    client.create_flow(&FlowCreate::new("etl")).unwrap();
    let requests = server.requests();
    let names: Vec<&str> = requests
        .iter()
        .map(|request| request.operation().name())
        .collect();
    assert_eq!(names, ["create_flow", "create_csrf_token", "create_flow"]);
    assert_eq!(requests[2].headers()["prefect-csrf-token"], "t0ken");
}

#[test]
fn what_is_made_for_a_test_is_what_the_least_answer_gives() {
    let nobody = json!({"created": null, "updated": null, "id": ID});
    let with = |more: Value| {
        let mut all = nobody.clone();
        all.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        all
    };
    assert_eq!(Flow::new("etl", ID), read(with(json!({"name": "etl"}))));
    let deployment = with(json!({"name": "nightly", "flow_id": ID}));
    assert_eq!(DeploymentResponse::new("nightly", ID, ID), read(deployment));
    // What the description gives a default for has it.
    let run = FlowRunResponse::new(ID, ID);
    assert_eq!(run, read(with(json!({"flow_id": ID}))));
    assert_eq!((run.total_run_time, run.auto_scheduled), (0.0, false));
}

#[test]
fn each_setter_sets_its_own_field() {
    let at = chrono::DateTime::UNIX_EPOCH;
    let flow = Flow::new("etl", ID).created(at).tags(["a", "b"]);
    let json = json!({"id": ID, "name": "etl", "created": at, "updated": null, "tags": ["a", "b"]});
    assert_eq!(flow, read(json));
    let page = FlowPaginationResponse::new([flow.clone()], 1, 200, 1, 1);
    let server = MockServer::new();
    server.on(&operations::PAGINATE_FLOWS).answers(&page);
    assert_eq!(server.client().paginate_flows().unwrap(), page);
}

fn read<T: serde::de::DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

#[test]
fn nothing_secret_is_shown() {
    let server = MockServer::new();
    server.on(&operations::CREATE_FLOW).answers(&flow("s3cret"));
    let key = Authorization::Bearer("s3cret".into());
    let config = server.config().authorization(&key).unwrap();
    let client = AsyncPrefectClient::from_config(config).unwrap();
    block_on(client.create_flow(&FlowCreate::new("s3cret"))).unwrap();
    let requests = server.requests();
    assert_eq!(requests[0].headers()["authorization"], "Bearer s3cret");
    let shown = format!("{server:?} {requests:?} {client:?}");
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(shown.contains("authorization"), "{shown}");
}

#[test]
fn a_status_that_is_none_is_an_error_and_no_panic() {
    let server = MockServer::new();
    server.on(&operations::HEALTH_CHECK).fails(7, "x");
    let error = server.client().health_check().unwrap_err();
    assert_eq!(
        error.detail().as_deref(),
        Some("MockServer was given 7, which is no status")
    );
}

#[test]
fn a_manual_clock_moves_by_waiting_only() {
    let clock = ManualClock::new();
    let begun = (clock.now(), clock.wall());
    clock.sleep(Duration::from_hours(1));
    block_on(clock.asleep(Duration::from_secs(1)));
    clock.advance(Duration::from_secs(2));
    let passed = Duration::from_secs(3603);
    assert_eq!(clock.now() - begun.0, passed);
    assert_eq!(clock.wall(), begun.1 + passed);
    assert_eq!(
        clock.sleeps(),
        [Duration::from_hours(1), Duration::from_secs(1)]
    );
}

/// An array of arrays.
fn nested(levels: usize) -> Value {
    (1..levels).fold(json!([]), |inner, _| Value::Array(vec![inner]))
}

#[test]
fn what_would_not_come_back_as_it_was_is_not_sent() {
    let number =
        || operations::create_variable(&VariableCreate::new("rate", VariableValue::from(f64::NAN)));
    let deep = || {
        operations::create_variable(&VariableCreate::new(
            "deep",
            VariableValue::from(vec![nested(150)]),
        ))
    };
    let in_between = || {
        let mut parameters = BTreeMap::from([("list".to_owned(), json!([1]))]);
        parameters.insert("deep".to_owned(), nested(150));
        let run = DeploymentFlowRunCreate::new().parameters(parameters);
        operations::create_flow_run_from_deployment(ID, &run)
    };
    let told = both(|_| {}, number)
        .map(|(server, result)| (server, result.unwrap_err(), "value: NaN and infinity"))
        .into_iter()
        .chain(
            both(|_| {}, deep).map(|(server, result)| (server, result.unwrap_err(), "value[0][0]")),
        )
        .chain(
            both(|_| {}, in_between)
                .map(|(server, result)| (server, result.unwrap_err(), "parameters.deep[0]")),
        );
    for (server, error, place) in told {
        assert!(
            error.is_request() && error.to_string().contains(place),
            "{error}"
        );
        assert!(server.requests().is_empty());
    }
}

#[test]
fn a_deep_value_of_somebody_else_leaves_the_page_readable() {
    let answers = both(
        |server| {
            let one = |name: &str, value: &str| {
                let rest = r#""created":null,"updated":null,"tags":[]"#;
                format!(r#"{{"id":"{ID}","name":"{name}","value":{value},{rest}}}"#)
            };
            let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
            let items = [
                one("a", "1"),
                one("b", &deep(150)),
                one("c", &deep(100_000)),
                one("d", "[2]"),
            ];
            let page = format!("[{}]", items.join(","));
            let answer = Answer::new(StatusCode::OK, HeaderMap::new(), page);
            server.on(&operations::READ_VARIABLES).sends(answer);
        },
        operations::read_variables,
    );
    for (_, result) in answers {
        let page = result.unwrap();
        assert_eq!(page[0].value, Some(VariableValue::Integer(1)));
        for deep in &page[1..3] {
            assert!(matches!(&deep.value, Some(VariableValue::List(_))));
        }
        assert_eq!(page[3].value, Some(VariableValue::List(vec![json!(2)])));
    }
}
