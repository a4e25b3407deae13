use std::time::Duration;

use super::*;
use crate::engine::RunFailed;

#[test]
fn a_run_that_is_cancelled_in_the_delay_of_a_retry_does_not_run_again() {
    use crate::flows::{Flow, FlowRun};
    use crate::testing::TestServer;
    use prefect_client::models::StateType;
    use prefect_client::operations::READ_FLOW_RUN;
    use uuid::Uuid;

    let server = TestServer::new();
    // The first time that it is read, it runs.
    server.mock().on(&READ_FLOW_RUN).answers_with(|_| {
        let mut run = FlowRunResponse::new(Uuid::nil(), Uuid::nil());
        run.state = Some(State::new(StateType::Cancelled, Uuid::nil()));
        run
    });
    let options = FlowOptions::new()
        .retries(1)
        .retry_delay(Duration::from_mins(1));
    let flow =
        Flow::new("fails", |_: FlowRun, (): ()| Err::<(), _>("at first")).with_options(options);
    let ended = flow.call(&server.client(), &());
    let Err(RunFailed::Ended(state)) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!(state.type_, StateType::Cancelled);
    assert_eq!(server.flow_runs()[0].run_count, 1);
}

#[test]
fn hooks_hear_of_a_cancellation_that_somebody_else_tells_the_server_of() {
    use std::sync::atomic::{AtomicU32, Ordering};

    use crate::flows::{Flow, FlowRun, FlowRunEntered};
    use crate::testing::TestServer;

    static HEARD: AtomicU32 = AtomicU32::new(0);
    for (why, heard) in [
        (Why::LeftToParent, 1),
        (Why::LeftToRunner, 0),
        (Why::Left, 0),
    ] {
        let server = TestServer::new();
        let flow = Flow::new("left", move |run: FlowRun, (): ()| {
            run.cancellation().request_for(why);
            Ok::<_, String>(())
        });
        let flow = flow.on_cancellation(|_: FlowRunEntered| {
            HEARD.fetch_add(1, Ordering::SeqCst);
            Ok::<_, String>(())
        });
        let ended = flow.call(&server.client(), &());
        assert!(matches!(ended, Err(RunFailed::Cancelled)));
        assert_eq!(HEARD.swap(0, Ordering::SeqCst), heard);
        assert_eq!(server.flow_runs()[0].state_names(), ["Pending", "Running"]);
    }
}
