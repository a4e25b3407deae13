//! What the generator does with descriptions that mean it harm: each of ten megabytes ends, in files or in an error, within
//! bounds of time and memory.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::bench;
use crate::measure::{Usage, measured};
use crate::process::run;
use crate::table;
use crate::workspace::Workspace;

/// How long a description is, in bytes.
const LENGTH: usize = 10_000_000;

/// What may be taken for it, of a processor and of memory.
const MOST_S: f64 = 10.0;
const MOST_KB: u64 = 2 << 20;

/// Fails where a description takes more.
pub(crate) fn measure(workspace: &Workspace) -> Result<()> {
    // As `bench generate` builds it.
    let features = ["--features", "reference"];
    run(workspace
        .cargo()
        .args(["build", "--release", "-p", "diptych"])
        .args(features))?;
    let diptych = workspace.target.join("release/diptych");
    let scratch = workspace.scratch()?;
    let (mut rows, mut list, mut exceeded) = (Vec::new(), Vec::new(), Vec::new());
    for (name, end, make) in DESCRIPTIONS {
        let path = scratch.path().join(format!("{name}.{end}"));
        fs::write(&path, make())?;
        let out = scratch.path().join("out");
        // An error is an answer too; only one that says nothing is none.
        let mut command = Command::new("sh");
        command
            .args(["-c", r#""$@" > /dev/null 2>&1; test $? -le 2"#, "sh"])
            .arg(&diptych)
            .args(["generate", "--out"])
            .args([&out, &path]);
        let (Usage { cpu_s, peak_kb }, _) = measured(workspace, &command)?;
        if cpu_s > MOST_S || peak_kb > MOST_KB {
            exceeded.push(*name);
        }
        let became = if out.is_dir() { "files" } else { "an error" };
        rows.push([
            (*name).to_owned(),
            became.to_owned(),
            format!("{cpu_s:.2}"),
            (peak_kb >> 10).to_string(),
        ]);
        list.push(json!({ "name": name, "cpu_s": cpu_s, "peak_kb": peak_kb }));
        let _ = fs::remove_dir_all(&out);
        fs::remove_file(&path)?;
    }
    let titles = ["10 MB of", "end in", "cpu s", "peak MB"];
    println!("\n{}", table::render(&titles, &rows));
    bench::write(workspace, "hostile.json", &Value::Array(list))?;
    if !exceeded.is_empty() {
        bail!("more than {MOST_S} s or 2 GiB: {}", exceeded.join(", "));
    }
    Ok(())
}

/// What it is full of, how it is written, and what writes it.
type Description = (&'static str, &'static str, fn() -> String);

const DESCRIPTIONS: &[Description] = &[
    ("nested-lists", "json", nested_lists),
    ("nested-flow", "yaml", nested_flow),
    ("nested-schemas", "json", nested_schemas),
    ("alias-bomb", "yaml", alias_bomb),
    ("aliases", "yaml", aliases),
    ("circles", "json", circles),
    ("chain", "json", chain),
    ("bases", "json", bases),
    ("references", "json", references),
    ("long-text", "json", long_text),
    ("long-name", "json", long_name),
    ("enum", "json", enumeration),
    ("union", "json", union),
    ("properties", "json", properties),
    ("parameters", "json", parameters),
    ("operations", "json", operations),
    ("tags", "json", tags),
    ("problems", "json", problems),
];

/// As many items as fit.
fn filled(each: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(LENGTH + 1_000);
    let mut index = 0;
    while text.len() < LENGTH {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&each(index));
        index += 1;
    }
    text
}

const INFO: &str = r#""openapi":"3.1.0","info":{"title":"Hostile","version":"1"}"#;

fn with_schemas(schemas: &str) -> String {
    let uses = r##""paths":{"/a":{"get":{"operationId":"a","responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/A0"}}}}}}}}"##;
    format!(r#"{{{INFO},{uses},"components":{{"schemas":{{{schemas}}}}}}}"#)
}

fn with_paths(paths: &str) -> String {
    format!(r#"{{{INFO},"paths":{{{paths}}}}}"#)
}

fn nested_lists() -> String {
    let half = LENGTH / 2;
    format!("{}{}", "[".repeat(half), "]".repeat(half))
}

fn nested_flow() -> String {
    format!("openapi: 3.1.0\npaths: {}", "[".repeat(LENGTH))
}

/// Each as deep as JSON may be.
fn nested_schemas() -> String {
    let (begin, end) = (r#"{"type":"array","items":"#.repeat(100), "}".repeat(100));
    with_schemas(&filled(|index| format!(r#""A{index}":{begin}{{}}{end}"#)))
}

fn alias_bomb() -> String {
    let mut text = String::from("openapi: 3.1.0\nx-a0: &a0 [1]\n");
    for index in 1..1_000 {
        // Writing to a string can't fail.
        let aliases = vec![format!("*a{}", index - 1); 9].join(", ");
        let _ = writeln!(text, "x-a{index}: &a{index} [{aliases}]");
    }
    text.push_str(&"# more of it\n".repeat((LENGTH - text.len()) / 13));
    text
}

fn aliases() -> String {
    let mut text = String::from("openapi: 3.1.0\nx-a: &a {b: [c, d, e, f]}\npaths:\n");
    let mut index = 0;
    while text.len() < LENGTH {
        let _ = writeln!(text, "  /{index}: *a");
        index += 1;
    }
    text
}

fn reference(index: usize) -> String {
    format!(r##"{{"$ref":"#/components/schemas/A{index}"}}"##)
}

fn circles() -> String {
    with_schemas(&filled(|index| {
        let back = reference(index ^ 1);
        format!(r#""A{index}":{{"type":"object","properties":{{"next":{back}}}}}"#)
    }))
}

fn chain() -> String {
    with_schemas(&filled(|index| {
        let next = reference(index + 1);
        format!(r#""A{index}":{{"type":"array","items":{next}}}"#)
    }))
}

fn bases() -> String {
    with_schemas(&filled(|index| {
        let next = reference(index + 1);
        format!(r#""A{index}":{{"allOf":[{next},{next}],"required":["a"]}}"#)
    }))
}

fn references() -> String {
    let items = filled(|index| format!(r#""p{index}":{}"#, reference(0)));
    with_schemas(&format!(
        r#""A0":{{"type":"string"}},"A1":{{"properties":{{{items}}}}}"#
    ))
}

fn long_text() -> String {
    let text = "a [b](c) `d` <e> ".repeat(LENGTH / 17);
    with_schemas(&format!(
        r#""A0":{{"description":"{text}","properties":{{"a":{{}}}}}}"#
    ))
}

fn long_name() -> String {
    let name = "aB".repeat(LENGTH / 2);
    with_schemas(&format!(r#""A0":{{"properties":{{"{name}":{{}}}}}}"#))
}

fn enumeration() -> String {
    let values = filled(|index| format!(r#""v{index}""#));
    with_schemas(&format!(r#""A0":{{"type":"string","enum":[{values}]}}"#))
}

fn union() -> String {
    let branches = filled(|index| format!(r#"{{"properties":{{"p{index}":{{}}}}}}"#));
    with_schemas(&format!(r#""A0":{{"oneOf":[{branches}]}}"#))
}

fn properties() -> String {
    let all = filled(|index| format!(r#""p{index}":{{"type":"string"}}"#));
    with_schemas(&format!(r#""A0":{{"properties":{{{all}}}}}"#))
}

fn parameters() -> String {
    let all = filled(|index| format!(r#"{{"name":"p{index}","in":"query","schema":{{}}}}"#));
    with_paths(&format!(
        r#""/a":{{"get":{{"parameters":[{all}],"responses":{{}}}}}}"#
    ))
}

fn operations() -> String {
    with_paths(&filled(|index| {
        format!(r#""/a{index}":{{"get":{{"responses":{{"200":{{"description":""}}}}}}}}"#)
    }))
}

fn tags() -> String {
    with_paths(&filled(|index| {
        let padding = "a description of it ".repeat(30);
        format!(
            r#""/a{index}":{{"get":{{"tags":["t{index}"],"description":"{padding}","responses":{{}}}}}}"#
        )
    }))
}

fn problems() -> String {
    with_schemas(&filled(|index| format!(r#""A{index}":{{"type":{index}}}"#)))
}
