//! A program that ends without a flush is told what of its events and logs did not arrive.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::events::{AsyncEventSender, EventSender, SendEventsOptions};
use prefect_sdk::logs::{AsyncLogSender, LogSender, SendLogsOptions};
use tracing::Dispatch;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::{event, log};

/// The texts of warnings.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

struct Message<'a>(&'a mut String);

impl<S: tracing::Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == tracing::Level::WARN {
            let mut text = String::new();
            event.record(&mut Message(&mut text));
            self.0.lock().expect("no panic").push(text);
        }
    }
}

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            *self.0 = format!("{value:?}");
        }
    }
}

/// What is warned of on this thread meanwhile.
fn warned_of(work: impl FnOnce()) -> Vec<String> {
    // Where one subscriber is alone, what another thread without any has seen first is not told to it.
    static OTHERS: OnceLock<[Dispatch; 2]> = OnceLock::new();
    OTHERS.get_or_init(|| [(); 2].map(|()| Dispatch::new(tracing_subscriber::registry())));
    let warnings = Warnings::default();
    let subscriber = tracing_subscriber::registry().with(warnings.clone());
    tracing::subscriber::with_default(subscriber, work);
    let warned = warnings.0.lock().expect("no panic");
    let of_senders = warned.iter().filter(|text| text.contains("sender"));
    of_senders.cloned().collect()
}

fn nobody() -> String {
    format!("http://{}/api", test_server::nobody())
}

/// Sends so many events and logs, and ends without a flush.
fn blocking(url: &str, count: usize) {
    let client = PrefectClient::new(url).expect("a client");
    let events = EventSender::start(&client, &SendEventsOptions::new()).expect("a sender");
    let logs = LogSender::start(&client, &SendLogsOptions::new()).expect("a sender");
    for _ in 0..count {
        events.send(&event()).expect("room");
        logs.send(log("s3cret")).expect("room");
    }
}

/// The same within a runtime.
fn asynchronous(url: &str, count: usize) {
    let client = AsyncPrefectClient::new(url).expect("a client");
    let events = AsyncEventSender::start(&client, &SendEventsOptions::new()).expect("a sender");
    let logs = AsyncLogSender::start(&client, &SendLogsOptions::new()).expect("a sender");
    for _ in 0..count {
        events.send(&event()).expect("room");
        logs.send(log("s3cret")).expect("room");
    }
}

#[test]
fn what_is_lost_is_said_and_nothing_where_nothing_is() {
    let in_blocking = thread::spawn(|| warned_of(|| blocking(&nobody(), 7)));
    let in_async = warned_of(|| crate::run(async { asynchronous(&nobody(), 7) }));
    for warned in [in_async, in_blocking.join().expect("no panic")] {
        assert_eq!(warned.len(), 2, "{warned:?}");
        for (text, what) in warned.iter().zip(["7 logs", "7 events"]) {
            assert!(text.contains("a sender was dropped"), "{text}");
            assert!(text.contains(&format!("{what} are still held")), "{text}");
            assert!(
                text.contains("http://127.0.0.1:") && !text.contains("s3cret"),
                "{text}"
            );
        }
    }
    let nothing: Vec<String> = Vec::new();
    assert_eq!(warned_of(|| blocking(&nobody(), 0)), nothing);
    assert_eq!(
        warned_of(|| crate::run(async { asynchronous(&nobody(), 0) })),
        nothing
    );
}
