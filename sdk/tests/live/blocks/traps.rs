//! What the server does with types and schemas that others have registered.

use std::collections::BTreeMap;
use std::time::Duration;

use prefect_sdk::RunContext;
use prefect_sdk::blocks::{Block, LoadBlockOptions, SecretString, schemars::JsonSchema};
use prefect_sdk::client::models::{
    BlockSchemaCreate, BlockTypeCreate, EventFilter, EventNameFilter, EventResourceFilter,
};
use prefect_sdk::client::requests::ReadEvents;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Service, inner, service};
use crate::{python, server};

#[derive(Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "Rust Trapped")]
struct Trapped {
    token: SecretString,
}

#[test]
fn a_schema_that_would_show_secrets_is_refused() {
    let client = server::client();
    let type_ = BlockTypeCreate::new("Rust Trapped", "rust-trapped");
    let type_ = match client.create_block_type(&type_) {
        Ok(type_) => type_,
        Err(_) => client.read_block_type_by_slug("rust-trapped").unwrap(),
    };
    let mut fields: BTreeMap<String, Value> =
        serde_json::from_value(Trapped::block_schema().unwrap()).unwrap();
    fields.insert("secret_fields".to_owned(), json!([]));
    let schema = BlockSchemaCreate::new(type_.id).fields(fields);
    let schema = client.create_block_schema(&schema).unwrap();
    // The same checksum: which fields are secret does not count.
    assert_eq!(schema.checksum, Trapped::block_checksum().unwrap());
    let error = Trapped::register_type_and_schema(&client).unwrap_err();
    assert!(error.is_unfit(), "{error}");
    assert!(error.to_string().contains("`token`"), "{error}");
    let block = Trapped {
        token: "s3cret".into(),
    };
    assert!(block.save(&client, &server::unique("trapped")).is_err());
}

#[test]
fn a_name_that_another_type_has_too_is_no_mix_up() {
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    #[block(name = "Rust Twice", slug = "rust-twice-1")]
    struct One {}
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    #[block(name = "Rust Twice", slug = "rust-twice-2")]
    struct Two {}
    let client = server::client();
    // Asked to make the second one, the server makes it, and answers with the first one.
    let one = One::register_type_and_schema(&client).unwrap();
    let two = Two::register_type_and_schema(&client).unwrap();
    for (registered, slug) in [(one, "rust-twice-1"), (two, "rust-twice-2")] {
        let type_ = client
            .read_block_type_by_id(registered.block_type_id)
            .unwrap();
        assert_eq!(type_.slug, slug);
        let schema = client
            .read_block_schema_by_id(registered.block_schema_id)
            .unwrap();
        assert_eq!(schema.block_type_id, Some(type_.id));
    }
}

#[test]
fn another_version_is_another_schema() {
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    #[block(name = "Rust Versioned")]
    struct Old {}
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    #[block(name = "Rust Versioned", version = "2.0")]
    #[schemars(rename = "Old")]
    struct New {}
    let client = server::client();
    let old = Old::register_type_and_schema(&client).unwrap();
    let new = New::register_type_and_schema(&client).unwrap();
    assert_eq!(old.checksum, new.checksum);
    assert_eq!(old.block_type_id, new.block_type_id);
    assert_ne!(old.block_schema_id, new.block_schema_id);
}

#[test]
fn what_people_read_of_a_type_follows_the_program() {
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    #[block(
        name = "Rust Told",
        description = "It is <old> & \"good\".",
        code_example = "old()"
    )]
    struct Old {}
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    #[block(
        name = "Rust Told",
        description = "It is <old> & \"good\".",
        logo_url = "https://example.com/new.png"
    )]
    struct New {}
    let client = server::client();
    let told = || client.read_block_type_by_slug("rust-told").unwrap();
    Old::register_type_and_schema(&client).unwrap();
    let before = told();
    Old::register_type_and_schema(&client).unwrap();
    // The server escapes the text for HTML, which is no change of it.
    assert_eq!(told(), before);
    New::register_type_and_schema(&client).unwrap();
    let after = told();
    assert_eq!(
        after.logo_url.as_deref(),
        Some("https://example.com/new.png")
    );
    assert_eq!(after.code_example, before.code_example);
}

#[test]
fn loading_tells_what_python_tells() {
    let client = server::client();
    let name = server::unique("event");
    let saved = service("s3cret").save(&client, &name).unwrap();
    let hidden = service("s3cret").save_anonymous(&client).unwrap();
    let program = format!(
        "{}\nService.load(arguments)\nanswer(None)",
        super::python::CLASSES
    );
    python::run(&program, &json!(name));
    let run = RunContext::flow_run(crate::runs::running());
    let options = LoadBlockOptions::new().run(&run);
    Service::load_with(&client, &name, &options).unwrap();
    Service::load_from_ref(&client, &hidden.id().into()).unwrap();
    inner("s3cret").save(&client, &name).unwrap();
    let resource =
        EventResourceFilter::new().id([format!("prefect.block-document.{}", saved.id())]);
    let event = EventNameFilter::new().name(["prefect.block.rust-service.loaded"]);
    let filter = EventFilter::new().resource(resource).event(event);
    let request = ReadEvents::new().filter(filter);
    let mut found = Vec::new();
    for _ in 0..600 {
        found = client.read_events_with(&request).unwrap().events;
        if found.len() == 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    found.sort_by_key(|event| event.occurred);
    assert_eq!(found.len(), 2);
    let (theirs, ours) = (&found[0], &found[1]);
    assert_eq!(ours.resource, theirs.resource);
    assert_eq!(ours.payload, theirs.payload);
    assert!(
        theirs
            .related
            .iter()
            .all(|related| ours.related.contains(related))
    );
    let roles = |related: &[BTreeMap<String, String>]| -> Vec<String> {
        let roles = related
            .iter()
            .map(|one| one["prefect.resource.role"].clone());
        roles.collect()
    };
    assert!(roles(&ours.related).contains(&"flow-run".to_owned()));
}
