//! Blocks that Python saves, and those that it loads.

use prefect_sdk::blocks::{Block, Secret};
use serde_json::json;

use super::{Either, Outer, Service, inner, other, service};
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
