//! What must have a process to itself: `prefect-hazards <scenario> <url>` ends with success, or says what went wrong.

use std::cell::RefCell;
use std::error::Error;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, fs, thread};

use prefect_client::models::{FlowCreate, FlowUpdate};
use prefect_client::requests::ReadFlows;
use prefect_client::{AsyncPrefectClient, PrefectClient, operations};
use prefect_hazards::{HANG, asynchronous, blocking, config, current_thread, multi_thread};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let words: Vec<String> = env::args().skip(1).collect();
    let [scenario, url] = words.as_slice() else {
        return Err("a scenario and a URL are expected".into());
    };
    match scenario.as_str() {
        "threads" => threads_per_call(url),
        "stalled" => stalled(url),
        "idle-blocking" => idle_blocking(url),
        "idle-async" => idle_async(url),
        "fork" => fork_while_others_call(url),
        "exit" => exit_with_calls(url),
        other => Err(format!("no scenario is called {other}").into()),
    }
}

fn must(holds: bool, what: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(what().into()) }
}

/// How many threads there are now.
fn threads() -> Result<usize, Box<dyn Error>> {
    Ok(fs::read_dir("/proc/self/task")?.count())
}

/// The number of a new thread. They are given out in order, so one that came and went has used one up.
fn next_thread_number() -> Result<u64, Box<dyn Error>> {
    let id = thread::spawn(|| thread::current().id());
    let text = format!("{:?}", id.join().map_err(|_| "a thread panicked")?);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}

/// Calls of every kind: each method, with and without arguments and bodies, each kind of answer.
fn every_kind(client: &PrefectClient) -> Result<(), prefect_client::Error> {
    let flow = client.create_flow(&FlowCreate::new("etl"))?;
    client.read_flow(flow.id)?;
    client.read_flow_by_name("etl")?;
    client.update_flow(flow.id, &FlowUpdate::new())?;
    client.delete_flow(flow.id)?;
    client.read_flows_with(&ReadFlows::new().limit(3))?;
    client.count_flows()?;
    client.health_check()?;
    client.hello()?;
    client.perform_readiness_check()?;
    client.execute(operations::server_version())?;
    Ok(())
}

/// Calls on a connection that stays open, and calls that open one each and look the host's name up for it.
fn threads_per_call(url: &str) -> Outcome {
    let config = config(url).timeout(HANG).attempt_timeout(HANG);
    for client in [
        blocking(config.clone()),
        blocking(config.max_idle_connections(0)),
    ] {
        every_kind(&client)?;
        let (before, number) = (threads()?, next_thread_number()?);
        for _ in 0..20 {
            every_kind(&client)?;
            must(threads()? == before, || {
                "there is another thread".to_owned()
            })?;
        }
        let came = next_thread_number()? - number - 1;
        must(came == 0, || format!("{came} threads came and went"))?;
    }
    Ok(())
}

/// Calls that all run into their deadline.
fn stalled(url: &str) -> Outcome {
    let config = config(url).timeout(Duration::from_millis(60));
    let (client, other) = (blocking(config.clone()), asynchronous(config));
    let runtime = current_thread();
    let before = threads()?;
    for _ in 0..10 {
        for result in [
            client.health_check(),
            runtime.block_on(other.health_check()),
        ] {
            let is_in_time = result
                .as_ref()
                .is_err_and(prefect_client::Error::is_timeout);
            must(is_in_time, || format!("{result:?}"))?;
        }
    }
    must(threads()? == before, || "threads are left".to_owned())
}

/// How often threads were woken so far, and how many files are open.
fn activity() -> Result<(u64, usize), Box<dyn Error>> {
    let mut wake_ups = 0;
    for task in fs::read_dir("/proc/self/task")? {
        let status = fs::read_to_string(task?.path().join("status"))?;
        let counts = status
            .lines()
            .filter(|line| line.starts_with("voluntary_ctxt_switches"));
        let counts = counts.filter_map(|line| line.split_whitespace().last());
        wake_ups += counts
            .filter_map(|count| count.parse::<u64>().ok())
            .sum::<u64>();
    }
    Ok((wake_ups, fs::read_dir("/proc/self/fd")?.count()))
}

const CALLERS: usize = 8;

/// What the main thread itself needs to sleep and to look: one, and some for a busy machine. A timer of the four seconds
/// that a pool keeps connections would make fifteen.
const OWN_WAKE_UPS: u64 = 5;

