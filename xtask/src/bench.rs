//! What the generator costs, in processor time: wall time says little on a machine that is shared.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::measure::{Usage, measured, median};
use crate::process::{capture, run};
use crate::spec;
use crate::table;
use crate::workspace::Workspace;

const GENERATE_ROUNDS: usize = 5;

/// Generates the client of the document in `spec/`, and of two that are made for it, with an optimised generator; lets
/// progenitor generate its client of the first; and builds the generator from nothing.
pub(crate) fn generate(workspace: &Workspace) -> Result<()> {
    let build = Usage {
        cpu_s: built(workspace)?,
        peak_kb: 0,
    };
    run(workspace.cargo().args([
        "build",
        "--release",
        "-p",
        "diptych",
        "--features",
        "reference",
    ]))?;
    let diptych = workspace.target.join("release/diptych");
    let scratch = workspace.scratch()?;
    let mut documents = vec![(
        "prefect".to_owned(),
        spec::document_path(workspace)?,
        Some(workspace.spec().join("diptych.toml")),
    )];
    for count in SYNTHETIC {
        let name = format!("synthetic-{count}");
        let path = scratch.path().join(format!("{name}.json"));
        fs::write(&path, synthetic(count).to_string())?;
        documents.push((name, path, None));
    }
    let mut figures = Vec::new();
    for (name, document, config) in &documents {
        let operations = operations(&diptych, document)?;
        let usage = rounds(workspace, |out| {
            ours(workspace, &diptych, document, config.as_deref(), out)
        })?;
        figures.push((name.clone(), operations, usage));
    }
    let canonical = scratch.path().join("canonical.json");
    let prefect = &documents[0].1;
    fs::write(&canonical, canonical_text(&diptych, prefect)?)?;
    let theirs = rounds(workspace, |out| {
        let mut command = Command::new(&diptych);
        command.arg("reference").arg(&canonical);
        command.arg("--out").arg(out.join("client.rs"));
        command
    })?;
    let operations = figures.first().map_or(0, |(_, operations, _)| *operations);
    figures.insert(1, ("progenitor".to_owned(), operations, theirs));
    figures.push(("build".to_owned(), 0, build));
    let (mut rows, mut list) = (Vec::new(), Vec::new());
    for (name, operations, Usage { cpu_s, peak_kb }) in figures {
        let each = 1000.0 * cpu_s / f64::from(u32::try_from(operations)?);
        let shown = |is_there: bool, text: String| if is_there { text } else { String::new() };
        rows.push([
            name.clone(),
            shown(operations > 0, operations.to_string()),
            format!("{cpu_s:.2}"),
            shown(operations > 0, format!("{each:.2}")),
            shown(peak_kb > 0, peak_kb.to_string()),
        ]);
        let mut figure = json!({ "name": name, "cpu_s": cpu_s });
        if operations > 0 {
            figure["operations"] = operations.into();
            figure["peak_kb"] = peak_kb.into();
        }
        list.push(figure);
    }
    let titles = ["document", "operations", "cpu s", "cpu ms each", "peak kB"];
    println!("\n{}", table::render(&titles, &rows));
    write(workspace, "generate.json", &Value::Array(list))
}

/// Processor time of a clean build of the generator, of what it stands on too, as users build it.
fn built(workspace: &Workspace) -> Result<f64> {
    let target = workspace.scratch()?;
    let mut command = workspace.cargo();
    command
        .args(["build", "-p", "diptych", "--target-dir"])
        .arg(target.path())
        .env("CARGO_INCREMENTAL", "0");
    Ok(measured(workspace, &command)?.0.cpu_s)
}

fn ours(
    workspace: &Workspace,
    diptych: &Path,
    document: &Path,
    config: Option<&Path>,
    out: &Path,
) -> Command {
    let mut command = Command::new(diptych);
    command.current_dir(&workspace.root).arg("generate");
    if let Some(config) = config {
        command.arg("--config").arg(config);
    }
    command.arg("--out").arg(out).arg(document);
    command
}

