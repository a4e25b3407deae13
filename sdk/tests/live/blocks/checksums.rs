//! The checksum of each kind of field beside that of Python's class, and that the docs say so of these kinds and no others.

use std::collections::{BTreeMap, BTreeSet};

use prefect_sdk::blocks::{Block, Nested, SecretMap, SecretString, schemars::JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::python;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Plain {
    a: i64,
    b: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Green,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "lowercase")]
enum Inlined {
    Red,
    Green,
}

/// Has a secret.
#[derive(Serialize, Deserialize, JsonSchema, Block)]
struct Inner {
    token: SecretString,
    #[serde(default = "three")]
    n: i64,
}

#[derive(Serialize, Deserialize, JsonSchema, Block)]
struct Other {
    x: i64,
    plain: Plain,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Either {
    Inner(Nested<Inner>),
    Other(Nested<Other>),
}

fn three() -> i64 {
    3
}

fn tiny() -> f64 {
    1e-7
}

fn text() -> String {
    "ä \u{1F600}\n".to_owned()
}

const CLASSES: &str = r"
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID
from pydantic import BaseModel, Field, SecretStr
from prefect.blocks.core import Block
from prefect.types import SecretDict

class Plain(BaseModel):
    a: int
    b: Optional[str] = None

class Color(str, Enum):
    red = 'red'
    green = 'green'

class Inner(Block):
    '''Has a secret.'''
    token: SecretStr
    n: int = 3

class Other(Block):
    x: int
    plain: Plain

seen = []
for row in arguments:
    space = dict(globals())
    exec('class Kind(Block):\n    ' + row, space)
    seen.append([space['Kind']._calculate_schema_checksum(), space['Kind'].model_json_schema()])
answer(seen)
";

/// A row: what is written in Rust, and what is written in Python. A struct is made of the first, and asked for its schema.
macro_rules! rows {
    ($($(#[$attribute:meta])* $field:ident: $rust:ty => $python:literal,)*) => {
        fn rows() -> Vec<(String, &'static str, Result<Value, prefect_sdk::Error>, Result<String, prefect_sdk::Error>)> {
            let mut rows = Vec::new();
            $({
                #[derive(Serialize, Deserialize, JsonSchema, Block)]
                struct Kind {
                    $(#[$attribute])*
                    $field: $rust,
                }
                let attributes: &[&str] = &[$(concat!("#[", stringify!($attribute), "] ")),*];
                let rust = format!("{}{}", attributes.concat(), stringify!($rust));
                rows.push((rust, $python, Kind::block_schema(), Kind::block_checksum()));
            })*
            rows
        }
    };
}

rows! {
    field: String => "field: str",
    field: bool => "field: bool",
    field: i64 => "field: int",
    field: i32 => "field: int",
    field: u64 => "field: Annotated[int, Field(ge=0)]",
    field: u8 => "field: Annotated[int, Field(ge=0, le=255)]",
    field: i8 => "field: Annotated[int, Field(ge=-128, le=127)]",
    field: f64 => "field: float",
    field: Uuid => "field: UUID",
    field: chrono::DateTime<chrono::Utc> => "field: datetime",
    field: chrono::NaiveDate => "field: date",
    field: Value => "field: Any",
    field: Option<String> => "field: Optional[str] = None",
    field: Option<f64> => "field: Optional[float] = None",
    #[serde(default)]
    field: bool => "field: bool = False",
    #[serde(default)]
    field: String => "field: str = ''",
    #[serde(default = "text")]
    field: String => "field: str = 'ä \\U0001F600\\n'",
    #[serde(default = "three")]
    field: i64 => "field: int = 3",
    #[serde(default = "tiny")]
    field: f64 => "field: float = 1e-7",
    field: Vec<String> => "field: list[str]",
    field: Vec<Option<i64>> => "field: list[Optional[int]]",
    #[serde(default)]
    field: Vec<i64> => "field: list[int] = []",
    field: Option<Vec<String>> => "field: Optional[list[str]] = None",
    field: BTreeSet<String> => "field: set[str]",
    field: BTreeMap<String, i64> => "field: dict[str, int]",
    field: BTreeMap<String, Vec<Plain>> => "field: dict[str, list[Plain]]",
    field: Map<String, Value> => "field: dict[str, Any]",
    field: Option<BTreeMap<String, i64>> => "field: Optional[dict[str, int]] = None",
    field: Option<Map<String, Value>> => "field: Optional[dict[str, Any]] = None",
    field: Vec<Value> => "field: list[Any]",
    #[serde(default)]
    field: BTreeMap<String, String> => "field: dict[str, str] = {}",
    field: (String, i64) => "field: tuple[str, int]",
    field: Color => "field: Color",
    field: Option<Color> => "field: Optional[Color] = None",
    field: Inlined => "field: Literal['red', 'green']",
    field: Option<Inlined> => "field: Optional[Literal['red', 'green']] = None",
    field: Plain => "field: Plain",
    field: Option<Plain> => "field: Optional[Plain] = None",
    field: Vec<Plain> => "field: list[Plain]",
    field: SecretString => "field: SecretStr",
    field: Option<SecretString> => "field: Optional[SecretStr] = None",
    field: Vec<SecretString> => "field: list[SecretStr]",
    field: SecretMap => "field: SecretDict",
    field: Option<SecretMap> => "field: Optional[SecretDict] = None",
    #[serde(default)]
    field: SecretMap => "field: SecretDict = Field(default_factory=lambda: SecretDict({}))",
    field: Nested<Inner> => "field: Inner",
    field: Nested<Other> => "field: Other",
    field: Option<Nested<Inner>> => "field: Optional[Inner] = None",
    field: Vec<Nested<Other>> => "field: list[Other]",
    field: BTreeMap<String, Nested<Other>> => "field: dict[str, Other]",
    field: Either => "field: Union[Inner, Other]",
    field: Option<Either> => "field: Union[Inner, Other, None] = None",
    #[doc = " What it is."]
    field: i64 => "field: int = Field(description='What it is.')",
    #[serde(rename = "schemaName")]
    field: String => "field: str = Field(alias='schemaName')",
    #[schemars(title = "URL")]
    field: String => "field: str = Field(title='URL')",
    #[schemars(length(min = 1, max = 9))]
    field: String => "field: str = Field(min_length=1, max_length=9)",
    #[schemars(range(min = 1, max = 9))]
    field: i64 => "field: int = Field(ge=1, le=9)",
    #[schemars(example = &"one")]
    field: String => "field: str = Field(examples=['one'])",
    #[schemars(extend("format" = "path"))]
    field: String => "field: Path",
    #[serde(rename = "x2_url")]
    field: i64 => "field: int = Field(alias='x2_url')",
}

#[test]
fn checksums_are_python_s_for_each_kind_of_field() {
    let rows = rows();
    let programs: Vec<&str> = rows.iter().map(|(_, python, ..)| *python).collect();
    let theirs = python::run(CLASSES, &json!(programs));
    let mut differ = Vec::new();
    for ((rust, python, schema, checksum), theirs) in rows.iter().zip(theirs.as_array().unwrap()) {
        let (schema, checksum) = (schema.as_ref().unwrap(), checksum.as_ref().unwrap());
        if theirs[0] != json!(checksum) {
            differ.push(format!(
                "{rust} => {python}\nrust:   {schema}\npython: {}",
                theirs[1]
            ));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
}

#[test]
fn the_docs_list_these_kinds_of_fields() {
    let docs = include_str!("../../../src/blocks/fields.md");
    let listed: Vec<&str> = docs
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let tested: Vec<String> = rows()
        .into_iter()
        .map(|(rust, python, ..)| {
            let rust = rust.replace("#[doc = \" What it is.\"]", "/** What it is. */");
            let python = python.split_once(": ").expect("a field").1;
            format!("| `{rust}` | `{python}` |")
        })
        .collect();
    assert!(listed == tested, "the rows are:\n{}", tested.join("\n"));
}
