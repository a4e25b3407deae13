//! What the compiler must say: hazards 21 and 28; and that each hazard has a test.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use prefect_client::models::{Flow, FlowCreate};
use prefect_client::requests::ReadFlows;
use prefect_client::{
    AsyncPrefectClient, Call, Config, Error, PrefectClient, PrefectSession, Secret,
};
use uuid::Uuid;

/// Compiles a program that uses the client, against the library that this test was linked with, and gives what the
/// compiler says.
struct Compiler {
    library: PathBuf,
}

impl Compiler {
    /// Several builds of the client may lie beside this test: one that an honest program compiles with.
    fn new() -> Self {
        let test = std::env::current_exe().unwrap();
        let folder = test.parent().unwrap();
        let mut libraries: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| is_client(path))
            .collect();
        libraries.sort_by_key(|path| fs::metadata(path).and_then(|it| it.modified()).ok());
        let compilers = libraries.into_iter().rev().map(|library| Self { library });
        let mut said = Vec::new();
        for compiler in compilers {
            match compiler.compile(HONEST) {
                Ok(()) => return compiler,
                Err(reason) => said.push(reason),
            }
        }
        panic!("no library in {} can be used: {said:?}", folder.display());
    }

    fn compile(&self, body: &str) -> Result<(), String> {
        let out = tempfile::tempdir().unwrap();
        let source = out.path().join("program.rs");
        fs::write(&source, format!("{HEAD}{body}}}\n")).unwrap();
        let library = format!("prefect_client={}", self.library.display());
        let dependencies = format!("dependency={}", self.library.parent().unwrap().display());
        let output = Command::new("rustc")
            .args(["--edition=2024", "--crate-type=lib", "--emit=metadata"])
            .args(["--extern", &library, "-L", &dependencies, "--out-dir"])
            .arg(out.path())
            .arg(&source)
            .output()
            .expect("cargo has found rustc too");
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

fn is_client(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("libprefect_client-") && name.ends_with(".rlib")
}

const HEAD: &str = "#![deny(unused_must_use)]
use prefect_client::{AsyncPrefectClient, Error, PrefectClient, operations};
pub async fn program(client: AsyncPrefectClient, blocking: PrefectClient) {
";

const HONEST: &str = "
    let results: [Result<bool, Error>; 3] =
        [client.health_check().await, blocking.health_check(), blocking.execute(operations::health_check())];
    drop(results);
";

#[test]
fn hazard_21_what_is_forgotten_is_warned_about() {
    let compiler = Compiler::new();
    let forgotten = [
        (
            "client.health_check();",
            "unused implementer of `Future` that must be used",
        ),
        (
            "client.execute(operations::health_check());",
            "unused implementer of `Future` that must be used",
        ),
        (
            "operations::health_check();",
            "a call does nothing until a client executes it",
        ),
        (
            "blocking.health_check();",
            "unused `Result` that must be used",
        ),
    ];
    for (line, says) in forgotten {
        let said = compiler.compile(line).unwrap_err();
        assert!(said.contains(says), "{line} {said}");
        assert!(
            said.contains("aborting due to 1 previous error"),
            "{line} {said}"
        );
    }
}

fn may_be_shared<T: Clone + Debug + Send + Sync + Unpin + 'static>() {}

fn may_be_kept<T: Send + Sync + 'static>() {}

fn may_be_spawned<T: Future + Send + 'static>(_: &T) {}

fn may_be_sent<T: Send>(value: T) -> T {
    value
}

#[test]
fn hazard_28_clients_are_shared_and_futures_are_sent_between_threads() {
    may_be_shared::<PrefectClient>();
    may_be_shared::<AsyncPrefectClient>();
    may_be_shared::<Config>();
    may_be_shared::<Flow>();
    may_be_shared::<Secret>();
    may_be_kept::<Error>();
    may_be_kept::<PrefectSession>();
    may_be_kept::<Call<Flow>>();
    let client = AsyncPrefectClient::new("http://127.0.0.1:9/api").unwrap();
    let (flow, request) = (FlowCreate::new("etl"), ReadFlows::new());
    drop((
        may_be_sent(client.health_check()),
        may_be_sent(client.read_flow(Uuid::nil())),
        may_be_sent(client.create_flow(&flow)),
        may_be_sent(client.read_flows_with(&request)),
        may_be_sent(client.execute(prefect_client::operations::health_check())),
    ));
    // Owned by its task, a future outlives the function that made it.
    let task = async move { client.create_flow(&FlowCreate::new("etl")).await.is_ok() };
    may_be_spawned(&task);
}

/// Every file of tests below these folders of the repository.
const FOLDERS: [&str; 3] = ["runtime/src", "src", "tests"];

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_hazard_has_a_test_by_its_number() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut texts = Vec::new();
    for folder in FOLDERS {
        sources(&root.join(folder), &mut texts);
    }
    let is_test = |lines: &[&str]| lines[0].trim() == "#[test]";
    let numbers: BTreeSet<u32> = texts
        .iter()
        .flat_map(|text| {
            let lines: Vec<&str> = text.lines().collect();
            let pairs = lines.windows(2).filter(|pair| is_test(pair));
            let names = pairs.filter_map(|pair| pair[1].trim().strip_prefix("fn hazard_"));
            names
                .filter_map(|name| name.get(..2)?.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(numbers, (1..=28).collect());
}
