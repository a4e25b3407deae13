//! Schemas, and what is written, without a server. That the checksums are Python's is tested beside Python.

mod documents;

use std::collections::BTreeMap;

use prefect_client::models::BlockDocument;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::saved::{Place, Reference};
use super::schema::plans;
use super::unfit::read;
use super::write::{data, refer};
use super::{Block, BlockReference, Nested, Saved, SecretMap, SecretString};
use crate::Error;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "H5 Simple")]
struct Simple {
    message: String,
    #[serde(default = "one")]
    count: i64,
}

fn one() -> i64 {
    1
}

/// An inner block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "H5 Inner")]
struct Inner {
    token: SecretString,
    #[serde(default = "three")]
    n: i64,
}

fn three() -> i64 {
    3
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Plain {
    pw: SecretString,
    #[serde(default)]
    more: SecretMap,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Either {
    Simple(Nested<Simple>),
    Inner(Box<Nested<Inner>>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Block)]
#[block(name = "H5 Outer", capabilities("notify", "read-path"))]
struct Outer {
    zeta: Option<String>,
    #[serde(rename = "innerBlock")]
    inner: Nested<Inner>,
    #[serde(default)]
    maybe: Option<Nested<Inner>>,
    either: Either,
    plain: Plain,
    tokens: Vec<SecretString>,
    maps: BTreeMap<String, SecretMap>,
    list: Vec<Nested<Simple>>,
    #[serde(skip)]
    cache: u8,
}

fn inner(token: &str) -> Inner {
    Inner {
        token: token.into(),
        n: 3,
    }
}

fn simple(message: &str) -> Simple {
    Simple {
        message: message.to_owned(),
        count: 1,
    }
}

fn saved<T>(value: T, id: Uuid) -> Saved<T> {
    let place = Place {
        id,
        name: Some("name".to_owned()),
        is_anonymous: false,
        references: BTreeMap::new(),
    };
    Saved { value, place }
}

fn outer() -> Outer {
    Outer {
        zeta: None,
        inner: inner("s3cret").into(),
        maybe: None,
        either: Either::Simple(simple("either").into()),
        plain: Plain {
            pw: "s3cret".into(),
            more: SecretMap::default(),
        },
        tokens: vec!["s3cret".into()],
        maps: BTreeMap::new(),
        list: Vec::new(),
        cache: 0,
    }
}

fn written(outer: &Outer, came: &BTreeMap<String, Reference>) -> Result<Value, Error> {
    let plans = plans::<Outer>(&Outer::INFO)?;
    let written = refer(data(outer, &plans)?, &plans, came)?;
    Ok(Value::Object(written.into_iter().collect()))
}

#[test]
fn the_checksums_of_the_facts_are_reached_from_types() {
    assert_eq!(Simple::INFO.slug, "h5-simple");
    assert_eq!(
        Simple::block_checksum().unwrap(),
        "sha256:9fc96f90ae3ebbef9f580be6c64ba16cf41d08829bde067ee5d9e7ec275ed25e"
    );
    assert_eq!(
        Inner::block_checksum().unwrap(),
        "sha256:7cade803518df689d4341884f7a29b4690bddd2ea3b7845b4992a031c380adc8"
    );
}

#[test]
fn a_schema_says_what_is_secret_what_is_a_block_and_in_which_order() {
    let schema = Outer::block_schema().unwrap();
    assert_eq!(schema["block_type_slug"], "h5-outer");
    let secrets = [
        "innerBlock.token",
        "maybe.token",
        "either.token",
        "plain.more.*",
        "plain.pw",
        "tokens",
        "maps.*",
    ];
    assert_eq!(schema["secret_fields"], json!(secrets));
    let reference = |slug: &str, checksum: &str| json!({"block_type_slug": slug, "block_schema_checksum": checksum});
    let inner = reference("h5-inner", &Inner::block_checksum().unwrap());
    let simple = reference("h5-simple", &Simple::block_checksum().unwrap());
    assert_eq!(
        schema["block_schema_references"],
        json!({
            "innerBlock": inner,
            "maybe": inner,
            "either": [simple, inner],
            "list": simple,
        })
    );
    let properties = &schema["properties"];
    assert_eq!(properties["zeta"]["position"], 0);
    assert_eq!(
        properties["innerBlock"],
        json!({"$ref": "#/definitions/Inner", "position": 1})
    );
    assert_eq!(
        properties["maybe"],
        json!({
            "anyOf": [{"$ref": "#/definitions/Inner"}, {"type": "null"}],
            "default": null,
            "position": 2,
        })
    );
    assert_eq!(
        properties["either"],
        json!({
            "anyOf": [{"$ref": "#/definitions/Simple"}, {"$ref": "#/definitions/Inner"}],
            "title": "Either",
            "position": 3,
        })
    );
    // A default would be shown to everybody.
    assert_eq!(
        schema["definitions"]["Plain"]["properties"]["more"],
        json!({"title": "More", "type": "object"})
    );
    let definition = &schema["definitions"]["Inner"];
    assert_eq!(definition["block_type_slug"], "h5-inner");
    assert_eq!(definition["properties"]["token"]["position"], 0);
    assert!(!schema.to_string().contains("x-prefect"));
    assert!(!schema.to_string().contains("additionalProperties"));
}

#[test]
fn what_would_be_shown_is_refused_before_anything_is_sent() {
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    struct InMap {
        // The derive does not see into a struct of this kind.
        map: BTreeMap<String, Plain>,
    }
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    struct InList {
        list: Vec<Plain>,
    }
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    struct Dotted {
        #[serde(rename = "to.ken")]
        token: SecretString,
    }
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    struct OfEither {
        list: Vec<Either>,
    }
    for refused in [
        InMap::block_schema(),
        InList::block_schema(),
        Dotted::block_schema(),
        OfEither::block_schema(),
    ] {
        let error = refused.unwrap_err();
        assert!(error.is_invalid());
        assert!(error.to_string().contains("shown to everybody"), "{error}");
    }
}

#[test]
fn what_contains_itself_is_refused() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Tree {
        children: Vec<Tree>,
    }
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    struct Forest {
        trees: Vec<Tree>,
    }
    let error = Forest::block_schema().unwrap_err();
    assert!(error.is_invalid());
    assert!(
        error.to_string().contains("`Tree`, which contains itself"),
        "{error}"
    );
}

#[test]
fn what_serde_and_schemars_call_differently_is_refused() {
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    struct Named {
        #[schemars(rename = "other")]
        one: String,
    }
    assert!(Named::block_schema().unwrap_err().is_invalid());
}

#[test]
fn a_saved_block_is_a_reference_and_one_that_is_not_is_written_with_its_slug() {
    let id = Uuid::new_v4();
    let mut outer = outer();
    let whole = written(&outer, &BTreeMap::new()).unwrap();
    assert_eq!(
        whole["innerBlock"],
        json!({"token": "s3cret", "n": 3, "block_type_slug": "h5-inner"})
    );
    outer.inner = saved(inner("s3cret"), id).into();
    outer.maybe = Some(saved(inner("s3cret"), id).into());
    outer.either = Either::Inner(Box::new(saved(inner("s3cret"), id).into()));
    let whole = written(&outer, &BTreeMap::new()).unwrap();
    for field in ["innerBlock", "maybe", "either"] {
        assert_eq!(whole[field], json!({"$ref": {"block_document_id": id}}));
    }
    // In a list it is written as Python's classes write it.
    outer.list = vec![saved(simple("listed"), id).into()];
    let whole = written(&outer, &BTreeMap::new()).unwrap();
    assert_eq!(whole["list"][0]["_block_document_id"], json!(id));
    assert_eq!(whole["list"][0]["message"], "listed");
    let read: Outer = read("h5-outer", whole.as_object().unwrap().clone().into_iter().map(|(key, value)| {
        let is_reference = value.get("$ref").is_some();
        let inlined = json!({"token": "s3cret", "block_type_slug": "h5-inner", "_block_document_id": id});
        (key, if is_reference { inlined } else { value })
    }).collect()).unwrap();
    assert_eq!(read.list[0].id(), Some(id));
    assert_eq!(read.inner.id(), Some(id));
    assert!(matches!(read.either, Either::Inner(inner) if inner.id() == Some(id)));
}

#[test]
fn a_field_that_came_as_a_reference_stays_one_while_it_is_as_it_came() {
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    struct Holder {
        // Python's class has a block here, this one a struct of the same fields.
        plain: Plain,
    }
    let plans = plans::<Holder>(&Holder::INFO).unwrap();
    let id = Uuid::new_v4();
    let mut holder = Holder {
        plain: outer().plain,
    };
    let unchanged = data(&holder, &plans).unwrap().remove("plain");
    let came = BTreeMap::from([("plain".to_owned(), Reference { id, unchanged })]);
    let whole = refer(data(&holder, &plans).unwrap(), &plans, &came).unwrap();
    assert_eq!(whole["plain"], json!({"$ref": {"block_document_id": id}}));
    holder.plain.pw = "an0ther".into();
    let error = refer(data(&holder, &plans).unwrap(), &plans, &came).unwrap_err();
    assert!(error.is_invalid());
    assert!(!error.to_string().contains("an0ther"));
    assert!(!format!("{came:?}").contains("s3cret"));
}

#[test]
fn what_the_server_would_read_as_a_reference_is_refused() {
    #[derive(Serialize, Deserialize, JsonSchema, Block)]
    struct Loose {
        any: Map<String, Value>,
    }
    let plans = plans::<Loose>(&Loose::INFO).unwrap();
    let write = |any: Value| {
        let loose = Loose {
            any: any.as_object().unwrap().clone(),
        };
        refer(data(&loose, &plans).unwrap(), &plans, &BTreeMap::new())
    };
    assert!(write(json!({"a": {"$ref": 1}})).is_ok());
    assert!(
        write(json!({"$ref": {"block_document_id": "x"}}))
            .unwrap_err()
            .is_invalid()
    );
}

#[test]
fn what_does_not_fit_is_named_and_not_shown() {
    let read = |data: Value| {
        let data = data.as_object().unwrap().clone();
        read::<Outer>("h5-outer", data).unwrap_err()
    };
    let mut data = data(&outer(), &plans::<Outer>(&Outer::INFO).unwrap()).unwrap();
    let mut with = |field: &str, value: Value| {
        let old = data.insert(field.to_owned(), value).unwrap();
        let error = read(data.clone().into());
        data.insert(field.to_owned(), old);
        error
    };
    let errors = [
        with("zeta", json!({"k": "s3cret"})),
        with("tokens", json!("s3cret")),
        with("tokens", json!([12345])),
        with("plain", json!({"pw": ["s3cret"]})),
        with("innerBlock", json!({"token": 12345})),
        with("either", json!({"block_type_slug": "s3cret-slug"})),
        with("either", json!("s3cret")),
    ];
    let names = [
        "zeta",
        "tokens",
        "tokens",
        "plain",
        "innerBlock",
        "either",
        "either",
    ];
    for (error, name) in errors.iter().zip(names) {
        assert!(error.is_unfit());
        let text = format!("{error} {error:?}");
        assert!(text.contains(&format!("`{name}` does not fit")), "{text}");
        assert!(
            !text.contains("s3cret") && !text.contains("12345"),
            "{text}"
        );
    }
    let missing = read(json!({}));
    assert!(missing.to_string().contains("missing field"), "{missing}");
}

#[test]
fn references_are_read_in_each_form() {
    let id = Uuid::new_v4();
    let by_name = BlockReference::name("slug", "name");
    let forms = [
        (json!(id.to_string()), BlockReference::Id(id)),
        (json!("slug/name"), by_name.clone()),
        (json!({"block_document_id": id}), BlockReference::Id(id)),
        (json!({"block_document_slug": "slug/name"}), by_name.clone()),
        (
            json!({"$ref": {"block_document_id": id}}),
            BlockReference::Id(id),
        ),
        (
            json!({"$ref": {"block_document_slug": "slug/name"}}),
            by_name,
        ),
    ];
    for (form, reference) in forms {
        assert_eq!(
            BlockReference::try_from(&form).unwrap(),
            reference,
            "{form}"
        );
    }
    for wrong in [
        json!(null),
        json!(1),
        json!([]),
        json!({}),
        json!(""),
        json!("name"),
        json!("/name"),
        json!("slug/"),
        json!("slug/.."),
        json!("a/b/c"),
        json!({"block_document_id": "x"}),
        json!({"block_document_id": 1}),
        json!({"block_document_slug": "name"}),
        json!({"block_document_slug": id}),
    ] {
        assert!(
            BlockReference::try_from(&wrong).unwrap_err().is_invalid(),
            "{wrong}"
        );
    }
}

#[test]
fn no_secret_is_in_debug() {
    let outer = saved(outer(), Uuid::new_v4());
    assert!(!format!("{outer:?}").contains("s3cret"));
}
