//! What is rarely put together: unions in maps in lists, tags by enums of a base, parts that narrow, texts that look alike.

use diptych_cases::odd_texts::models::{A, Ac, DDelAnswer, GetAInFooBarU, ReadDId};
use diptych_cases::odd_texts::requests::GetAInFooBar;
use diptych_cases::together::models::{
    Animal, Dog, Holder, HolderInlineDisc, Op, OpFrom, OpFromOp, OpObject, OpValue, OpValueOp,
    PutItAnswer, PutItRequest, Thing,
};
use diptych_cases::together::requests::{PatchIt, PatchItFromMergePatch};
use serde_json::{Value, from_str, json as value};
use uuid::Uuid;

use crate::{body, both, header, json, nothing, target};

#[test]
fn unions_within_maps_within_lists() {
    let dog = value!({"kind": "dog", "barks": true, "tail": "long", "friend": {"kind": "cat", "lives": 3}});
    let part = value!({
        "animals": [dog, {"kind": "cat"}, {"kind": "fish", "fins": 2}],
        "by": {"a": {"kind": "cat", "lives": 1}},
        "primary": null,
        "nested": [{"x": null, "y": {"kind": "dog", "barks": false}}],
        "kindOnly": "cat",
        "inlineDisc": {"t": "b", "b": 1},
        "strict": {"a": "x", "extra": "y"},
        "overlap": {"a": "1", "b": "2"},
        "enumDisc": {"type": "y", "v": 1},
    });
    let text = part.to_string();
    let holder: Holder = from_str(&text).unwrap();
    let (got, sent) = both!(together, json(200, &text), client => client.disc(&holder));
    assert_eq!(from_str::<Value>(body(&sent)).unwrap(), part);
    let got = got.unwrap();
    let Animal::Dog(dog) = &got.animals[0] else {
        panic!("{got:?}");
    };
    assert!(matches!(dog.friend.as_deref(), Some(Animal::Cat(cat)) if cat.lives == Some(3)));
    assert_eq!(dog.additional["tail"], "long");
    assert!(matches!(got.animals[2], Animal::Unknown(_)));
    assert!(matches!(
        got.inline_disc,
        Some(HolderInlineDisc::HolderInlineDiscB(_))
    ));
    let made = Holder::new([Dog::new(true)], None);
    let (_, sent) = both!(together, json(200, &text), client => client.disc(&made));
    assert_eq!(
        body(&sent),
        r#"{"animals":[{"kind":"dog","barks":true}],"primary":null}"#
    );
}

#[test]
fn two_kinds_of_patches() {
    let operations: [Op; 3] = [
        OpValue::new(OpValueOp::Add, "/a", value!(null)).into(),
        OpObject::new("/b").into(),
        OpFrom::new(OpFromOp::Move, "/c", "/d").into(),
    ];
    let request = PatchIt::new()
        .expand(["x", "y"])
        .limit(0)
        .old("o")
        .x_trace("t");
    let (_, sent) = both!(together, json(200, "{}"), client =>
        client.patch_it_with(7, &operations, &request));
    assert_eq!(target(&sent), "/patch/7?expand=x&expand=y&limit=0&old=o");
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/json-patch+json")
    );
    assert_eq!(header(&sent, "x-trace"), Some("t"));
    assert_eq!(
        body(&sent),
        r#"[{"op":"add","path":"/a","value":null},{"op":"remove","path":"/b"},{"op":"move","path":"/c","from":"/d"}]"#
    );
    let (_, sent) = both!(together, json(200, "{}"), client =>
        client.patch_it_from_merge_patch_with(7, &Thing::new().name("n"), &PatchItFromMergePatch::new()));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/merge-patch+json")
    );
    assert_eq!(body(&sent), r#"{"name":"n"}"#);
}

#[test]
fn a_part_asks_for_what_may_be_null() {
    let (got, sent) = both!(together, json(200, r#"["t", {"name": "n"}]"#), client =>
        client.put_it("x", &PutItRequest::new(None)));
    assert_eq!(body(&sent), r#"{"name":null}"#);
    let got = got.unwrap();
    assert!(matches!(&got[0], PutItAnswer::Text(text) if text == "t"));
    assert!(matches!(&got[1], PutItAnswer::Thing(thing) if thing.name.as_deref() == Some("n")));
    let (_, sent) = both!(together, nothing(), client => client.related(Uuid::nil(), &diptych_cases::together::models::RelatedRequest::new()));
    assert_eq!(body(&sent), "{}");
    let (got, _) = both!(together, json(200, r#"{"items": [{"name": "n"}], "next": null}"#), client => client.page());
    assert_eq!(got.unwrap().items[0].name.as_deref(), Some("n"));
}

#[test]
fn texts_that_look_alike() {
    let request = GetAInFooBar::new().ids([1, 2]).x_y_z("h").t("x y");
    let (got, sent) = both!(odd_texts, json(200, r#"{"b": "x", "c": ["a", "A", "a ", "1", "01", "é", "e\u0301", "a\nb", "\"", "new"], "k": {"b": "y"}}"#), client =>
        client.get_a_in_foo_bar_with("", &GetAInFooBarU::Integer(4), &request));
    assert_eq!(target(&sent), "/a?ids%5B%5D=1&ids%5B%5D=2&a=&t=x%20y&u=4");
    assert_eq!(header(&sent, "x-y_z"), Some("h"));
    let a: A = got.unwrap();
    let texts: Vec<&str> = a.c.iter().map(Ac::as_str).collect();
    assert_eq!(
        texts,
        [
            "a", "A", "a ", "1", "01", "é", "e\u{301}", "a\nb", "\"", "new"
        ]
    );
    assert!(a.c[..9].iter().all(|text| !matches!(text, Ac::Unknown(_))));
    assert_eq!(
        (a.big, a.neg, a.additional["k"].b.as_str()),
        (i64::MAX, -1, "y")
    );
}

#[test]
fn an_id_of_two_types_and_every_method() {
    let id = ReadDId::Uuid(Uuid::nil());
    let (got, sent) = both!(odd_texts, json(200, r#"{"b": "2026-01-02", "m": {"b": "2026-01-03"}}"#), client => client.read_d(&id));
    assert_eq!(target(&sent), "/d/00000000-0000-0000-0000-000000000000");
    assert_eq!(got.unwrap().m.unwrap().b.to_string(), "2026-01-03");
    let (_, sent) = both!(odd_texts, json(200, ""), client => client.d_head(true));
    assert_eq!(
        (sent[0].method.as_str(), target(&sent)),
        ("HEAD", "/d/true")
    );
    let (_, sent) = both!(odd_texts, json(200, ""), client => client.d_opt(0.5));
    assert_eq!(
        (sent[0].method.as_str(), target(&sent)),
        ("OPTIONS", "/d/0.5")
    );
    let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
    let (_, sent) = both!(odd_texts, json(200, ""), client => client.d_trace(day));
    assert_eq!(
        (sent[0].method.as_str(), target(&sent)),
        ("TRACE", "/d/2026-01-02")
    );
    let (got, _) =
        both!(odd_texts, json(202, r#"{"job": "j"}"#), client => client.d_del(&Uuid::nil()));
    assert!(
        matches!(got.unwrap(), DDelAnswer::Accepted(answer) if answer.job.as_deref() == Some("j"))
    );
}
