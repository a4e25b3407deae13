//! Documents that anybody may have written.

use super::*;

/// What a server may answer, whatever it is.
fn document(data: &Value, references: &Value) -> BlockDocument {
    let id = Uuid::nil();
    let document = json!({
        "id": id, "created": null, "updated": null, "name": "name", "block_schema_id": id, "block_type_id": id,
        "block_type": {"id": id, "created": null, "updated": null, "name": "H5 Outer", "slug": "h5-outer"},
        "data": data, "block_document_references": references,
    });
    serde_json::from_value(document).unwrap()
}

#[test]
fn whatever_is_said_of_references_is_read_or_refused() {
    let asked = BlockReference::name("h5-outer", "name");
    let whole = written(&outer(), &BTreeMap::new()).unwrap();
    let read = |data: &Value, references: Value| {
        super::super::block::saved::<Outer>(&document(data, &references), &asked)
    };
    let id = Uuid::new_v4();
    let inner = |about: Value| json!({"innerBlock": {"block_document": about}});
    assert_eq!(read(&whole, json!({})).unwrap().inner.id(), None);
    let referred = read(&whole, inner(json!({"id": id, "name": "it"}))).unwrap();
    assert_eq!(
        (referred.inner.id(), referred.inner.name()),
        (Some(id), Some("it"))
    );
    assert_eq!(referred.reference("innerBlock"), Some(id));
    let mut wrong_slug = json!({"id": id, "block_type": {"slug": "h5-simple"}});
    assert!(
        read(&whole, inner(wrong_slug.clone()))
            .unwrap_err()
            .is_unfit()
    );
    for _ in 0..100 {
        wrong_slug = json!({"id": id, "block_document_references": {"token": {"block_document": wrong_slug}}});
    }
    for nothing in [
        wrong_slug,
        json!(null),
        json!([1]),
        json!({"id": 5}),
        json!({"id": "x", "name": {}, "is_anonymous": "yes"}),
        json!({"id": id, "block_type": [], "block_document_references": {"n": {"block_document": {"id": id}}}}),
    ] {
        assert!(read(&whole, inner(nothing.clone())).is_ok(), "{nothing}");
    }
    let elsewhere = json!({"zeta": {"block_document": {"id": id}}, "nowhere": {"block_document": {"id": id}}, "plain": {}});
    let read_again = read(&whole, elsewhere).unwrap();
    assert_eq!(read_again.reference("nowhere"), Some(id));
    let mut gone = whole.clone();
    gone["innerBlock"] = json!([[[]]]);
    let error = read(&gone, inner(json!({"id": id}))).unwrap_err();
    assert!(error.is_unfit());
}

/// Any JSON, with the keys that mean something more often than others.
fn anything(random: &mut fastrand::Rng, depth: usize) -> Value {
    const KEYS: [&str; 16] = [
        "zeta",
        "innerBlock",
        "maybe",
        "either",
        "plain",
        "tokens",
        "maps",
        "list",
        "token",
        "$ref",
        "block_document",
        "block_document_references",
        "block_type",
        "block_type_slug",
        "_block_document_id",
        "id",
    ];
    match random.u8(..if depth == 0 { 5 } else { 8 }) {
        0 => Value::Null,
        1 => json!(random.bool()),
        2 => json!(random.i64(..)),
        3 => json!(["h5-inner", "h5-simple", "s3cret", ""][random.usize(..4)]),
        4 => json!(Uuid::from_u128(random.u128(..))),
        5 => (0..random.usize(..4))
            .map(|_| anything(random, depth - 1))
            .collect(),
        _ => {
            let fields = (0..random.usize(..8)).map(|_| {
                let key = KEYS[random.usize(..KEYS.len())].to_owned();
                (key, anything(random, depth - 1))
            });
            Value::Object(fields.collect())
        }
    }
}

#[test]
fn any_document_is_read_or_refused_and_none_is_shown() {
    let mut random = fastrand::Rng::with_seed(5);
    let asked = BlockReference::name("h5-outer", "name");
    let whole = written(&outer(), &BTreeMap::new()).unwrap();
    let plans = plans::<Outer>(&Outer::INFO).unwrap();
    let mut read = 0;
    for _ in 0..500 {
        let mut data = whole.clone();
        if let (Value::Object(data), Value::Object(more)) = (&mut data, anything(&mut random, 4)) {
            data.extend(more);
        }
        let mut references = json!({});
        for field in ["innerBlock", "either", "list", "more"] {
            references[field] = json!({"block_document": anything(&mut random, 4)});
        }
        match super::super::block::saved::<Outer>(&document(&data, &references), &asked) {
            Ok(saved) => {
                read += 1;
                let came = &saved.place.references;
                let _ = refer(
                    super::super::write::data(&saved.value, &plans).unwrap(),
                    &plans,
                    came,
                );
            }
            Err(error) => {
                assert!(error.is_unfit());
                assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
            }
        }
    }
    assert!(read > 0, "none was read");
}
