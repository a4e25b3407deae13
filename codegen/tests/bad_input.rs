//! What is wrong with a description or its choices is said with its place, and nothing is written.

mod bad_input_cases;
mod common;

use std::fs;

use bad_input_cases::cases;
use common::{Run, folder, run};
use serde_json::{Value, json};

/// A small description with one problem: what stands at the pointer, and what the message must say about it.
#[test]
fn each_problem_is_said_with_its_place() {
    for (place, value, words) in cases() {
        let mut document = description();
        set(&mut document, place, value);
        if place == "/swagger" {
            document.as_object_mut().unwrap().remove("openapi");
            expect(
                &document.to_string(),
                "",
                "#/swagger: Swagger 2.0 is not supported",
            );
            continue;
        }
        expect(&document.to_string(), "", words);
    }
}

#[test]
fn what_is_no_description_is_said() {
    expect("{ \"openapi\": ", "", "#/: the description is not JSON");
    expect("openapi: [3", "", "#/: the description is not YAML");
    expect("", "", "#/: the description");
    expect("\u{0}\u{1}", "", "#/: the description");
    expect("[]", "", "#/: the description must be an object");
    let text = description().to_string();
    expect(
        &text[..text.len() / 2],
        "",
        "#/: the description is not JSON",
    );
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    expect(&deep, "", "#/: the description is not JSON");
    expect(&format!("a: {deep}"), "", "#/: the description is not YAML");
}

#[test]
fn choices_that_are_unknown_or_no_longer_apply_are_said() {
    let text = description().to_string();
    let client = "[client]\nblocking = \"A\"\nasynchronous = \"B\"\n";
    let wrong = |more: &str, words: &str| expect(&text, &format!("{client}{more}"), words);
    wrong("colour = 1", "diptych.toml");
    wrong("[colours]\nred = 1", "unknown field `colours`");
    wrong("[client", "diptych.toml");
    wrong(
        "[responses]\n\"GET /gone\" = \"text\"",
        "`GET /gone`, which is not in the description",
    );
    wrong("[responses]\n\"GET /a\" = \"xml\"", "unknown variant `xml`");
    for (rule, fields) in [
        ("offset", "offset = \"skip\", limit = \"take\""),
        ("number", "page = \"p\", limit = \"l\", pages = \"n\""),
        ("link", "next = \"next\", token = \"token\""),
    ] {
        wrong(
            &format!("[pages]\n{rule} = {{ {fields} }}"),
            &format!("diptych.toml has the rule `pages.{rule}`, but no operation is like it"),
        );
    }
    wrong(
        "[pages]\noffset = { offset = \"skip\" }",
        "missing field `limit`",
    );
    for dead in ["POST /gone", "POST *", "GET /a", "*"] {
        wrong(
            &format!("[repeatable]\noperations = [\"{dead}\"]"),
            &format!("calls `{dead}` repeatable"),
        );
    }
    wrong(
        "[unanswered]\n\"GET /gone\" = \"why\"",
        "`GET /gone`, which is not in the description",
    );
    wrong(
        "[names.operations]\n\"GET /gone\" = \"x\"",
        "`GET /gone`, which is not in the description",
    );
    wrong(
        "[names.types]\n\"/components/schemas/Gone\" = \"X\"",
        "#/components/schemas/Gone: diptych.toml names this type, but there is nothing to name: `/components/schemas` has no `Gone`",
    );
    wrong(
        "[names.operations]\n\"GET /a\" = \"not a name\"",
        "is no name",
    );
    expect(
        &text,
        "[client]\nblocking = \"not a name\"\nasynchronous = \"B\"",
        "is no name",
    );
    let sensitive = format!("sensitive = [\"/components/schemas/Gone\"]\n{client}");
    expect(
        &text,
        &sensitive,
        "#/components/schemas/Gone: diptych.toml calls this place sensitive, but there is no schema: `/components/schemas` has no `Gone`",
    );
}

