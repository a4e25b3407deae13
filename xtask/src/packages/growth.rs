//! A later release of the server breaks nobody: users' code compiles unchanged against the client of a description that
//! has grown, and so does the SDK.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::put;
use crate::process::run;
use crate::workspace::Workspace;

#[expect(
    unreachable_pub,
    reason = "the tests' library, whose file it is, makes it public"
)]
#[path = "../../../tests/conformance/src/grown.rs"]
mod grown;

/// The package of the users' code.
pub(super) const USERS: &str = "users";

/// Where users' code stands, and a name for its module.
const SOURCES: [(&str, &str); 3] = [
    ("README.md", "client"),
    ("sdk/README.md", "sdk"),
    ("examples/quickstart.rs", "quickstart"),
];

/// Writes the package of the users' code.
pub(super) fn write(workspace: &Workspace, folder: &Path) -> Result<()> {
    let home = folder.join(USERS);
    put(&home.join("Cargo.toml"), MANIFEST)?;
    let mut library = String::new();
    for (path, name) in SOURCES {
        let source = workspace.root.join(path);
        let text = fs::read_to_string(&source)
            .with_context(|| format!("cannot read {}", source.display()))?;
        let is_markdown = source.extension().is_some_and(|end| end == "md");
        let code = if is_markdown { functions(&text) } else { text };
        put(&home.join(format!("src/{name}.rs")), &code)?;
        let _ = writeln!(library, "pub mod {name};");
    }
    put(&home.join("src/lib.rs"), &library)
}

/// Writes the client anew, below everything that was checked with the client as it is, and checks all of it.
pub(super) fn verify(workspace: &Workspace, folder: &Path, client: &str) -> Result<()> {
    let description = description(workspace)?;
    let grown = folder.join("grown.json");
    put(&grown, &grown::grown(&description)?)?;
    // As the tests have built it, with the features of all.
    let mut build = workspace.cargo();
    run(build.args(["build", "--workspace", "--all-features", "--bin", "diptych"]))?;
    let mut generate = Command::new(workspace.target.join("debug/diptych"));
    generate.arg("generate").arg(&grown);
    generate
        .arg("--config")
        .arg(workspace.spec().join("diptych.toml"));
    generate
        .arg("--out")
        .arg(folder.join(client).join("generated"));
    run(&mut generate)?;
    let mut check = workspace.cargo();
    check.current_dir(folder);
    check.env("CARGO_TARGET_DIR", &workspace.target);
    run(check.args(["check", "--workspace"]))
}

const MANIFEST: &str = r#"[package]
name = "users"
edition = "2024"

[lints.rust]
dead_code = "allow"
unused_variables = "allow"

[dependencies]
prefect-client = "*"
prefect-sdk = { version = "*", features = ["tracing-layer"] }
futures-util = { version = "0.3", default-features = false, features = ["std"] }
tokio = { version = "1", default-features = false, features = ["rt", "time"] }
serde = { version = "1", features = ["derive"] }
tracing = { version = "0.1", default-features = false }
tracing-subscriber = { version = "0.3", default-features = false, features = ["registry"] }
uuid = "1"
"#;

fn description(workspace: &Workspace) -> Result<String> {
    let spec = workspace.spec();
    let mut found = fs::read_dir(&spec)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "json"));
    let path = found.next().context("spec/ holds no description")?;
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Each block of Rust in a page as a function, with the lines that its readers do not see.
fn functions(page: &str) -> String {
    let mut out = String::new();
    let mut number = 0;
    let mut is_inside = false;
    for line in page.lines() {
        if is_inside && line == "```" {
            out.push_str("    Ok(())\n}\n");
            is_inside = false;
        } else if is_inside {
            out.push_str(line.strip_prefix("# ").unwrap_or(line));
            out.push('\n');
        } else if line.starts_with("```rust") {
            number += 1;
            let result = "Result<(), Box<dyn std::error::Error>>";
            let _ = writeln!(out, "pub fn block_{number}() -> {result} {{");
            is_inside = true;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::functions;

    #[test]
    fn each_block_is_a_function() {
        let page = "a\n```rust,no_run\nuse b::C;\n# let d = 1;\n```\n```sh\ne\n```\n";
        let expected = "pub fn block_1() -> Result<(), Box<dyn std::error::Error>> {\nuse b::C;\nlet d = 1;\n    Ok(())\n}\n";
        assert_eq!(functions(page), expected);
    }
}
