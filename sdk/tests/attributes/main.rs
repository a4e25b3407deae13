//! What `#[flow]` and `#[task]` make of functions, and what their engine does without a server.

mod caches;
mod completed;
mod drawn;
mod durations;
mod guests;
mod heartbeats;
mod hooks;
mod made;
mod mixed;
mod nested;
mod outside;
mod parts;
mod runs;
mod shapes;
mod slots;
mod subflows;
mod submitted;
mod transactions;
mod unmade;
mod waiting;

diptych_macros::faces! {
    /// The names that differ between the faces of these tests.
    faces {
        AsyncAsCompleted => AsCompleted,
        AsyncFlow => Flow,
        AsyncFlowRun => FlowRun,
        AsyncFlowRunEntered => FlowRunEntered,
        AsyncPrefectClient => PrefectClient,
        AsyncTask => Task,
        AsyncTaskFuture => TaskFuture,
        AsyncTaskRun => TaskRun,
        AsyncTaskRunEntered => TaskRunEntered,
        AsyncTransaction => Transaction,
        acaches => caches,
        acan_t_begin => can_t_begin,
        acommit_panics => commit_panics,
        adoubled => doubled,
        astart_deployment_with => start_deployment_with,
        acancelled => cancelled,
        abackwards => backwards,
        abeats => beats,
        aends => ends,
        aends_late => ends_late,
        aends_meanwhile => ends_meanwhile,
        achains => chains,
        ahook_fails => hook_fails,
        afinishes => finishes,
        afails_at_first => fails_at_first,
        ain_flow => in_flow,
        ain_flow_with => in_flow_with,
        akept => kept,
        amodes => modes,
        aflow_hooks => flow_hooks,
        agiven_states => given_states,
        ainner_flow => inner_flow,
        ainputs => inputs,
        anext => next,
        anever_begun => never_begun,
        aoutside => outside,
        aouter_future => outer_future,
        aown_tokens => own_tokens,
        arefused => refused,
        arequested => requested,
        aretried => retried,
        asame => same,
        asquares => squares,
        atask_hooks => task_hooks,
        ataken_up => taken_up,
        atelling => telling,
        atells => tells,
        agoes_on => goes_on,
        atogether => together,
        atransaction => transaction,
        atransaction_with => transaction_with,
        atold_when_it_begins => told_when_it_begins,
        aunfit => unfit,
        awithin_tasks => within_tasks,
        awaits => waits,
        awaits_for_a_slot => waits_for_a_slot,
        awell => well,
    }
}
