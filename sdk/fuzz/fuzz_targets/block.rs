//! Any text as the data of a block's document, and as what the server says of references: loading it gives a block or an
//! error, which shows nothing of the data.
//!
//! `cargo +nightly fuzz run block sdk/fuzz/corpus/block sdk/fuzz/seeds/block --fuzz-dir sdk/fuzz`, with cargo-fuzz installed.
//! The data end with the first empty line of an input; what follows are the references.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use prefect_sdk::Error;
use prefect_sdk::blocks::schemars::{self, JsonSchema};
use prefect_sdk::blocks::{Block, BlockReference, DynamicBlock, Nested, SecretMap, SecretString};
use prefect_sdk::client::testing::MockServer;
use prefect_sdk::client::transport::http::{HeaderMap, StatusCode};
use prefect_sdk::client::{Answer, PrefectClient, operations};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "Inner")]
struct Inner {
    token: SecretString,
    #[serde(default)]
    number: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "Other")]
struct Other {
    tokens: SecretMap,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Either {
    Inner(Nested<Inner>),
    Other(Nested<Other>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "Outer")]
struct Outer {
    note: Option<String>,
    inner: Nested<Inner>,
    either: Either,
    maybe: Option<Nested<Inner>>,
    #[serde(default)]
    numbers: Vec<f64>,
    #[serde(default)]
    words: BTreeMap<String, Vec<String>>,
    password: SecretString,
}

const ID: &str = "00000000-0000-4000-8000-000000000001";

/// A client of a server that has this document.
fn client(data: &str, references: &str) -> PrefectClient {
    let body = format!(
        r#"{{"id":"{ID}","created":null,"updated":null,"name":null,"block_schema_id":"{ID}","block_type_id":"{ID}",
        "block_type":{{"id":"{ID}","created":null,"updated":null,"name":"Outer","slug":"outer"}},
        "data":{data},"block_document_references":{references}}}"#
    );
    let server = MockServer::new();
    let answer = Answer::new(StatusCode::OK, HeaderMap::new(), body);
    server
        .on(&operations::READ_BLOCK_DOCUMENT_BY_ID)
        .sends(answer);
    server.client()
}

/// What is no JSON is told by the names on the way to where it ends, which may be any text here.
fn shows_nothing(error: &Error, is_json: bool) {
    if !is_json {
        return;
    }
    let text = format!("{error} {error:?}");
    assert!(!text.contains("s3cret"), "{text}");
}

fuzz_target!(|text: &str| {
    let (data, references) = text.split_once("\n\n").unwrap_or((text, "{}"));
    let is_json = [data, references]
        .iter()
        .all(|text| serde_json::from_str::<serde_json::Value>(text).is_ok());
    let client = client(data, references);
    let id = ID.parse().expect("an id");
    let reference = BlockReference::Id(id);
    match Outer::load_from_ref(&client, &reference) {
        Ok(outer) => {
            assert!(!format!("{:?}", outer.password).contains("s3cret"));
            let _ = serde_json::to_string(&*outer);
        }
        Err(error) => shows_nothing(&error, is_json),
    }
    match DynamicBlock::load_from_ref(&client, &reference) {
        Ok(block) => {
            let _ = format!("{block:?}");
        }
        Err(error) => shows_nothing(&error, is_json),
    }
});
