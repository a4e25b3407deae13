//! What happens to blocks while others do the same.

use diptych_macros::dual;
use prefect_client::operations;
use prefect_client::testing::MockServer;
use prefect_sdk::Error;
use prefect_sdk::blocks::{Block, RegisteredBlock, schemars::JsonSchema};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "Raced")]
struct Raced {
    number: i64,
}

fn type_() -> Value {
    let id = Uuid::nil();
    json!({"id": id, "created": null, "updated": null, "name": "Raced", "slug": "raced"})
}

fn schema() -> Value {
    let id = Uuid::nil();
    json!({"id": id, "created": null, "updated": null, "checksum": "sha256:1", "block_type_id": id})
}

/// A server on which somebody else registers the same type and schema, each just after it was not there.
fn raced() -> MockServer {
    let server = MockServer::new();
    let taken = "Data integrity conflict";
    let read = server.on(&operations::READ_BLOCK_TYPE_BY_SLUG);
    read.fails(404, "Block type not found")
        .answers_json(type_());
    server.on(&operations::CREATE_BLOCK_TYPE).fails(409, taken);
    let read = server.on(&operations::READ_BLOCK_SCHEMA_BY_CHECKSUM);
    read.fails(404, "Block schema not found")
        .answers_json(schema());
    server
        .on(&operations::CREATE_BLOCK_SCHEMA)
        .fails(409, taken);
    server
}

#[dual(crate::faces)]
async fn aregister(client: &AsyncPrefectClient) -> Result<RegisteredBlock, Error> {
    Raced::aregister_type_and_schema(client).await
}

#[test]
fn a_type_that_others_register_at_once_is_registered() {
    let server = raced();
    assert_eq!(register(&server.client()).unwrap().checksum, "sha256:1");
    assert!(server.unused().is_empty());
    let server = raced();
    let registered = crate::run(aregister(&server.async_client())).unwrap();
    assert_eq!(registered.checksum, "sha256:1");
    assert!(server.unused().is_empty());
}

#[test]
fn a_schema_that_the_server_refuses_is_an_error() {
    let server = MockServer::new();
    server
        .on(&operations::READ_BLOCK_TYPE_BY_SLUG)
        .answers_json(type_());
    let read = server.on(&operations::READ_BLOCK_SCHEMA_BY_CHECKSUM);
    read.fails(404, "Block schema not found")
        .fails(404, "Block schema not found");
    let create = server.on(&operations::CREATE_BLOCK_SCHEMA);
    create.fails(409, "block type 'x' was not found");
    let error = register(&server.client()).unwrap_err();
    assert!(error.to_string().contains("block type 'x'"), "{error}");
}

#[dual(crate::faces)]
async fn adelete(client: &AsyncPrefectClient) -> Result<(), Error> {
    Raced::adelete(client, "it").await
}

/// Python asks for the secrets of what it removes.
#[test]
fn what_is_removed_shows_nothing() {
    let removed = || {
        let (server, id) = (MockServer::new(), Uuid::nil());
        let document = json!({
            "id": id, "created": null, "updated": null, "name": "it", "block_schema_id": id, "block_type_id": id,
            "data": {"number": 1}, "block_document_references": {},
        });
        server
            .on(&operations::READ_BLOCK_DOCUMENT_BY_NAME_FOR_BLOCK_TYPE)
            .answers_json(document);
        server
            .on(&operations::DELETE_BLOCK_DOCUMENT)
            .answers_json(Value::Null);
        server
    };
    let (blocking, asynchronous) = (removed(), removed());
    delete(&blocking.client()).unwrap();
    crate::run(adelete(&asynchronous.async_client())).unwrap();
    for server in [blocking, asynchronous] {
        assert!(server.unused().is_empty());
        let asked = server.requests().into_iter().map(|request| request.query());
        let secrets = ("include_secrets".to_owned(), "true".to_owned());
        assert!(asked.flatten().all(|pair| pair != secrets));
    }
}
