//! The tasks of this repository that Cargo alone cannot do: `cargo xtask help` lists them.

mod bench;
mod bindings;
mod calls;
mod compile;
mod decode;
mod demo;
mod digest;
mod emulators;
mod engine;
mod hostile;
mod measure;
mod msrv;
mod packages;
mod partner;
mod process;
mod python;
mod release;
mod report;
mod semver;
mod serve;
mod server;
mod soak;
mod spec;
mod storage;
mod table;
mod test;
mod versions;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use lexopt::prelude::*;

use crate::workspace::Workspace;

const HELP: &str = "\
Usage: cargo xtask <task>

  spec [--prefect X.Y.Z]   write spec/ from the pinned prefect package, or from that release, with the packages of its day
  versions [X.Y.Z …]       the client for other releases, 3.4.0 to 3.9.1 unless named, and the SDK from 3.6.17 on; not part of the tests
  semver                   what diptych diff says of changes, beside cargo-semver-checks; not part of the tests
  server                   run the pinned server until Ctrl-C
  demo                     start the server, regenerate the bindings, run the quickstart and a flow against it
  test                     every check that a change must pass
  msrv                     check the packages with the oldest Rust that they promise
  release --dry-run        every check that a release must pass
  bench compile            processor time to check prefect-client, beside progenitor's client and one of a single tag
  bench generate           processor time and memory to generate the bindings
  bench hostile            the same for descriptions of 10 MB that mean harm, which have bounds
  bench calls              processor time of a call, beside other clients; a few minutes
  bench plot               the pictures of that in benches/pictures/
  bench engine             processor time of a task run and a flow run, beside Python's engine; minutes
  bench serve              processor time of a served run, and how late it begins, beside Python's serve; minutes
  bench decode             processor time to read a page of 200 flow runs, beside serde's derive
  bench storage            processor time and memory to keep files and results, beside Python's blocks; some minutes
  emulators                the storages of Azure and Google against emulators of them, and shares against Samba, beside Python's blocks; needs npm's registry and Debian's
  soak runner|cancel|task-worker|workers|engine [COUNT]
                           many runs at once, cancelled, or killed, against a server of its own; minutes to an hour
  soak kill                what becomes of runs whose runner, process or server is killed

PYTHON names the interpreter for the server's environment; the default is python3.
";

