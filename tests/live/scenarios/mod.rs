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

macro_rules! sum {
    ($($module:ident)*) => { 0 $(+ $module::COUNT)* };
}

/// How many scenarios there are.
pub(crate) const COUNT: usize = sum![
    artifacts
    automations
    blocks
    concurrency
    concurrency_v2
    deployments
    errors
    events
    flow_runs
    flow_runs_bulk
    flows
    logs
    pages
    run_states
    saved_searches
    schedules
    server
    storage
    task_runs
    variables
    work_pools
    work_queues
];
