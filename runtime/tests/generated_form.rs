//! The form in which generated code uses this crate.

use std::collections::BTreeMap;

use diptych_runtime::generated::{
    FromObject, ObjectReader, ObjectWriter, ParameterValue, ParameterValues, Redacted,
    RequestBuilder, object, open_enum, read, required, union,
};
use diptych_runtime::{Answer, Call, Operation, Patch, Secret};
use http::{HeaderMap, Method, StatusCode};
use serde::de::{Error as _, MapAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

static UPDATE: Operation = Operation::new("update_block", Method::PATCH, "/blocks/{id}", "Blocks");

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Plain,
    Unknown(String),
}

impl Kind {
    fn as_str(&self) -> &str {
        match self {
            Self::Plain => "PLAIN",
            Self::Unknown(text) => text,
        }
    }
}

impl From<&str> for Kind {
    fn from(text: &str) -> Self {
        match text {
            "PLAIN" => Self::Plain,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        open_enum::read(deserializer)
    }
}

impl ParameterValue for Kind {
    fn write(&self, out: &mut ParameterValues) {
        out.push(self.as_str());
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Schedule {
    Cron(Block),
    Unknown(Value),
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match union::tag(&value, "type") {
            Some("cron") => union::read(value).map(Self::Cron),
            Some(_) => Ok(Self::Unknown(value)),
            None => Err(D::Error::missing_field("type")),
        }
    }
}

#[derive(Clone, PartialEq)]
struct Block {
    id: i64,
    parent: Option<i64>,
    kind: Option<Kind>,
    key: Patch<Secret>,
    additional: BTreeMap<String, Value>,
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Block")
            .field("id", &self.id)
            .field("key", &Redacted)
            .finish_non_exhaustive()
    }
}

impl Serialize for Block {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = ObjectWriter::new(serializer);
        object.field("id", &self.id);
        object.field("parent", &self.parent);
        object.optional("kind", &self.kind);
        object.patch("key", &self.key);
        object.entries(&self.additional);
        object.finish()
    }
}

impl<'de> Deserialize<'de> for Block {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object::read(deserializer)
    }
}

impl<'de> FromObject<'de> for Block {
    const NAME: &'static str = "Block";

    fn from_object<A: MapAccess<'de>>(object: &mut ObjectReader<'de, A>) -> Result<Self, A::Error> {
        let mut id = None;
        let mut parent = None;
        let mut kind = None;
        let mut key = Patch::Absent;
        let mut additional = BTreeMap::new();
        while let Some(name) = object.key()? {
            match &*name {
                "id" => object.value(&mut id),
                "parent" => object.nullable(&mut parent),
                "kind" => object.optional(&mut kind),
                "key" => object.patch(&mut key),
                "type" => object.skip(),
                _ => object.entry(name, &mut additional),
            }?;
        }
        Ok(Self {
            id: required("id", id)?,
            parent: required("parent", parent)?,
            kind,
            key,
            additional,
        })
    }
}

fn update_block(id: i64, kinds: &[Kind], block: &Block) -> Call<Option<Schedule>> {
    let mut request = RequestBuilder::new(&UPDATE);
    request.path("id", &id);
    request.query("kind", kinds);
    request.json(block);
    request.answer(read::json)
}

fn block() -> Block {
    Block {
        id: 1,
        parent: None,
        kind: Some(Kind::from("NEW")),
        key: Patch::Value("s3cret".into()),
        additional: BTreeMap::from([("more".to_owned(), Value::from(1))]),
    }
}

#[test]
fn a_generated_call_is_built_without_io() {
    let call = update_block(7, &[Kind::Plain, Kind::from("x y")], &block());
    let request = call.request().unwrap();
    assert_eq!(request.path_and_query(), "/blocks/7?kind=PLAIN&kind=x%20y");
    let body = br#"{"id":1,"parent":null,"kind":"NEW","key":"s3cret","more":1}"#;
    assert_eq!(request.body(), Some(&body[..]));
    assert!(!format!("{call:?} {:?}", block()).contains("s3cret"));
    assert_eq!(call.operation().name(), "update_block");
}

fn answered(body: &'static str) -> Result<Option<Schedule>, diptych_runtime::Error> {
    update_block(7, &[], &block()).read(Answer::new(StatusCode::OK, HeaderMap::new(), body))
}

#[test]
fn a_generated_model_round_trips() {
    let text = serde_json::to_string(&block()).unwrap();
    assert_eq!(serde_json::from_str::<Block>(&text).unwrap(), block());
}

#[test]
fn generated_unions_are_read_by_their_tag() {
    let cron = answered(r#"{"type":"cron","id":1,"parent":2}"#).unwrap();
    assert!(matches!(cron, Some(Schedule::Cron(block)) if block.parent == Some(2)));
    let other = answered(r#"{"type":"sun","at":"noon"}"#).unwrap();
    assert!(matches!(other, Some(Schedule::Unknown(value)) if value["at"] == "noon"));
    assert_eq!(answered("null").unwrap(), None);
    let error = answered(r#"{"type":"cron","id":1}"#).unwrap_err();
    assert!(error.is_decode());
    assert!(
        error.to_string().contains("missing field `parent`"),
        "{error}"
    );
}
