//! What `diptych diff` says of each kind of change, and with which exit code.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{folder, run};
use serde_json::{Value, json};

/// What it is, the places of the description with what stands there in the new one (null is gone), and the exit code.
type Case = (&'static str, Vec<(&'static str, Value)>, i32);

fn of_operations() -> Vec<Case> {
    vec![
        (
            "nothing",
            vec![("/paths/~1pets~1{id}/get/description", json!("Reads one."))],
            0,
        ),
        (
            "an operation is gone",
            vec![("/paths/~1pets~1{id}/get", Value::Null)],
            30,
        ),
        (
            "an operation is renamed",
            vec![("/paths/~1pets~1{id}/get/operationId", json!("findPet"))],
            30,
        ),
        (
            "an operation is new",
            vec![("/paths/~1pets/delete", operation("clearPets", &json!([])))],
            20,
        ),
        (
            "a path is another one",
            vec![
                (
                    "/paths/~1animals~1{id}",
                    json!({"get": operation("readPet", &json!([id(), verbose()]))}),
                ),
                ("/paths/~1pets~1{id}", Value::Null),
            ],
            10,
        ),
        (
            "an argument is new",
            vec![(
                "/paths/~1pets~1{id}/get/parameters",
                json!([id(), verbose(), {
                    "name": "owner", "in": "query", "required": true, "schema": {"type": "string"},
                }]),
            )],
            30,
        ),
        (
            "something else is optional",
            vec![(
                "/paths/~1pets~1{id}/get/parameters",
                json!([id(), verbose(), {
                    "name": "limit", "in": "query", "schema": {"type": "integer"},
                }]),
            )],
            20,
        ),
        (
            "nothing is optional any more",
            vec![("/paths/~1pets~1{id}/get/parameters", json!([id()]))],
            30,
        ),
        (
            "the answer is another one",
            vec![(
                "/paths/~1pets~1{id}/get/responses/200/content/application~1json/schema",
                json!({"type": "string"}),
            )],
            30,
        ),
    ]
}

fn of_arguments_and_answers() -> Vec<Case> {
    vec![
        (
            "an argument has another type",
            vec![(
                "/paths/~1pets~1{id}/get/parameters",
                json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}, verbose()]),
            )],
            30,
        ),
        (
            "an optional argument must be given",
            vec![(
                "/paths/~1pets~1{id}/get/parameters",
                json!([id(), {"name": "verbose", "in": "query", "required": true, "schema": {"type": "boolean"}}]),
            )],
            30,
        ),
        (
            "a body can be left out",
            vec![("/paths/~1pets/post/requestBody/required", json!(false))],
            30,
        ),
        (
            "a body is gone",
            vec![("/paths/~1pets/post/requestBody", Value::Null)],
            30,
        ),
        (
            "an answer may be absent",
            vec![(
                "/paths/~1pets~1{id}/get/responses/204",
                json!({"description": ""}),
            )],
            30,
        ),
        (
            "an operation has another tag",
            vec![("/paths/~1pets~1{id}/get/tags", json!(["pets"]))],
            0,
        ),
    ]
}