/// All of them in one run, and for another version than theirs none is more than a warning.
#[test]
fn choices_are_for_one_version() {
    let dead = "sensitive = [\"/components/schemas/Gone\"]\n[client]\nblocking = \"A\"\nasynchronous = \"B\"\n\
        [names.types]\n\"/components/schemas/Lost\" = \"X\"\n[names.operations]\n\"GET /gone\" = \"x\"\n\
        [repeatable]\noperations = [\"POST /gone\"]\n[pages]\noffset = { offset = \"skip\", limit = \"take\" }\n";
    let told = |version: &str| {
        let folder = folder("versions");
        fs::write(folder.join("api.json"), description().to_string()).unwrap();
        let choices = format!("{dead}[description]\nversion = \"{version}\"\n");
        fs::write(folder.join("diptych.toml"), choices).unwrap();
        run(&folder, &["generate", "api.json", "--out", "out"])
    };
    let stale = ["`Gone`", "`Lost`", "`GET /gone`", "`POST /gone`"];
    for (version, code) in [("1", 2), ("2", 0)] {
        let run = told(version);
        assert_eq!(run.code, Some(code), "{}", run.errors);
        for words in stale {
            assert!(
                run.errors.contains(words),
                "{version}: no {words} in\n{}",
                run.errors
            );
        }
        let passed_over = run.errors.matches("made for another version").count();
        assert_eq!(
            passed_over,
            if code == 0 { stale.len() } else { 0 },
            "{}",
            run.errors
        );
    }
}

#[test]
fn pages_need_a_name_of_their_own() {
    let number = json!({ "type": "integer" });
    let mut document = description();
    document["paths"]["/a"]["get"] = json!({
        "operationId": "a",
        "parameters": [
            { "name": "skip", "in": "query", "schema": number },
            { "name": "take", "in": "query", "schema": number },
        ],
        "responses": { "200": { "description": "", "content": { "application/json": {
            "schema": { "type": "array", "items": number }
        } } } },
    });
    document["paths"]["/b"]["get"]["operationId"] = json!("a_pages");
    let choices = "[client]\nblocking = \"A\"\nasynchronous = \"B\"\n\
        [pages]\noffset = { offset = \"skip\", limit = \"take\" }";
    expect(
        &document.to_string(),
        choices,
        "#/paths/~1a/get: its pages would be called `a_pages`, as another operation is",
    );
}

#[test]
fn what_parts_say_otherwise_of_a_property_is_said() {
    let mut document = description();
    let parts = json!({"allOf": [
        {"type": "object", "properties": {"size": {"type": "string"}, "count": {"type": "number"}}},
        {"type": "object", "properties": {"size": {"type": "integer"}, "count": {"type": "integer"}}},
    ]});
    set(&mut document, "/components/schemas/Sized", parts);
    let of_answer = json!({"$ref": "#/components/schemas/Sized"});
    let place = "/paths/~1a/get/responses/200/content";
    set(
        &mut document,
        place,
        json!({"application/json": {"schema": of_answer}}),
    );
    let inventory = diptych::inventory(&document.to_string(), "").unwrap();
    let losses: Vec<String> = inventory
        .losses
        .iter()
        .map(|loss| format!("{loss:?}"))
        .collect();
    let [loss] = &losses[..] else {
        panic!("{losses:?}")
    };
    assert!(
        loss.contains("allOf/1/properties/size") && loss.contains("of another type"),
        "{loss}"
    );
}

/// One broken operation and one broken schema hold nothing else back, unless that is asked for.
#[test]
fn what_is_broken_is_left_out_and_said() {
    let mut document = description();
    set(&mut document, "/paths/~1a/get/parameters", json!({}));
    set(&mut document, "/components/schemas/A/type", json!("txt"));
    let folder = folder("left_out");
    fs::write(folder.join("api.json"), document.to_string()).unwrap();
    let Run { code, errors, .. } = run(&folder, &["generate", "api.json", "--out", "out"]);
    assert_eq!(code, Some(0), "{errors}");
    for words in [
        "warning: left out: api.json#/paths/~1a/get/parameters: `parameters` must be a list",
        "warning: left out: api.json#/components/schemas/A/type: `type` must be one of",
    ] {
        assert!(errors.contains(words), "{errors}");
    }
    let client = fs::read_to_string(folder.join("out/blocking/default.rs")).unwrap();
    assert!(client.contains("pub fn b("), "{client}");
    assert!(!client.contains("pub fn a("), "{client}");
}

