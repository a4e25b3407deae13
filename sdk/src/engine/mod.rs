//! The engine: what happens when a flow or a task is called. The deciders (`flow_step`, `last_state`, `retry`, `task_record`,
//! `task_state`, `run_name`, `parameters`) do no I/O; `flow`, `task` and `results` do what they decide, `body` runs what the
//! user wrote, and `remarks` is what the engine says in the logs of their runs.

mod aggregate;
mod apart;
mod arrivals;
mod background;
mod body;
mod cache;
mod called;
mod caller;
mod drawing;
mod drawn;
mod enclosing;
mod failed;
mod flow;
mod flow_conversation;
mod flow_creation;
mod flow_step;
mod forced;
#[cfg(all(feature = "async", feature = "blocking"))]
mod guests;
mod heartbeats;
mod hook_name;
mod hooks;
mod last_state;
#[cfg(feature = "async")]
mod on_thread;
mod order;
mod parameters;
mod parts;
mod pool;
mod remarks;
mod results;
mod retry;
mod run_logs;
mod run_name;
mod scope;
mod shown;
mod slots;
mod subflow;
mod submitted;
mod suspension;
mod task;
mod task_conversation;
mod task_event;
mod task_record;
mod task_state;
mod turns;
mod unbegun;
mod voice;
mod waiting;

use diptych_macros::dual;

#[dual(engine)]
pub(crate) use arrivals::AsyncArrivals;
pub(crate) use background::Unable;
#[dual(engine)]
pub(crate) use background::{AsyncGround, aexecute_task};
#[cfg(feature = "async")]
pub(crate) use body::{AsyncBody, apanic_caught};
#[cfg(feature = "blocking")]
pub(crate) use body::{Body, panic_caught};
pub(crate) use body::{CalledFor, timeout_of};
pub(crate) use cache::Caching;
#[dual(engine)]
pub(crate) use called::acall_task;
#[dual(engine)]
pub(crate) use caller::AsyncCalledBy;
#[dual(engine)]
pub use caller::AsyncCaller;
pub(crate) use drawing::{Drawing, only_value};
#[dual(engine)]
pub(crate) use drawn::adraw;
#[dual(engine)]
pub use enclosing::AsyncEnclosingRun;
#[dual(engine)]
pub(crate) use enclosing::AsyncWithin;
pub use failed::RunFailed;
#[dual(engine)]
pub(crate) use flow::{aflow_state, arun_existing_flow, arun_flow};
#[dual(engine)]
pub(crate) use flow_conversation::AsyncFlowFacts;
pub(crate) use flow_conversation::ExistingRun;
#[dual(engine)]
#[allow(
    unused_imports,
    reason = "where both faces are there, the blocking one says it"
)]
pub(crate) use forced::astop;
#[dual(engine)]
pub(crate) use forced::atry_to_force;
#[cfg(all(feature = "async", feature = "blocking"))]
pub(crate) use guests::Host;
#[dual(engine)]
pub(crate) use hooks::AsyncHooks;
pub(crate) use hooks::On;
#[dual(engine)]
pub use hooks::{AsyncFlowRunEntered, AsyncTaskRunEntered};
pub(crate) use last_state::{as_hooks_see, crashed, rolled_back};
#[cfg(feature = "async")]
pub(crate) use on_thread::on_thread;
pub(crate) use order::Order;
#[cfg(feature = "cli")]
pub(crate) use parameters::read_parameters;
pub(crate) use parameters::{ONLY, to_parameters};
#[dual(engine)]
pub(crate) use parts::AsyncPart;
#[dual(engine)]
pub(crate) use pool::AsyncTurn;
pub use retry::RetryDelay;
pub(crate) use retry::RetryPolicy;
pub use run_name::RunName;
#[dual(engine)]
pub(crate) use scope::{AsyncScope, asend};
pub(crate) use shown::StateShown;
pub(crate) use slots::Unlimited;
pub(crate) use subflow::Subflows;
pub use submitted::Dependency;
pub(crate) use submitted::{Submitted, Upstream};
pub(crate) use suspension::Suspension;
#[dual(engine)]
pub(crate) use task::asubmit_task;
pub(crate) use task_record::{TaskFacts, TaskRecord, told_policy};