fn of_types() -> Vec<Case> {
    vec![
        (
            "a type is gone",
            vec![
                (
                    "/components/schemas/Pet/properties/kind",
                    json!({"type": "string"}),
                ),
                ("/components/schemas/Kind", Value::Null),
            ],
            30,
        ),
        (
            "a type is new",
            vec![
                (
                    "/components/schemas/Owner",
                    json!({"type": "object", "properties": {"name": {"type": "string"}}}),
                ),
                (
                    "/components/schemas/Answer/properties/owner",
                    json!({"$ref": "#/components/schemas/Owner"}),
                ),
            ],
            20,
        ),
        (
            "a field need not be given",
            vec![("/components/schemas/Pet/required", json!([]))],
            30,
        ),
        (
            "a field may be null",
            vec![(
                "/components/schemas/Pet/properties/name/type",
                json!(["string", "null"]),
            )],
            30,
        ),
        (
            "other fields are allowed",
            vec![(
                "/components/schemas/Pet/additionalProperties",
                json!({"type": "string"}),
            )],
            20,
        ),
        (
            "a list is a list of something else",
            vec![(
                "/components/schemas/Answer/properties/pet",
                json!({"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}),
            )],
            30,
        ),
    ]
}

fn of_fields() -> Vec<Case> {
    vec![
        (
            "a field is gone",
            vec![("/components/schemas/Pet/properties/age", Value::Null)],
            30,
        ),
        (
            "a field has another type",
            vec![(
                "/components/schemas/Pet/properties/age/type",
                json!("string"),
            )],
            30,
        ),
        (
            "a field is new",
            vec![(
                "/components/schemas/Pet/properties/nick",
                json!({"type": "string"}),
            )],
            20,
        ),
        (
            "a field must be given",
            vec![
                (
                    "/components/schemas/Pet/properties/nick",
                    json!({"type": "string"}),
                ),
                ("/components/schemas/Pet/required/1", json!("nick")),
            ],
            30,
        ),
        (
            "an answer has one more field",
            vec![
                (
                    "/components/schemas/Answer/properties/more",
                    json!({"type": "string"}),
                ),
                ("/components/schemas/Answer/required", json!(["more"])),
            ],
            20,
        ),
        (
            "a number is narrower",
            vec![(
                "/components/schemas/Pet/properties/age/format",
                json!("int32"),
            )],
            30,
        ),
        (
            "a value is new",
            vec![("/components/schemas/Kind/enum/2", json!("fish"))],
            20,
        ),
        (
            "a value is gone",
            vec![("/components/schemas/Kind/enum", json!(["cat"]))],
            30,
        ),
        (
            "a type is of another kind",
            vec![(
                "/components/schemas/Kind",
                json!({
                    "type": "object", "properties": {"name": {"type": "string"}},
                }),
            )],
            30,
        ),
    ]
}

fn of_the_wire() -> Vec<Case> {
    vec![
        (
            "a body has another media type",
            vec![(
                "/paths/~1pets/post/requestBody/content",
                json!({"application/vnd.pet+json": {"schema": {"$ref": "#/components/schemas/Pet"}}}),
            )],
            10,
        ),
        (
            "an answer has another media type",
            vec![(
                "/paths/~1pets~1{id}/get/responses/200/content",
                json!({"application/vnd.pet+json": {"schema": {"$ref": "#/components/schemas/Answer"}}}),
            )],
            10,
        ),
        (
            "an answer has headers",
            vec![(
                "/paths/~1pets~1{id}/get/responses/200/headers",
                json!({"X-Total": {"schema": {"type": "integer"}}}),
            )],
            20,
        ),
        (
            "a parameter travels elsewhere",
            vec![(
                "/paths/~1pets~1{id}/get/parameters",
                json!([id(), {"name": "verbose", "in": "header", "schema": {"type": "boolean"}}]),
            )],
            10,
        ),
        (
            "other credentials are asked for",
            vec![("/paths/~1pets/post/security", json!([]))],
            10,
        ),
        (
            "a way to say who asks is gone",
            vec![("/components/securitySchemes/token", Value::Null)],
            30,
        ),
        (
            "a way to say who asks is new",
            vec![(
                "/components/securitySchemes/key",
                json!({"type": "apiKey", "in": "query", "name": "key"}),
            )],
            20,
        ),
        (
            "a server is elsewhere",
            vec![(
                "/servers",
                json!([{"url": "https://pets.example.org", "description": "Main"}]),
            )],
            10,
        ),
        (
            "a server has a variable",
            vec![(
                "/servers",
                json!([{"url": "https://{at}.example.com", "description": "Main",
                    "variables": {"at": {"default": "pets"}}}]),
            )],
            30,
        ),
        (
            "a server is new",
            vec![(
                "/servers/1",
                json!({"url": "https://test.example.com", "description": "Test"}),
            )],
            20,
        ),
    ]
}

fn id() -> Value {
    json!({"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}})
}

fn verbose() -> Value {
    json!({"name": "verbose", "in": "query", "schema": {"type": "boolean"}})
}

fn operation(id: &str, parameters: &Value) -> Value {
    let answer = json!({"$ref": "#/components/schemas/Answer"});
    json!({"operationId": id, "parameters": parameters, "responses": {
        "200": {"description": "", "content": {"application/json": {"schema": answer}}},
    }})
}

fn description() -> Value {
    let mut add = operation("addPet", &json!([]));
    add["requestBody"] = json!({"required": true, "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/Pet"},
    }}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1.0"},
        "servers": [{"url": "https://pets.example.com", "description": "Main"}],
        "security": [{"token": []}],
        "paths": {
            "/pets": {"post": add},
            "/pets/{id}": {"get": operation("readPet", &json!([id(), verbose()]))},
        },
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, "schemas": {
            "Pet": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "age": {"type": "integer"}, "kind": {"$ref": "#/components/schemas/Kind"},
            }},
            "Kind": {"type": "string", "enum": ["cat", "dog"]},
            "Answer": {"type": "object", "properties": {"pet": {"$ref": "#/components/schemas/Pet"}}},
        }},
    })
}

fn change(document: &mut Value, place: &str, value: Value) {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    match document.pointer_mut(parent).unwrap() {
        Value::Object(map) if value.is_null() => drop(map.remove(&key).unwrap()),
        Value::Object(map) => drop(map.insert(key, value)),
        Value::Array(items) => items.push(value),
        other => panic!("{place}: {other}"),
    }
}

#[test]
fn each_kind_of_change_has_its_line_and_its_code() {
    let folder = folder("diff");
    // `cargo xtask semver` asks another program about the same changes.
    let kept = std::env::var_os("DIPTYCH_DIFF_CASES").map(PathBuf::from);
    fs::write(folder.join("old.json"), description().to_string()).unwrap();
    let mut all = String::new();
    for (name, changes, code) in of_operations()
        .into_iter()
        .chain(of_arguments_and_answers())
        .chain(of_types())
        .chain(of_fields())
        .chain(of_the_wire())
    {
        let mut new = description();
        new["info"]["version"] = json!("1.1");
        for (place, value) in changes {
            change(&mut new, place, value);
        }
        fs::write(folder.join("new.json"), new.to_string()).unwrap();
        if let Some(kept) = &kept {
            let case = json!({"name": name, "exit_code": code, "old": description(), "new": new});
            let file = kept.join(format!("{}.json", name.replace(' ', "_")));
            fs::write(file, case.to_string()).unwrap();
        }
        let run = run(&folder, &["diff", "old.json", "new.json"]);
        assert_eq!(
            run.code,
            Some(code),
            "{name}: {} {}",
            run.output,
            run.errors
        );
        writeln!(all, "# {name}\n{}", run.output).unwrap();
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("diff", all);
    });
}