#[test]
fn a_broken_schema_of_an_answer_leaves_its_operation() {
    let mut document = description();
    let answer = json!({
        "description": "", "content": {"application/json": {"schema": {"items": {"$ref": "#/components/schemas/Gone"}}}},
    });
    set(
        &mut document,
        "/paths/~1a/get/responses",
        json!({ "200": answer }),
    );
    let folder = folder("broken_answer");
    fs::write(folder.join("api.json"), document.to_string()).unwrap();
    let Run { code, errors, .. } = run(&folder, &["generate", "api.json", "--out", "out"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(
        errors.contains("`#/components/schemas/Gone` does not exist"),
        "{errors}"
    );
    let client = fs::read_to_string(folder.join("out/blocking/default.rs")).unwrap();
    assert!(
        client.contains("pub fn a(&self) -> Result<Vec<Value>, Error>"),
        "{client}"
    );
    let strict = run(
        &folder,
        &["generate", "api.json", "--strict", "--out", "strict"],
    );
    assert_ne!(strict.code, Some(0), "{}", strict.errors);
}

#[test]
fn files_that_are_missing_are_named() {
    let folder = folder("missing");
    let run = run(&folder, &["generate", "nowhere.json", "--out", "out"]);
    assert_eq!(run.code, Some(2));
    assert!(run.errors.starts_with("nowhere.json: "), "{}", run.errors);
    let without = common::run(&folder, &["generate"]);
    assert_eq!(without.code, Some(2));
    assert!(without.errors.starts_with("spec: "), "{}", without.errors);
}

#[test]
fn the_line_that_a_problem_is_about_is_shown() {
    let folder = folder("located");
    let description = "openapi: 3.1.0\ninfo:\n  title: t\n  version: [1]\npaths: {}\n";
    fs::write(folder.join("api.yaml"), description).unwrap();
    let run = run(&folder, &["generate", "api.yaml", "--out", "out"]);
    assert_eq!(run.code, Some(2));
    let expected = "api.yaml#/info/version: `version` must be text\n --> api.yaml:4:3\n  |\n4 |   version: [1]\n  |   ^\n";
    assert_eq!(run.errors, expected);
}

/// Exit code 2, the words on stderr, and the out folder as it was. A panic would be the exit code 101.
fn expect(text: &str, choices: &str, words: &str) {
    let folder = folder("bad");
    fs::write(folder.join("api.json"), text).unwrap();
    fs::write(folder.join("diptych.toml"), choices).unwrap();
    fs::create_dir(folder.join("out")).unwrap();
    fs::write(folder.join("out/kept"), "as it was").unwrap();
    for command in ["generate", "check"] {
        let Run { code, errors, .. } =
            run(&folder, &[command, "--strict", "api.json", "--out", "out"]);
        assert!(errors.contains(words), "not `{words}` but:\n{errors}");
        assert!(!errors.is_empty(), "an error without words");
        assert_eq!(code, Some(2), "{errors}");
        if words.starts_with("#/") {
            assert!(
                errors.contains(&format!("api.json{words}")),
                "no file in:\n{errors}"
            );
        }
    }
    let left: Vec<_> = fs::read_dir(folder.join("out")).unwrap().collect();
    assert_eq!(left.len(), 1);
    assert_eq!(
        fs::read_to_string(folder.join("out/kept")).unwrap(),
        "as it was"
    );
}

fn description() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "paths": {
            "/a": { "get": { "operationId": "a", "responses": { "200": { "description": "" } } } },
            "/b": { "get": { "operationId": "b", "responses": {} } },
        },
        "components": { "schemas": {
            "A": { "type": "object", "properties": { "a": { "$ref": "#/components/schemas/B" } } },
            "B": { "type": "string" },
        } },
    })
}

fn set(document: &mut Value, place: &str, value: Value) {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    document.pointer_mut(parent).unwrap()[key] = value;
}

/// Whoever reads what is printed, such as `head`, may have enough before it begins.
#[test]
fn nobody_may_read_what_is_printed() {
    let folder = folder("nobody_reads");
    fs::write(folder.join("api.json"), description().to_string()).unwrap();
    for arguments in [["canonical", "api.json"], ["inventory", "api.json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_diptych"))
            .args(arguments)
            .current_dir(&folder)
            .stdout(writer)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(
            (done.status.code(), said.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}
