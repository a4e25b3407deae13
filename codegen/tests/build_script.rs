//! What a build script calls: it writes the client, and says what is wrong as the command line does.

#[expect(dead_code, reason = "each test file uses what it needs of it")]
mod common;

use std::fs;

use common::folder;

const PETS: &str = "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths:\n  /pets: {get: {operationId: pets}}\n";

#[test]
fn a_client_is_written_where_it_is_checked_in() {
    let folder = folder("build");
    fs::write(folder.join("api.yaml"), PETS).unwrap();
    let choices = "[client]\nblocking = \"Pets\"\nasynchronous = \"AsyncPets\"\n";
    fs::write(folder.join("diptych.toml"), choices).unwrap();
    let build = diptych::build::client(folder.join("api.yaml"));
    let build = build.into_folder(folder.join("client"));
    build.clone().write().unwrap();
    let client = fs::read_to_string(folder.join("client/blocking/mod.rs")).unwrap();
    assert!(client.contains("pub struct Pets"), "{client}");
    build.write().unwrap();
}

#[test]
fn what_is_wrong_is_said_with_its_file_and_place() {
    let folder = folder("build-wrong");
    let path = folder.join("api.yaml");
    let build = || diptych::build::client(&path).into_folder(folder.join("client"));
    assert!(format!("{:?}", build().write().unwrap_err()).contains("api.yaml"));
    fs::write(&path, "swagger: '2.0'\n").unwrap();
    let error = build().write().unwrap_err().to_string();
    assert!(error.contains("api.yaml#/swagger: Swagger 2.0"), "{error}");
    fs::write(
        &path,
        format!("{PETS}  /all: {{get: {{parameters: [{{in: air, name: a}}]}}}}\n"),
    )
    .unwrap();
    let error = build().strict().write().unwrap_err().to_string();
    assert!(
        error.contains("api.yaml#/paths/~1all/get/parameters/0/in"),
        "{error}"
    );
    assert!(!folder.join("client").exists(), "nothing is written");
    build().write().unwrap();
}
