//! The names that differ between the two faces, and the few functions that each face has of its own.

diptych_macros::faces! {
    /// The names that differ between the faces of this crate. A dual function or method named `a…` has its twin without
    /// the `a`; those that are imported, or called in other bodies, are listed here if all of the crate may call them, and
    /// else where they are called.
    sdk {
        AsyncPrefectClient => PrefectClient,
        asleep => sleep,
        asleep_for => sleep_for,
        abounded => bounded,
        await => wait,
        Error::timeout => Error::timeout,
        AsyncSlots => Slots,
        AsyncInputs => Inputs,
        AsyncHome => Home,
        AsyncLeftPlaceholder => LeftPlaceholder,
        AsyncPlaceholder => Placeholder,
        AsyncSignal => Signal,
        AsyncMailbox => Mailbox,
        AsyncHandle => Handle,
        AsyncSocket => Socket,
        AsyncSubscriber => Subscriber,
        AsyncListener => Listener,
        AsyncLine => Line,
        AsyncUp => Up,
        AsyncConnecting => Connecting,
        aopen => open,
        acheck => check,
        AsyncEventSender => EventSender,
        AsyncEventSubscriber => EventSubscriber,
        AsyncLogSender => LogSender,
        AsyncLogSubscriber => LogSubscriber,
        aconnect => connect,
        AsyncShip => Ship,
        AsyncSlot => Slot,
        AsyncEnd => End,
        adeliver => deliver,
        awent_on => went_on,
        asending => sending,
        abegin => begin,
        aemit_event => emit_event,
        arelated_resources => related_resources,
        asubscribe => subscribe,
        apause_flow_run => pause_flow_run,
        apause_flow_run_with => pause_flow_run_with,
        apause_flow_run_for_input => pause_flow_run_for_input,
        apause_flow_run_for_input_with => pause_flow_run_for_input_with,
        asuspend_flow_run => suspend_flow_run,
        asuspend_flow_run_with => suspend_flow_run_with,
        asuspend_flow_run_for_input => suspend_flow_run_for_input,
        asuspend_flow_run_for_input_with => suspend_flow_run_for_input_with,
        asuspend_flow_run_by_id => suspend_flow_run_by_id,
        asuspend_flow_run_by_id_with => suspend_flow_run_by_id_with,
        aresume_flow_run => resume_flow_run,
        aresume_flow_run_with => resume_flow_run_with,
        await_for_flow_run => wait_for_flow_run,
        await_for_flow_run_with => wait_for_flow_run_with,
        astart_deployment => start_deployment,
        astart_deployment_with => start_deployment_with,
        arun_deployment => run_deployment,
        arun_deployment_with => run_deployment_with,
        adelete_flow_run_input => delete_flow_run_input,
        acreate_flow_run_input => create_flow_run_input,
        acreate_flow_run_input_with => create_flow_run_input_with,
        afilter_flow_run_input => filter_flow_run_input,
        afilter_flow_run_input_with => filter_flow_run_input_with,
        aread_flow_run_input => read_flow_run_input,
        areceive_input => receive_input,
        areceive_input_with => receive_input_with,
        asend_input => send_input,
        asend_input_with => send_input_with,
        async if feature = "async",
        blocking if feature = "blocking",
    }
}

/// Waits.
#[cfg(feature = "async")]
pub(crate) async fn asleep(duration: std::time::Duration) {
    tokio::time::sleep(duration).await;
}

/// Waits by the clock of the client, which is in no hurry where a test has set it.
#[cfg(feature = "async")]
pub(crate) async fn asleep_for(
    client: &prefect_client::AsyncPrefectClient,
    duration: std::time::Duration,
) {
    client.config().clock_used().asleep(duration).await;
}

/// Waits by the clock of the client, and blocks the thread.
#[cfg(feature = "blocking")]
pub(crate) fn sleep_for(client: &prefect_client::PrefectClient, duration: std::time::Duration) {
    client.config().clock_used().sleep(duration);
}

/// Waits, and blocks the thread.
#[cfg(feature = "blocking")]
pub(crate) fn sleep(duration: std::time::Duration) {
    std::thread::sleep(duration);
}
