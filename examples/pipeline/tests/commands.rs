//! What the program does by itself where it is called with `prefect`, as far as that needs no server.

use std::process::{Command, Output};

fn called(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_stations"));
    // Nobody listens there.
    program.env("PREFECT_API_URL", "http://127.0.0.1:9/api");
    program.env_remove("PREFECT__FLOW_RUN_ID").args(arguments);
    program.output().expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What it says is wrong, in one line.
fn wrong(arguments: &[&str]) -> (Option<i32>, String) {
    let output = called(arguments);
    assert_eq!(said(&output), "");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        text.starts_with("error: ") && text.lines().count() == 1,
        "{text}"
    );
    (output.status.code(), text)
}

#[test]
fn other_arguments_are_the_program_s_own() {
    for arguments in [&[][..], &["other", "prefect"], &["prefects"]] {
        let output = called(arguments);
        assert!(output.status.success() && said(&output).starts_with("This program"));
    }
}

#[test]
fn flows_are_listed_with_their_parameters() {
    let listed = said(&called(&["prefect", "list"]));
    let expected = "stations: Sums up what weather stations measured.\n    input: string, required\n    \
                    output: string = \"report.csv\"\n    seconds: integer = 0\n";
    assert_eq!(listed, expected);
}

#[test]
fn help_explains() {
    let help = said(&called(&["prefect", "--help"]));
    for command in [
        "list",
        "run",
        "serve",
        "deploy",
        "visualize",
        "PREFECT_API_URL",
    ] {
        assert!(help.contains(command), "{help}");
    }
    assert!(help.contains("stations prefect <COMMAND>"), "{help}");
    assert!(said(&called(&["prefect", "deploy", "--help"])).contains("--pool"));
    assert_eq!(called(&["prefect"]).status.code(), Some(2));
}

#[test]
fn a_flow_is_drawn() {
    let drawn = said(&called(&[
        "prefect",
        "visualize",
        "stations",
        "-p",
        "input=no such file",
    ]));
    for line in ["\"read-0\"", "\"sum_up-1\"", "\"sum_up-0\" -> \"write-0\""] {
        assert!(drawn.contains(line), "{drawn}");
    }
    let arguments = [
        "prefect",
        "visualize",
        "stations",
        "-p",
        "input=x",
        "--format",
        "mermaid",
    ];
    assert!(said(&called(&arguments)).starts_with("flowchart TD\n"));
}

#[test]
fn what_can_not_be_meant_is_said_before_anything_is_asked() {
    let refused = |arguments: &[&str], words: &str| {
        let (code, text) = wrong(&[&["prefect"], arguments].concat());
        assert!(code == Some(2) && text.contains(words), "{text}");
    };
    refused(&["walk"], "walk");
    refused(&["run", "rivers"], "no flow `rivers` here, but `stations`");
    refused(&["run", "stations"], "needs `input`");
    refused(
        &["run", "stations", "-p", "input"],
        "`input` is no parameter",
    );
    refused(
        &["run", "stations", "-p", "input=a", "-p", "second=1"],
        "no parameter `second`: it has `input`",
    );
    refused(
        &["run", "stations", "-p", "input=a", "-p", "seconds=soon"],
        "seconds: invalid type",
    );
    refused(&["serve", "rivers"], "no flow `rivers`");
    refused(
        &["serve", "--timezone", "Europe/Berlin"],
        "`--cron` or `--interval`",
    );
    refused(
        &["serve", "--cron", "* * * * *", "--interval", "5"],
        "--interval",
    );
    refused(&["deploy"], "--pool");
}

#[test]
fn a_server_that_is_not_there_is_an_error() {
    // Nothing is said to be served before it is.
    for arguments in [
        &["prefect", "run", "stations", "-p", "input=a"][..],
        &["prefect", "serve", "stations"],
    ] {
        let (code, text) = wrong(arguments);
        assert!(code == Some(1) && text.contains("127.0.0.1:9"), "{text}");
    }
}
