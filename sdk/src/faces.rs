//! The names that differ between the two faces, and the few functions that each face has of its own.

diptych_macros::faces! {
    /// The names that differ between the faces of this crate. A dual function or method named `a…` has its twin without
    /// the `a`; those that are called in other bodies are listed here.
    sdk {
        AsyncPrefectClient => PrefectClient,
        asleep => sleep,
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
