//! How a fault is run: through each face, with each method, on a new and on a used connection.

use std::thread;
use std::time::{Duration, Instant};

use diptych_runtime::Config;
use prefect_conformance::fault::{Caller, Ending, Face, Method, good};
use prefect_conformance::{Fallible, Findings};
use test_server::{Door, Fault, Server};

/// How much later than its deadline a call may end on a machine that is busy with everything else.
pub(crate) const SLACK: Duration = Duration::from_mins(1);
pub(crate) const MAX_BODY: u64 = 1024 * 1024;

/// A fault, and how a call ends that meets it.
pub(crate) struct Scenario {
    name: String,
    fault: Fault,
    ending: Ending,
}

/// One call that meets a fault, and one after it.
#[derive(Clone, Copy, Debug)]
struct Run {
    face: Face,
    method: Method,
    /// Whether the fault meets a connection that has been used already.
    reused: bool,
}

pub(crate) fn scenario(name: String, fault: Fault, ending: Ending) -> Scenario {
    Scenario {
        name,
        fault,
        ending,
    }
}

pub(crate) fn all_end_with<const N: usize>(
    ending: &Ending,
    faults: [(impl Into<String>, Fault); N],
) -> Vec<Scenario> {
    let scenarios = faults.map(|(name, fault)| scenario(name.into(), fault, ending.clone()));
    scenarios.into()
}

/// Runs all scenarios side by side, each through each face and method, on a new and on a used connection.
pub(crate) fn run(scenarios: &[Scenario], deadline: Duration) {
    let mut findings = Findings::default();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for scenario in scenarios {
            for face in Face::ALL {
                threads.push(scope.spawn(move || problems(scenario, face, deadline)));
            }
        }
        for thread in threads {
            for problem in thread.join().expect("a run that ends") {
                findings.check(false, || problem);
            }
        }
    });
    findings.none();
}

fn problems(scenario: &Scenario, face: Face, deadline: Duration) -> Vec<String> {
    let mut problems = Vec::new();
    for method in [Method::Get, Method::Post] {
        for reused in [false, true] {
            let run = Run {
                face,
                method,
                reused,
            };
            let problem = match one(scenario, run, deadline) {
                Ok(problem) => problem,
                Err(error) => Some(format!("the test itself: {error}")),
            };
            problems
                .extend(problem.map(|problem| format!("{}, {run:?}: {problem}", scenario.name)));
        }
    }
    problems
}

fn one(scenario: &Scenario, run: Run, deadline: Duration) -> Fallible<Option<String>> {
    let good = Fault::Whole(good());
    let script = [good.clone(), scenario.fault.clone(), good];
    let server = Server::start(
        Door::Open,
        script.into_iter().skip(usize::from(!run.reused)),
    )?;
    let caller = caller(run.face, &server.url(), deadline)?;
    if run.reused {
        caller.call(run.method, "before")?;
    }
    let start = Instant::now();
    let result = caller.call(run.method, "meets it");
    let ending = Ending::of(&result);
    if ending != scenario.ending {
        return Ok(Some(format!("ended with {ending:?}: {result:?}")));
    }
    if start.elapsed() > deadline + SLACK {
        return Ok(Some(format!("ended after {:?}", start.elapsed())));
    }
    if let Err(error) = caller.call(run.method, "after") {
        return Ok(Some(format!("the next call: {error:?}")));
    }
    let seen = server.seen();
    // On a runtime with threads of its own a connection may come back to the pool a moment after its answer.
    let used_again = !run.reused
        || run.face == Face::MultiThread
        || seen.iter().take(2).all(|seen| seen.connection == 1);
    let expected = if run.reused { 3 } else { 2 };
    Ok((seen.len() != expected || !used_again).then(|| format!("the server saw {seen:?}")))
}

/// A client that tries nothing again, and asks the server nothing on its own.
pub(crate) fn caller(face: Face, url: &str, deadline: Duration) -> Fallible<Caller> {
    let config = Config::new(url)?.timeout(deadline).max_body(MAX_BODY);
    Caller::new(face, config)
}