enum Task {
    Help,
    Spec {
        prefect: Option<String>,
    },
    Versions(Vec<String>),
    Semver,
    Server,
    Demo,
    Test,
    Msrv,
    ReleaseRehearsal,
    BenchCompile,
    BenchGenerate,
    BenchHostile,
    BenchCalls,
    BenchEngine,
    BenchServe,
    BenchDecode,
    BenchStorage,
    BenchPlot,
    Emulators,
    Soak(soak::Soak),
    Measure {
        report: OsString,
        command: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let task = match parse(lexopt::Parser::from_env()) {
        Ok(task) => task,
        Err(error) => {
            eprintln!("error: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match (perform(task), process::interrupted()) {
        (Ok(code), _) => code,
        (Err(_), Some(signal)) => {
            eprintln!("stopped by signal {signal}");
            ExitCode::from(128_u8.wrapping_add(signal))
        }
        (Err(error), None) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    match task {
        Task::Help => print!("{HELP}"),
        Task::Measure { report, command } => return measure::report_usage(&report, &command),
        Task::Spec { prefect } => spec::run(&prepare()?, prefect.as_deref())?,
        Task::Versions(releases) => versions::check(&prepare()?, &releases)?,
        Task::Semver => semver::compare(&prepare()?)?,
        Task::Server => server::run(&prepare()?)?,
        Task::Demo => demo::run(&prepare()?)?,
        Task::Test => test::run(&prepare()?)?,
        Task::Msrv => msrv::check(&prepare()?)?,
        Task::ReleaseRehearsal => release::rehearse(&prepare()?)?,
        Task::BenchCompile => compile::measure(&prepare()?)?,
        Task::BenchGenerate => bench::generate(&prepare()?)?,
        Task::BenchHostile => hostile::measure(&prepare()?)?,
        Task::BenchCalls => calls::measure(&prepare()?)?,
        Task::BenchEngine => engine::measure(&prepare()?)?,
        Task::BenchServe => serve::measure(&prepare()?)?,
        Task::BenchDecode => decode::measure(&prepare()?)?,
        Task::BenchStorage => storage::measure(&prepare()?)?,
        Task::BenchPlot => bench::plot(&prepare()?)?,
        Task::Emulators => emulators::check(&prepare()?)?,
        Task::Soak(soak) => soak.run(&prepare()?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn prepare() -> Result<Workspace> {
    process::watch_signals()?;
    Workspace::load()
}

fn parse(mut args: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let task = match args.next()? {
        None | Some(Short('h') | Long("help")) => Task::Help,
        Some(Value(name)) => match name.string()?.as_str() {
            "help" => Task::Help,
            "spec" => Task::Spec {
                prefect: parse_version(&mut args)?,
            },
            "versions" => return parse_releases(&mut args),
            "semver" => Task::Semver,
            "server" => Task::Server,
            "demo" => Task::Demo,
            "test" => Task::Test,
            "msrv" => Task::Msrv,
            "release" => parse_release(&mut args)?,
            "bench" => parse_bench(&mut args)?,
            "emulators" => Task::Emulators,
            "soak" => return parse_soak(&mut args),
            measure::TASK => {
                let report = args.value()?;
                return Ok(Task::Measure {
                    report,
                    command: args.raw_args()?.collect(),
                });
            }
            other => return Err(format!("there is no task `{other}`").into()),
        },
        Some(other) => return Err(other.unexpected()),
    };
    match args.next()? {
        None => Ok(task),
        Some(Short('h') | Long("help")) => Ok(Task::Help),
        Some(other) => Err(other.unexpected()),
    }
}

fn parse_version(args: &mut lexopt::Parser) -> Result<Option<String>, lexopt::Error> {
    match args.next()? {
        None => Ok(None),
        Some(Long("prefect")) => Ok(Some(checked_version(args.value()?.string()?)?)),
        Some(other) => Err(other.unexpected()),
    }
}

fn parse_releases(args: &mut lexopt::Parser) -> Result<Task, lexopt::Error> {
    let mut releases = Vec::new();
    while let Some(next) = args.next()? {
        match next {
            Value(version) => releases.push(checked_version(version.string()?)?),
            Short('h') | Long("help") => return Ok(Task::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Task::Versions(releases))
}

fn checked_version(version: String) -> Result<String, lexopt::Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '.';
    if version.starts_with(|c: char| c.is_ascii_digit()) && version.chars().all(plain) {
        Ok(version)
    } else {
        Err(format!("`{version}` is not a version such as 3.8.8").into())
    }
}

fn parse_release(args: &mut lexopt::Parser) -> Result<Task, lexopt::Error> {
    match args.next()? {
        Some(Long("dry-run")) => Ok(Task::ReleaseRehearsal),
        Some(other) => Err(other.unexpected()),
        None => Err("`cargo publish --workspace` releases; this task only has --dry-run".into()),
    }
}

fn parse_bench(args: &mut lexopt::Parser) -> Result<Task, lexopt::Error> {
    match args.value()?.string()?.as_str() {
        "compile" => Ok(Task::BenchCompile),
        "generate" => Ok(Task::BenchGenerate),
        "hostile" => Ok(Task::BenchHostile),
        "calls" => Ok(Task::BenchCalls),
        "engine" => Ok(Task::BenchEngine),
        "serve" => Ok(Task::BenchServe),
        "decode" => Ok(Task::BenchDecode),
        "storage" => Ok(Task::BenchStorage),
        "plot" => Ok(Task::BenchPlot),
        other => Err(format!("there is no benchmark `{other}`").into()),
    }
}

fn parse_soak(args: &mut lexopt::Parser) -> Result<Task, lexopt::Error> {
    let name = args.value()?.string()?;
    let mut soak = soak::Soak::named(&name).ok_or(format!("there is no soak `{name}`"))?;
    match args.next()? {
        None => {}
        Some(Value(count)) => soak.count = count.parse()?,
        Some(other) => return Err(other.unexpected()),
    }
    match args.next()? {
        None => Ok(Task::Soak(soak)),
        Some(other) => Err(other.unexpected()),
    }
}