fn stay_idle(files_before: usize, files_allowed: usize) -> Outcome {
    // Long enough for what goes on for a while: tokio ends a thread after ten seconds without work.
    thread::sleep(Duration::from_secs(12));
    let (before, _) = activity()?;
    thread::sleep(Duration::from_mins(1));
    let (after, files) = activity()?;
    must(after - before <= OWN_WAKE_UPS, || {
        format!("{} wake-ups", after - before)
    })?;
    must(files <= files_before + files_allowed, || {
        format!("{files} open files, {files_before} before")
    })
}

fn idle_blocking(url: &str) -> Outcome {
    let (_, files) = activity()?;
    let client = blocking(config(url));
    let results = thread::scope(|scope| {
        let calls = [(); CALLERS].map(|()| scope.spawn(|| client.health_check()));
        calls.map(thread::ScopedJoinHandle::join)
    });
    for result in results {
        result.map_err(|_| "a thread panicked")??;
    }
    must(threads()? == 1, || {
        "there is a thread beside this one".to_owned()
    })?;
    // The connections, until the next call finds them too old.
    stay_idle(files, CALLERS)
}

fn idle_async(url: &str) -> Outcome {
    let runtime = multi_thread();
    let (_, files) = activity()?;
    let client = asynchronous(config(url));
    runtime.block_on(async {
        let mut calls = JoinSet::new();
        for _ in 0..CALLERS {
            let client = client.clone();
            calls.spawn(async move { client.health_check().await });
        }
        calls
            .join_all()
            .await
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
    })?;
    // The pool closes what is too old itself.
    stay_idle(files, 0)
}

/// Forks again and again while other threads call, and calls in each child. The parent says `/health`, a child
/// `/hello`.
fn fork_while_others_call(url: &str) -> Outcome {
    static DONE: AtomicBool = AtomicBool::new(false);
    let client = blocking(config(url));
    let other = asynchronous(config(url));
    let runtime = current_thread();
    client.health_check()?;
    runtime.block_on(other.health_check())?;
    let callers = [(); 3].map(|()| {
        let client = client.clone();
        thread::spawn(move || {
            while !DONE.load(Ordering::Relaxed) {
                client.health_check()?;
            }
            Ok::<_, prefect_client::Error>(())
        })
    });
    for _ in 0..20 {
        match fork::fork()? {
            fork::Fork::Child => std::process::exit(in_child(&client, &other)),
            fork::Fork::Parent(child) => {
                let status = fork::waitpid(child)?;
                must(status == 0, || format!("the child ended with {status}"))?;
                client.health_check()?;
                runtime.block_on(other.health_check())?;
            }
        }
    }
    DONE.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.join().map_err(|_| "a thread panicked")??;
    }
    Ok(())
}

fn in_child(client: &PrefectClient, other: &AsyncPrefectClient) -> i32 {
    let runtime = current_thread();
    for result in [
        client.hello(),
        runtime.block_on(other.hello()),
        client.hello(),
    ] {
        if let Err(error) = result {
            eprintln!("{error:?}");
            return 1;
        }
    }
    0
}

static BLOCKING: OnceLock<PrefectClient> = OnceLock::new();
static ASYNC: OnceLock<(AsyncPrefectClient, Runtime)> = OnceLock::new();
static CALLED_AT_THE_END: AtomicBool = AtomicBool::new(false);

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

/// Makes a call when its thread ends.
struct Last(
    PrefectClient,
    #[expect(dead_code, reason = "it is dropped, that is all")] AsyncPrefectClient,
);

impl Drop for Last {
    fn drop(&mut self) {
        CALLED_AT_THE_END.store(self.0.health_check().is_ok(), Ordering::SeqCst);
    }
}

/// Ends while calls are in flight on other threads, with clients in statics and in this thread's locals.
fn exit_with_calls(url: &str) -> Outcome {
    let client = BLOCKING.get_or_init(|| blocking(config(url)));
    let (other, runtime) = ASYNC.get_or_init(|| (asynchronous(config(url)), multi_thread()));
    runtime.block_on(other.health_check())?;
    let remember = || LAST.set(Some(Last(client.clone(), other.clone())));
    let ended = thread::spawn(remember).join();
    ended.map_err(|_| "a thread-local's destructor panicked")?;
    must(CALLED_AT_THE_END.load(Ordering::SeqCst), || {
        "the last call failed".to_owned()
    })?;
    remember();
    // The server never answers these.
    thread::spawn(|| client.hello());
    runtime.spawn(other.hello());
    thread::sleep(Duration::from_millis(100));
    Ok(())
}
