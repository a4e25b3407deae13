//! The client and the SDK for other releases of Prefect than the pinned one, each without an edit by hand.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process::{capture, interrupted, run};
use crate::spec;
use crate::table;
use crate::workspace::Workspace;

/// The first and the last of each minor release, and those between which the description changed its form.
const RELEASES: &[&str] = &[
    "3.4.0", "3.4.25", "3.5.0", "3.6.0", "3.6.16", "3.6.17", "3.6.29", "3.7.0", "3.7.8", "3.8.0",
    "3.8.8", "3.9.0", "3.9.1",
];

/// Servers before it lack what the SDK uses.
const OLDEST_FOR_SDK: [u32; 3] = [3, 6, 17];
/// Servers before it have no default result storage, which the results of the SDK ask for.
const OLDEST_FOR_RESULTS: [u32; 3] = [3, 7, 0];
const WITHOUT_RESULTS: &[&str] = &[
    "--no-default-features",
    "--features",
    "blocking,async,rustls,notifications,filesystems",
];

const HEAD: [&str; 5] = [
    "release",
    "operations",
    "choices passed over",
    "client",
    "SDK",
];

/// Tries each release in a copy of what is committed, and prints what became of it.
pub(crate) fn check(workspace: &Workspace, releases: &[String]) -> Result<()> {
    let copy = Copy::make(workspace)?;
    let all: Vec<String> = RELEASES.iter().map(|&release| release.to_owned()).collect();
    let releases = if releases.is_empty() { &all } else { releases };
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for release in releases {
        ensure!(interrupted().is_none(), "stopped");
        let outcome = copy.try_release(release);
        let tried = outcome.unwrap_or_else(|error| Tried::broken(&error));
        if !tried.is_good {
            failed.push(release.as_str());
        }
        rows.push(tried.row(release));
    }
    println!("{}", table::render(&HEAD, &rows));
    ensure!(failed.is_empty(), "not whole: {}", failed.join(", "));
    Ok(())
}

/// What is committed, below `target/versions/`. All releases share what is compiled.
struct Copy {
    workspace: Workspace,
    compiled: PathBuf,
}

struct Tried {
    cells: [String; 4],
    is_good: bool,
}

impl Tried {
    fn broken(error: &anyhow::Error) -> Self {
        eprintln!("error: {error:#}");
        Self {
            cells: ["", "", "no", ""].map(str::to_owned),
            is_good: false,
        }
    }

    fn row(self, release: &str) -> [String; 5] {
        let [operations, passed_over, client, sdk] = self.cells;
        [release.to_owned(), operations, passed_over, client, sdk]
    }
}

impl Copy {
    fn make(workspace: &Workspace) -> Result<Self> {
        let home = workspace.target.join("versions");
        let root = home.join("tree");
        if root.exists() {
            fs::remove_dir_all(&root)
                .with_context(|| format!("cannot remove {}", root.display()))?;
        }
        let mut git = Command::new("git");
        git.args(["clone", "--quiet", "--shared"]);
        capture(git.arg(&workspace.root).arg(&root))?;
        let workspace = Workspace {
            root,
            target: workspace.target.clone(),
            packages: Vec::new(),
        };
        let compiled = home.join("target");
        Ok(Self {
            workspace,
            compiled,
        })
    }

    fn try_release(&self, release: &str) -> Result<Tried> {
        let mut git = Command::new("git");
        git.current_dir(&self.workspace.root);
        capture(git.args(["checkout", "--quiet", "."]))?;
        spec::run(&self.workspace, Some(release))?;
        let description = spec::document_path(&self.workspace)?;
        let text = fs::read(&description)?;
        let operations = count(&serde_json::from_slice(&text)?);
        let mut generate = self.cargo("run --quiet --package diptych -- generate --out generated");
        let told = capture(generate.arg(&description))?;
        let warnings = String::from_utf8_lossy(&told.stderr).into_owned();
        let passed_over = warnings.matches("passed over").count();
        run(&mut self.cargo("check --package prefect-client --features testing"))?;
        let number = number(release);
        let (sdk, is_good) = if number < OLDEST_FOR_SDK {
            ("too old", true)
        } else {
            let mut check = self.cargo("check --package prefect-sdk");
            if number < OLDEST_FOR_RESULTS {
                check.args(WITHOUT_RESULTS);
            }
            match (run(&mut check), number < OLDEST_FOR_RESULTS) {
                (Ok(()), false) => ("yes", true),
                (Ok(()), true) => ("without results", true),
                (Err(_), _) => ("no", false),
            }
        };
        let cells = [
            operations.to_string(),
            passed_over.to_string(),
            "yes".to_owned(),
            sdk.to_owned(),
        ];
        Ok(Tried { cells, is_good })
    }

    fn cargo(&self, line: &str) -> Command {
        let mut cargo = self.workspace.cargo();
        cargo
            .args(line.split_whitespace())
            .env("CARGO_TARGET_DIR", &self.compiled);
        cargo
    }
}

fn count(description: &Value) -> usize {
    const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];
    let paths = description["paths"].as_object();
    let of_path = |path: &Value| {
        METHODS
            .iter()
            .filter(|&&method| path.get(method).is_some())
            .count()
    };
    paths.map_or(0, |paths| paths.values().map(of_path).sum())
}

/// The numbers of a release, so that 3.10 comes after 3.9.
fn number(release: &str) -> [u32; 3] {
    let mut parts = release.split('.').map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn releases_are_compared_by_their_numbers() {
        assert!(number("3.10.0") > number("3.9.1"));
        assert!(number("3.6.17") >= OLDEST_FOR_SDK);
        assert_eq!(number("3.7"), [3, 7, 0]);
    }

    #[test]
    fn operations_are_counted_by_method() {
        let description = json!({"paths": {"/a": {"get": {}, "post": {}, "parameters": []}, "/b": {"delete": {}}}});
        assert_eq!(count(&description), 3);
    }
}