diptych_macros::faces! {
    /// The names that differ between the faces of flows and tasks.
    engine {
        ..crate::faces::sdk,
        AsyncArrivals => Arrivals,
        AsyncArrived => Arrived,
        AsyncAsCompleted => AsCompleted,
        AsyncAsks => Asks,
        AsyncBegun => Begun,
        AsyncBody => Body,
        AsyncCalledBy => CalledBy,
        AsyncCaller => Caller,
        AsyncCrew => Crew,
        AsyncEnclosing => Enclosing,
        AsyncEnclosingRun => EnclosingRun,
        AsyncFlow => Flow,
        AsyncFlowConversation => FlowConversation,
        AsyncFlowFacts => FlowFacts,
        AsyncFlowRun => FlowRun,
        AsyncFlowRunEntered => FlowRunEntered,
        AsyncGround => Ground,
        AsyncHeartbeats => Heartbeats,
        AsyncHook => Hook,
        AsyncHooks => Hooks,
        AsyncJob => Job,
        AsyncLent => Lent,
        AsyncPart => Part,
        AsyncParts => Parts,
        AsyncPool => Pool,
        AsyncRemains => Remains,
        AsyncResultStore => ResultStore,
        AsyncRunLogs => RunLogs,
        AsyncScope => Scope,
        AsyncShipped => Shipped,
        AsyncStarted => Started,
        AsyncTask => Task,
        AsyncTaskConversation => TaskConversation,
        AsyncTaskFuture => TaskFuture,
        AsyncTaskRun => TaskRun,
        AsyncTaskRunEntered => TaskRunEntered,
        AsyncInner => Inner,
        AsyncNextEnd => NextEnd,
        AsyncNode => Node,
        AsyncOpen => Open,
        AsyncStep => Step,
        AsyncEnding => Ending,
        AsyncEndings => Endings,
        AsyncTransaction => Transaction,
        AsyncTransactionFacts => TransactionFacts,
        AsyncTurn => Turn,
        AsyncSuspending => Suspending,
        AsyncUnbegun => Unbegun,
        AsyncWithin => Within,
        AsyncWork => Work,
        aapart => apart,
        aattempts => attempts,
        abeat => beat,
        abegun => begun,
        acached => cached,
        acalled => called,
        aask => ask,
        adraw => draw,
        astand_in => stand_in,
        afound => found,
        aflow_state => flow_state,
        acreate_surely => create_surely,
        atry_to_create => try_to_create,
        adelivered => delivered,
        aexecute_task => execute_task,
        acall_task => call_task,
        arun_outside => run_outside,
        arun_deferred => run_deferred,
        arun_ordered => run_ordered,
        arun_part => run_part,
        arun_ready => run_ready,
        adelivered_or_said => delivered_or_said,
        aall_sure => all_sure,
        aall_taken => all_taken,
        asure_or_said => sure_or_said,
        aend_left => end_left,
        aforce => force,
        aforced => forced,
        aforce_state => force_state,
        akept => kept,
        akept_error => kept_error,
        apropose_once => propose_once,
        apropose_state => propose_state,
        aresult_store => result_store,
        arequested_within => requested_within,
        ato_stop_within => to_stop_within,
        apanic_caught => panic_caught,
        aprepared => prepared,
        arun_existing_flow => run_existing_flow,
        arun_flow => run_flow,
        arun_task => run_task,
        await_for_tasks => wait_for_tasks,
        asubmit_task => submit_task,
        agive_back => give_back,
        astop => stop,
        asend => send,
        astate_of => state_of,
        atake_slots => take_slots,
        aworth_a_retry => worth_a_retry,
        afind_key => find_key,
        atry_to_force => try_to_force,
        atask_attempts => task_attempts,
        atask_store => task_store,
        aof_subflow => of_subflow,
        ataken_up => taken_up,
        atransaction => transaction,
        atransaction_with => transaction_with,
        acall_all => call_all,
        acommit_own => commit_own,
        afacts => facts_of,
        aleave => leave,
        alock => lock,
        aopened => opened,
        arecord => record,
        arelease => release,
        ahand_over => hand_over,
        acquire_lock => acquire_lock,
        atry_to_commit => try_to_commit,
        atry_to_undo => try_to_undo,
        aundo => undo,
        aundo_attempt => undo_attempt,
        aend_late => end_late,
        aundo_children => undo_children,
        acommit_all => commit_all,
        aroll_all_back => roll_all_back,
        athrough => through,
        acrash => crash,
        aread_record => read_record,
        await_unless => wait_unless,
        await_to_go_on => wait_to_go_on,
    }
}