/// The document that progenitor is given.
fn canonical_text(diptych: &Path, document: &Path) -> Result<Vec<u8>> {
    let output = capture(Command::new(diptych).arg("canonical").arg(document))?;
    Ok(output.stdout)
}

/// The median of several rounds, each into a folder of its own.
fn rounds(workspace: &Workspace, command: impl Fn(&Path) -> Command) -> Result<Usage> {
    let (mut rounds, mut folders) = (Vec::new(), Vec::new());
    for _ in 0..GENERATE_ROUNDS {
        let out = workspace.scratch()?;
        rounds.push(measured(workspace, &command(out.path()))?.0);
        // Beside thousands of files that have just been removed, ext4 takes a second more to make thousands.
        folders.push(out);
    }
    let cpu_s = median(rounds.iter().map(|usage: &Usage| usage.cpu_s).collect());
    let mut peaks: Vec<_> = rounds.iter().map(|usage| usage.peak_kb).collect();
    peaks.sort_unstable();
    Ok(Usage {
        cpu_s,
        peak_kb: peaks[GENERATE_ROUNDS / 2],
    })
}

/// How many operations the descriptions have that are made for the measurement.
const SYNTHETIC: [usize; 2] = [1_000, 10_000];

/// A description of so many operations, twenty to a tag: each with parameters, a body and an answer of its own.
fn synthetic(operations: usize) -> Value {
    let (mut paths, mut schemas) = (serde_json::Map::new(), serde_json::Map::new());
    for index in 0..operations {
        let tag = index / 20;
        let reference =
            |name: &str| json!({ "$ref": format!("#/components/schemas/{name}{index}") });
        let json = |schema: Value| json!({ "application/json": { "schema": schema } });
        let operation = json!({
            "operationId": format!("update_thing_{index}"),
            "tags": [format!("Tag {tag}")],
            "parameters": [
                { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } },
                { "name": "limit", "in": "query", "schema": { "type": "integer" } },
                { "name": "kinds", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } }
            ],
            "requestBody": { "required": true, "content": json(reference("ThingUpdate")) },
            "responses": { "200": { "description": "ok", "content": json(reference("Thing")) } }
        });
        paths.insert(
            format!("/tags/{tag}/things{index}/{{id}}"),
            json!({ "post": operation }),
        );
        let fields = json!({
            "name": { "type": "string" },
            "kind": { "type": "string", "enum": ["a", "b", "c"] },
            "labels": { "type": "object", "additionalProperties": { "type": "string" } },
            "at": { "type": "string", "format": "date-time" }
        });
        schemas.insert(
            format!("ThingUpdate{index}"),
            json!({ "type": "object", "required": ["name"], "properties": fields }),
        );
        let base = json!({ "$ref": format!("#/components/schemas/ThingUpdate{index}") });
        let own = json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } });
        schemas.insert(format!("Thing{index}"), json!({ "allOf": [base, own] }));
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Synthetic", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas }
    })
}

/// Draws what `bench calls` wrote. plotters belongs to a package of its own, so that no other task compiles it.
pub(crate) fn plot(workspace: &Workspace) -> Result<()> {
    let mut draw = workspace.cargo();
    draw.args(["run", "--quiet", "--package", "bench-plot", "--"])
        .arg(workspace.target.join("bench/calls.json"));
    run(draw.arg(workspace.root.join("benches/pictures")))
}

fn operations(diptych: &Path, document: &Path) -> Result<usize> {
    let output = capture(
        Command::new(diptych)
            .args(["inventory", "--json"])
            .arg(document),
    )?;
    let inventory: Value = serde_json::from_slice(&output.stdout)
        .context("`diptych inventory --json` gave no JSON")?;
    Ok(inventory["operations"]
        .as_array()
        .context("`diptych inventory --json` lists no operations")?
        .len())
}

/// Writes a list of figures below `target/bench/`.
pub(crate) fn write(workspace: &Workspace, name: &str, list: &Value) -> Result<()> {
    let directory = workspace.target.join("bench");
    let path = directory.join(name);
    fs::create_dir_all(&directory)
        .and_then(|()| fs::write(&path, format!("{list:#}\n")))
        .with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}
