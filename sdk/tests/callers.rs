//! A blocking call on an executor's thread is told of by the line of the program, and not by one of the SDK's.

use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use prefect_sdk::artifacts::{
    Artifact, ArtifactData, create_markdown_artifact, create_progress_artifact,
    update_progress_artifact,
};
use prefect_sdk::client::{Config, OnAsyncContext, PrefectClient};
use prefect_sdk::concurrency::{concurrency, rate_limit};
use prefect_sdk::deployments::{run_deployment, start_deployment};
use prefect_sdk::events::{EmitEventOptions, emit_event};
use prefect_sdk::flow_runs::{resume_flow_run, wait_for_flow_run};
use prefect_sdk::input::{delete_flow_run_input, read_flow_run_input, receive_input};
use prefect_sdk::variables::Variable;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use uuid::Uuid;

/// A client whose calls nobody answers.
fn client(choice: OnAsyncContext) -> PrefectClient {
    let config = Config::new("http://127.0.0.1:9/api")
        .expect("a URL")
        .on_async_context(choice);
    PrefectClient::from_config(config).expect("a client")
}

fn on_an_executor<T>(run: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async { run() })
}

/// What an error says, with its sources.
fn text(error: &prefect_sdk::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let _ = write!(text, ": {error}");
        source = error.source();
    }
    text
}

/// The line of this file that a text names.
fn line(text: &str) -> u32 {
    let (_, after) = text
        .split_once(concat!(file!(), ":"))
        .unwrap_or_else(|| panic!("no line of this file: {text}"));
    let digits = after.split(':').next().unwrap_or_default();
    digits.parse().expect("a line")
}

#[test]
fn what_is_denied_names_the_line_of_the_program() {
    let client = client(OnAsyncContext::Deny);
    let id = Uuid::nil();
    let order = [("prefect.resource.id", "shop.order.1")];
    let before = line!();
    let lines: Vec<u32> = on_an_executor(|| {
        [
            Variable::get(&client, "a").err(),
            Variable::set(&client, "a", 1).err(),
            Variable::unset(&client, "a").err(),
            create_markdown_artifact(&client, "# A").err(),
            create_progress_artifact(&client, 1.0).err(),
            update_progress_artifact(&client, id, 2.0).err(),
            Artifact::get(&client, "a").err(),
            Artifact::create(&client, &ArtifactData::markdown("a")).err(),
            concurrency(&client, ["a"]).err(),
            rate_limit(&client, ["a"]).err(),
            wait_for_flow_run(&client, id).err(),
            resume_flow_run(&client, id).err(),
            read_flow_run_input(&client, id, "a").err(),
            delete_flow_run_input(&client, id, "a").err(),
            receive_input::<i64>(&client, id)
                .next()
                .and_then(Result::err),
            emit_event(
                &client,
                "shop.order.placed",
                order,
                &EmitEventOptions::new(),
            )
            .err(),
            run_deployment(&client, "a/b").err(),
            start_deployment(&client, "a/b").err(),
        ]
        .into_iter()
        .map(|error| line(&text(&error.expect("an error"))))
        .collect()
    });
    let is_here = |line: &u32| (before..line!()).contains(line);
    assert!(
        lines.is_sorted_by(|a, b| a < b) && lines.iter().all(is_here),
        "{lines:?}"
    );
}

#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Message(String);
        impl tracing::field::Visit for Message {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}");
                }
            }
        }
        if *event.metadata().level() == tracing::Level::WARN {
            let mut message = Message(String::new());
            event.record(&mut message);
            self.0.lock().expect("no panic").push(message.0);
        }
    }
}

#[test]
fn a_warning_names_the_line_of_the_program() {
    let client = client(OnAsyncContext::default());
    let warnings = Warnings::default();
    let subscriber = tracing_subscriber::registry().with(warnings.clone());
    let here = tracing::subscriber::with_default(subscriber, || {
        let here = line!() + 1;
        on_an_executor(|| Variable::get(&client, "a").expect_err("nobody answers"));
        here
    });
    let warnings = warnings.0.lock().expect("no panic");
    let warning = warnings
        .iter()
        .find(|text| text.contains("blocks an async executor"));
    assert_eq!(line(warning.expect("a warning")), here);
}
