//! What is of the other face does not compile, and the compiler's words name the way out. Asked of the compiler itself, with the
//! library that this test stands on: only our own words are compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TASKS: &str = r"
use prefect_sdk::flows::{AsyncFlowRun, FlowRun};
use prefect_sdk::tasks::{AsyncTaskRun, TaskRun};
use prefect_sdk::{flow, task};

#[task]
fn blocks(_: &TaskRun) -> Result<u32, String> { Ok(1) }

#[task]
async fn waits(_: &AsyncTaskRun) -> Result<u32, String> { Ok(1) }

#[flow]
fn blocking_flow(_: &FlowRun) -> Result<u32, String> { Ok(1) }

#[flow]
async fn async_flow(_: &AsyncFlowRun) -> Result<u32, String> { Ok(1) }
";

const TOGETHER: &str = r"
#[flow]
async fn outer(run: &AsyncFlowRun) -> Result<u32, String> {
    let submitted = blocks::asubmit(run).await.unwrap_or(0);
    Ok(blocks::acall(run).await.unwrap_or(0) + blocking_flow::acall(run).await.unwrap_or(0) + submitted)
}
";

const WRONG: [(&str, &str, &[&str]); 4] = [
    (
        "fn",
        "let _ = waits::call(run)",
        &[
            "a flow or task of this face can't be called with `prefect_sdk::flows::FlowRun`",
            "make what calls it an `async fn`, or itself a plain `fn`",
        ],
    ),
    (
        "fn",
        "let _ = async_flow::call(run)",
        &["make what calls it an `async fn`, or itself a plain `fn`"],
    ),
    (
        "async fn",
        "let _ = blocks::call(run)",
        &["in an async one it is called by `acall`, a task also by `asubmit` or `amap`"],
    ),
    (
        "async fn",
        "let _ = blocking_flow::call(run)",
        &["in an async one it is called by `acall`"],
    ),
];

/// What the compiler says of that program, and whether it takes it.
fn compiled(room: &Path, library: &Path, program: &str) -> (bool, String) {
    let source = room.join("mixed.rs");
    fs::write(&source, format!("#![crate_type = \"lib\"]{TASKS}{program}")).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc)
        .args(["--edition", "2024", "--emit", "metadata", "--out-dir"])
        .arg(room)
        .arg("--extern")
        .arg(format!("prefect_sdk={}", library.display()))
        .arg("-L")
        .arg(format!(
            "dependency={}",
            library.parent().unwrap().display()
        ))
        .arg(source)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&said.stderr).into_owned();
    (said.status.success(), text)
}

/// The libraries that stand beside this program, the newest first: there may be some of other features.
fn libraries() -> Vec<PathBuf> {
    let program = std::env::current_exe().unwrap();
    let beside = fs::read_dir(program.parent().unwrap()).unwrap();
    let is_library = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libprefect_sdk-") && name.ends_with(".rlib")
    };
    let paths = beside.map(|entry| entry.unwrap().path());
    let mut libraries: Vec<_> = paths.filter(is_library).collect();
    libraries
        .sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).unwrap().modified().unwrap()));
    libraries
}

#[test]
fn what_is_of_the_other_face_does_not_compile_and_is_told_how_it_would() {
    let room = std::env::temp_dir().join(format!("prefect-sdk-mixed-{}", std::process::id()));
    fs::create_dir_all(&room).unwrap();
    let mut said = String::new();
    let library = libraries().into_iter().find(|library| {
        let (compiles, text) = compiled(&room, library, TOGETHER);
        said = text;
        compiles
    });
    let library = library.unwrap_or_else(|| panic!("nothing compiles: {said}"));
    for (function, call, expected) in WRONG {
        let run = if function == "fn" {
            "FlowRun"
        } else {
            "AsyncFlowRun"
        };
        let program = format!(
            "#[flow] {function} outer(run: &{run}) -> Result<u32, String> {{ {call}; Ok(1) }}"
        );
        let (compiles, text) = compiled(&room, &library, &program);
        assert!(!compiles, "{program}");
        // The compiler breaks no lines, but may show types by shorter paths.
        let text = text.replace("`FlowRun`", "`prefect_sdk::flows::FlowRun`");
        for expected in expected {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
    fs::remove_dir_all(&room).unwrap();
}
