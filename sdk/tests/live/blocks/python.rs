//! Blocks that Python saves, and those that it loads.

use std::collections::BTreeMap;

use prefect_sdk::blocks::{Block, Secret};
use serde_json::json;

use super::{Either, Holder, Listed, Outer, Service, inner, other, service};
use crate::{python, server};

/// Python's classes of the types in this test.
pub(super) const CLASSES: &str = r"
from typing import Optional, Union
from pydantic import SecretStr
from prefect.blocks.core import Block
from prefect.blocks.system import Secret
from prefect.types import SecretDict

class Service(Block):
    '''Where reports are sent.'''
    _block_type_name = 'Rust Service'
    _block_schema_capabilities = ['notify']
    url: str
    token: SecretStr
    retries: int = 0
    headers: SecretDict

class Inner(Block):
    _block_type_name = 'Rust Inner'
    token: SecretStr
    n: int

class Other(Block):
    _block_type_name = 'Rust Other'
    token: SecretStr
    n: int

class Outer(Block):
    _block_type_name = 'Rust Outer'
    note: str
    inner: Inner
    either: Union[Inner, Other]
    maybe: Optional[Inner] = None

class Listed(Block):
    _block_type_name = 'Rust Listed'
    x: int

class Holder(Block):
    _block_type_name = 'Rust Holder'
    list: list[Listed]
    map: dict[str, Listed]
    inner: Optional[Inner] = None
";

fn python(program: &str, arguments: &serde_json::Value) -> serde_json::Value {
    python::run(&format!("{CLASSES}\n{program}"), arguments)
}

#[test]
fn python_and_rust_load_each_other_s_blocks() {
    let client = server::client();
    let (ours, theirs) = (server::unique("rust"), server::unique("python"));
    service("s3cret").save(&client, &ours).unwrap();
    let kept = inner("inner-s3cret").save(&client, &ours).unwrap();
    let outer = Outer {
        note: "ours".to_owned(),
        inner: kept.into(),
        either: Either::Other(other("other").into()),
        maybe: None,
    };
    outer.save(&client, &ours).unwrap();
    Secret::new("s3cret").save(&client, &ours).unwrap();
    let read = python(
        r"
from prefect.client.orchestration import get_client
ours, theirs = arguments['ours'], arguments['theirs']
one, two = Service.load(ours), Outer.load(ours)
Service(url='u', token='t0ken', headers={'a': {'b': 1}}).save(theirs)
kept = Inner(token='theirs', n=7)
kept.save(theirs)
Outer(note='theirs', inner=kept, either=Other(token='o', n=2)).save(theirs)
Secret(value={'user': 'me'}).save(theirs)
Secret(value='text').save(theirs + '-text')
two.note = 'theirs'
two.save(ours, overwrite=True)
answer([
    one.url, one.token.get_secret_value(), one.retries, one.headers.get_secret_value(),
    two.inner.token.get_secret_value(), str(two.inner._block_document_name), type(two.either).__name__,
    Secret.load(ours).get(),
    [c._calculate_schema_checksum() for c in (Service, Inner, Outer)],
])
",
        &json!({"ours": ours, "theirs": theirs}),
    );
    assert_eq!(
        read,
        json!([
            "https://example.com",
            "s3cret",
            3,
            {"Authorization": "s3cret"},
            "inner-s3cret",
            ours,
            "Other",
            "s3cret",
            [
                Service::block_checksum().unwrap(),
                super::Inner::block_checksum().unwrap(),
                Outer::block_checksum().unwrap(),
            ],
        ])
    );
    let loaded = Service::load(&client, &theirs).unwrap();
    assert_eq!((loaded.url.as_str(), loaded.token.expose()), ("u", "t0ken"));
    assert_eq!(loaded.headers.expose()["a"], json!({"b": 1}));
    let loaded = Outer::load(&client, &theirs).unwrap();
    assert_eq!(
        (loaded.inner.n, loaded.inner.name()),
        (7, Some(theirs.as_str()))
    );
    assert!(matches!(&loaded.either, Either::Other(it) if it.n == 2));
    let mut again = Outer::load(&client, &ours).unwrap();
    assert_eq!(again.note, "theirs");
    again.note = "ours again".to_owned();
    again.update(&client).unwrap();
    assert!(Outer::load(&client, &ours).unwrap().inner.id().is_some());
    let secret = Secret::load(&client, &theirs).unwrap();
    assert_eq!(secret.value(), json!({"user": "me"}));
    let secret = Secret::load(&client, &format!("{theirs}-text")).unwrap();
    assert_eq!(secret.expose(), "text");
}

#[test]
fn blocks_in_lists_and_maps_travel_both_ways() {
    let client = server::client();
    let (ours, theirs) = (server::unique("rust"), server::unique("python"));
    let kept = Listed { x: 1 }.save(&client, &ours).unwrap();
    let holder = Holder {
        list: vec![kept.clone().into(), Listed { x: 2 }.into()],
        map: BTreeMap::from([("k".to_owned(), kept.into())]),
        inner: Some(inner("inline-s3cret").into()),
    };
    holder.save(&client, &ours).unwrap();
    let read = python(
        r"
ours, theirs = arguments['ours'], arguments['theirs']
one = Holder.load(ours)
kept = Listed(x=7)
kept.save(theirs)
Holder(list=[kept, Listed(x=8)], map={'k': kept}, inner=Inner(token='t0ken', n=9)).save(theirs)
answer([[it.x for it in one.list], one.map['k'].x, one.inner.token.get_secret_value()])
",
        &json!({"ours": ours, "theirs": theirs}),
    );
    assert_eq!(read, json!([[1, 2], 1, "inline-s3cret"]));
    let loaded = Holder::load(&client, &theirs).unwrap();
    let numbers: Vec<i64> = loaded.list.iter().map(|it| it.x).collect();
    assert_eq!((numbers, loaded.map["k"].x), (vec![7, 8], 7));
    assert_eq!(loaded.inner.as_ref().unwrap().token.expose(), "t0ken");
    loaded.update(&client).unwrap();
    assert_eq!(Holder::load(&client, &theirs).unwrap(), loaded);
    // An inline block is hidden where it is.
    let shown = client.read_block_document_by_id(loaded.id()).unwrap();
    assert_eq!(shown.data["inner"]["token"], json!("********"));
}

#[test]
fn a_document_of_another_schema_is_loaded_by_its_slug() {
    let client = server::client();
    let theirs = server::unique("python");
    let id = python(
        r"
class More(Block):
    _block_type_name = 'Rust Inner'
    token: SecretStr
    n: int
    added: dict[str, int] = {}
answer(str(More(token='t', n=1, added={'a': 1}).save(arguments)))
",
        &json!(theirs),
    );
    let mut loaded = super::Inner::load(&client, &theirs).unwrap();
    assert_eq!(json!(loaded.id()), id);
    loaded.n = 2;
    loaded.update(&client).unwrap();
    let document = client.read_block_document_by_id(loaded.id()).unwrap();
    assert_eq!(document.data["added"], json!({"a": 1}));
    assert_eq!(document.data["token"], json!("********"));
    let checksum = document.block_schema.map(|schema| schema.checksum);
    assert_eq!(checksum, Some(super::Inner::block_checksum().unwrap()));
}
