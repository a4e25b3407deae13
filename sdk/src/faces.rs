//! The names that differ between the two faces, and the few functions that each face has of its own.

diptych_macros::faces! {
    /// The names that differ between the faces of this crate. A dual function or method named `a…` has its twin without
    /// the `a`; those that are called in other bodies are listed here.
    sdk {
        AsyncPrefectClient => PrefectClient,
        asleep => sleep,
        apropose_state => propose_state,
        apause_flow_run => pause_flow_run,
        abegin_pause => begin_pause,
        aend_pause => end_pause,
        asuspend_flow_run => suspend_flow_run,
        asuspend_flow_run_by_id => suspend_flow_run_by_id,
        asuspend => suspend,
        aresume_flow_run => resume_flow_run,
        await_for_flow_run => wait_for_flow_run,
        await_for_end => wait_for_end,
        astart_deployment => start_deployment,
        arun_deployment => run_deployment,
        areserve_place => reserve_place,
        await => wait,
        AsyncGetInputHandler => GetInputHandler,
        adelete_flow_run_input => delete_flow_run_input,
        acreate_flow_run_input => create_flow_run_input,
        afilter_flow_run_input => filter_flow_run_input,
        aread_flow_run_input => read_flow_run_input,
        areceive_input => receive_input,
        asend_input => send_input,
        AsyncHold => Hold,
        AsyncKeep => Keep,
        AsyncKeeper => Keeper,
        AsyncSlots => Slots,
        aacquire => acquire,
        aask => ask,
        aemit => emit,
        agive_back => give_back,
        arenew => renew,
        AsyncSignal => Signal,
        AsyncMailbox => Mailbox,
        AsyncHandle => Handle,
        AsyncSocket => Socket,
        AsyncSubscriber => Subscriber,
        AsyncEventSender => EventSender,
        AsyncEventSubscriber => EventSubscriber,
        AsyncLogSender => LogSender,
        AsyncLogSubscriber => LogSubscriber,
        aconnect => connect,
        aship => ship,
        adeliver => deliver,
        aserve => serve,
        aawait_work => await_work,
        abegin => begin,
        Error::timeout => Error::timeout,
        aemit_event => emit_event,
        arelated_resources => related_resources,
        asubscribe => subscribe,
        async if feature = "async",
        blocking if feature = "blocking",
    }
}

/// Waits.
#[cfg(feature = "async")]
pub(crate) async fn asleep(duration: std::time::Duration) {
    tokio::time::sleep(duration).await;
}

/// Waits, and blocks the thread.
#[cfg(feature = "blocking")]
pub(crate) fn sleep(duration: std::time::Duration) {
    std::thread::sleep(duration);
}
