//! Blocks in both faces, and beside Python.

mod checksums;
mod dynamic;
mod faces;
mod python;
mod traps;

use std::collections::BTreeMap;

use prefect_sdk::blocks::schemars::JsonSchema;
use prefect_sdk::blocks::{Block, Nested, SecretMap, SecretString};
use serde::{Deserialize, Serialize};

/// Where reports are sent.
///
/// # For developers
///
/// What stands below a heading is not for users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Rust Service",
    logo_url = "https://example.com/logo.png",
    documentation_url = "https://example.com/docs",
    capabilities("notify")
)]
struct Service {
    url: String,
    token: SecretString,
    #[serde(default)]
    retries: i64,
    headers: SecretMap,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "Rust Inner")]
struct Inner {
    token: SecretString,
    n: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "Rust Other")]
struct Other {
    token: SecretString,
    n: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Either {
    Inner(Nested<Inner>),
    Other(Nested<Other>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "Rust Outer")]
struct Outer {
    note: String,
    inner: Nested<Inner>,
    either: Either,
    maybe: Option<Nested<Inner>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "Rust Holder")]
struct Holder {
    list: Vec<Nested<Listed>>,
    map: BTreeMap<String, Nested<Listed>>,
    inner: Option<Nested<Inner>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "Rust Listed")]
struct Listed {
    x: i64,
}

fn service(token: &str) -> Service {
    Service {
        url: "https://example.com".to_owned(),
        token: token.into(),
        retries: 3,
        headers: SecretMap::from_iter([("Authorization", token)]),
    }
}

fn inner(token: &str) -> Inner {
    Inner {
        token: token.into(),
        n: 1,
    }
}

fn other(token: &str) -> Other {
    Other {
        token: token.into(),
        n: 1,
    }
}
