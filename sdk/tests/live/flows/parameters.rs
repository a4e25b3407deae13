//! The schema of each kind of parameter beside that of Python's function.

use std::collections::{BTreeMap, BTreeSet};

use prefect_sdk::flow;
use prefect_sdk::flows::FlowRun;
use prefect_sdk::input::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::python;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Plain {
    a: i64,
    b: Option<String>,
}

/// Has a tree.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Tree {
    leaf: Option<Plain>,
    trees: Vec<Tree>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Other {
    x: i64,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Either {
    Plain(Plain),
    Other(Other),
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

const FUNCTIONS: &str = r"
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID
from pydantic import BaseModel, Field
from prefect.utilities.callables import parameter_schema

class Plain(BaseModel):
    a: int
    b: Optional[str] = None

class Tree(BaseModel):
    '''Has a tree.'''
    leaf: Optional[Plain] = None
    trees: list['Tree']

class Other(BaseModel):
    x: int

class Color(str, Enum):
    red = 'red'
    green = 'green'

seen = []
for row in arguments:
    space = dict(globals())
    exec('def kind(' + row + '):\n    \'\'\'A flow.\n\n    Args:\n        described: What it is.\n    \'\'\'', space)
    seen.append(parameter_schema(space['kind']).model_dump_for_openapi())
answer(seen)
";

/// A row: the parameters in Rust, and in Python. A flow is made of the first, and asked for its schema.
macro_rules! rows {
    ($([$($(#[$attribute:meta])* $name:ident: $rust:ty),*] => $python:literal,)*) => {
        fn rows() -> Vec<(&'static str, &'static str, Value)> {
            let mut rows = Vec::new();
            $({
                #[flow]
                fn kind(_: &FlowRun $(, $(#[$attribute])* $name: $rust)*) -> Result<(), String> {
                    $(let _ = &$name;)*
                    Ok(())
                }
                let rust = stringify!($($(#[$attribute])* $name: $rust),*);
                rows.push((rust, $python, kind::flow().parameter_openapi_schema()));
            })*
            rows
        }
    };
}

rows! {
    [] => "",
    [field: String] => "field: str",
    [first_name: bool, age: i64] => "first_name: bool, age: int",
    [z: i32, a: f64, m: Uuid] => "z: int, a: float, m: UUID",
    [field: u64] => "field: Annotated[int, Field(ge=0)]",
    [field: u8] => "field: Annotated[int, Field(ge=0, le=255)]",
    [field: chrono::DateTime<chrono::Utc>] => "field: datetime",
    [field: chrono::NaiveDate] => "field: date",
    [field: Value] => "field: Any",
    [field: Option<String>] => "field: Optional[str] = None",
    [#[default(3)] field: i64] => "field: int = 3",
    [#[default("ä")] field: String] => "field: str = 'ä'",
    [#[default] field: bool] => "field: bool = False",
    [#[default] field: Vec<i64>] => "field: list[int] = []",
    [#[default(Some(3))] field: Option<i64>] => "field: Optional[int] = 3",
    [field: Vec<String>] => "field: list[str]",
    [field: Vec<Option<i64>>] => "field: list[Optional[int]]",
    [field: Option<Vec<String>>] => "field: Optional[list[str]] = None",
    [field: BTreeSet<String>] => "field: set[str]",
    [field: BTreeMap<String, i64>] => "field: dict[str, int]",
    [field: BTreeMap<String, Vec<Plain>>] => "field: dict[str, list[Plain]]",
    [field: Map<String, Value>] => "field: dict[str, Any]",
    [field: Option<BTreeMap<String, i64>>] => "field: Optional[dict[str, int]] = None",
    [field: (String, i64)] => "field: tuple[str, int]",
    [field: Color] => "field: Color",
    [field: Option<Color>] => "field: Optional[Color] = None",
    [field: Inlined] => "field: Literal['red', 'green']",
    [field: Plain] => "field: Plain",
    [field: Option<Plain>] => "field: Optional[Plain] = None",
    [field: Vec<Plain>] => "field: list[Plain]",
    [field: Tree] => "field: Tree",
    [field: Either] => "field: Union[Plain, Other]",
    [field: Option<Either>] => "field: Union[Plain, Other, None] = None",
    [#[doc = " What it is."] described: i64] => "described: int",
    [#[schemars(extend("format" = "path"))] field: String] => "field: Path",
    [#[serde(rename = "schemaName")] field: String] => "schemaName: str",
    [#[schemars(range(min = 1, max = 9))] field: i64] => "field: Annotated[int, Field(ge=1, le=9)]",
    [#[schemars(length(min = 1, max = 9))] field: String] => "field: Annotated[str, Field(min_length=1, max_length=9)]",
}

#[test]
fn schemas_of_parameters_are_python_s_for_each_kind() {
    let rows = rows();
    let programs: Vec<&str> = rows.iter().map(|(_, python, _)| *python).collect();
    let theirs = python::run(FUNCTIONS, &json!(programs));
    let mut differ = Vec::new();
    for ((rust, python, ours), theirs) in rows.iter().zip(theirs.as_array().unwrap()) {
        if ours != theirs {
            differ.push(format!(
                "{rust} => {python}\nrust:   {ours}\npython: {theirs}"
            ));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
}