#[test]
fn a_diff_is_markdown_or_json_on_demand() {
    let folder = folder("diff-forms");
    fs::write(folder.join("old.json"), description().to_string()).unwrap();
    let mut new = description();
    change(
        &mut new,
        "/components/schemas/Pet/properties/age",
        Value::Null,
    );
    fs::write(folder.join("new.json"), new.to_string()).unwrap();
    let markdown = run(
        &folder,
        &["diff", "old.json", "new.json", "--format", "markdown"],
    );
    assert!(
        markdown
            .output
            .contains("## What breaks callers (1)\n\n- type `Pet` `age: "),
        "{}",
        markdown.output
    );
    let told = run(
        &folder,
        &["diff", "old.json", "new.json", "--format", "json"],
    );
    let told: Value = serde_json::from_str(&told.output).unwrap();
    assert_eq!(told["bump"], "major");
    assert_eq!(told["changes"][0]["effect"], "breaking");
    assert_eq!(told["changes"][0]["pointer"], "/components/schemas/Pet");
}

#[test]
fn the_older_one_may_be_in_a_git_revision() {
    let folder = folder("diff-git");
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(&folder)
            .args(["-c", "user.name=a", "-c", "user.email=a@b"]);
        let done = git.args(arguments).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "--quiet"]);
    fs::create_dir(folder.join("spec")).unwrap();
    write(&folder, "api.json", &description().to_string());
    let choices = "[client]\nblocking = \"A\"\nasynchronous = \"B\"\n\n[names.types]\n\"/components/schemas/Kind\" = \"Sort\"\n";
    write(&folder, "diptych.toml", choices);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "first"]);
    write(
        &folder,
        "diptych.toml",
        "[client]\nblocking = \"A\"\nasynchronous = \"B\"\n",
    );
    let run_diff = |old: &str| run(&folder, &["diff", old, "spec/api.json"]);
    let renamed = run_diff("HEAD:spec/api.json");
    assert_eq!(renamed.code, Some(30), "{}", renamed.errors);
    assert!(
        renamed.output.contains("type `Sort` is called `Kind` now"),
        "{}",
        renamed.output
    );
    for (old, words) in [
        ("HEAD:spec/gone.json", "git says"),
        ("gone.json", "gone.json"),
    ] {
        let missing = run_diff(old);
        assert_eq!(missing.code, Some(2));
        assert!(missing.errors.contains(words), "{}", missing.errors);
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join("spec").join(name), text).unwrap();
}

/// Until it is taken out, a former name breaks nobody.
#[test]
fn a_former_name_bridges_a_rename() {
    use diptych::diff::{Bump, diff};

    let description = include_str!("fixtures/apis/former.yaml");
    let before = [
        ("Pet", "Animal"),
        ("list_pets", "read_pets"),
        ("remove_pets", "drop_pets"),
        ("watch_pets", "see_pets"),
    ];
    let before = before
        .into_iter()
        .fold(description.to_owned(), |text, (new, old)| {
            text.replace(new, old)
        })
        + "    Owner: {type: object, properties: {animal: {$ref: '#/components/schemas/Animal'}}}\n";
    let now = description.to_owned()
        + "    Owner: {type: object, properties: {animal: {$ref: '#/components/schemas/Pet'}}}\n";
    let inventory = |text: &str, choices: &str| diptych::inventory(text, choices).unwrap();
    let choices = include_str!("fixtures/apis/former.toml");
    let bridged = inventory(&now, choices);
    let (without, _) = choices.split_once("[names.former]").unwrap();
    let found = diff(&inventory(&before, without), &bridged);
    assert_eq!(found.bump, Bump::Minor, "{:#?}", found.changes);
    assert_eq!(diff(&bridged, &inventory(&now, without)).bump, Bump::Major);
}

#[test]
fn a_former_name_of_nothing_is_said() {
    let description = include_str!("fixtures/apis/former.yaml");
    for (former, name, rule) in [
        ("Animal", "Dog", "no type and no method is called `Dog`"),
        ("Pet", "list_pets", "something is called so"),
        ("read pets", "list_pets", "no method can be called so"),
        ("animal", "Pet", "no type can be called so"),
    ] {
        let client = "[client]\nblocking = \"C\"\nasynchronous = \"A\"";
        let choices = format!("{client}\n[names.former]\n\"{former}\" = \"{name}\"");
        let error = diptych::generate(description, &choices).unwrap_err();
        assert!(error.to_string().contains(rule), "{error}");
    }
}
