//! What is done with the server, by tag.

mod artifacts;
mod automations;
mod blocks;
mod concurrency;
mod concurrency_v2;
mod deployments;
mod errors;
mod events;
mod flow_runs;
mod flow_runs_bulk;
mod flows;
mod logs;
mod pages;
mod run_states;
mod saved_searches;
mod schedules;
mod server;
mod storage;
mod task_runs;
mod variables;
mod work_pools;
mod work_queues;

use crate::scenario::{Asynchronous, Blocking};

macro_rules! all {
    ($($module:ident),* $(,)?) => {
        pub(crate) fn blocking() -> impl Iterator<Item = Blocking> {
            [$($module::blocking::ALL),*].into_iter().flatten().copied()
        }

        pub(crate) fn asynchronous() -> impl Iterator<Item = Asynchronous> {
            [$($module::asynchronous::ALL),*].into_iter().flatten().copied()
        }
    };
}

all![
    server,
    storage,
    flows,
    flow_runs,
    flow_runs_bulk,
    run_states,
    task_runs,
    deployments,
    schedules,
    work_pools,
    work_queues,
    variables,
    saved_searches,
    blocks,
    artifacts,
    logs,
    concurrency,
    concurrency_v2,
    automations,
    events,
    pages,
    errors,
];
