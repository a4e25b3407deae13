//! Schemas of every form, sent and read: what is sent as JSON is what was read, and nothing is lost on the way.

use diptych_cases::every_schema::models::{
    All, AllAnynull, AllMapsValue, AllMulti, AllMultiarr, AllMultiobj, AllOneofarr, AllOneofnum,
    JsonValue, ReadWrite, Rec, ReqNull,
};
use diptych_cases::odd_words::models::{Everything, OptionModel, SelfModel};
use diptych_cases::old_nulls::models as old;
use serde_json::{Value, from_str, json as value, to_value};

use crate::{body, both, json};

/// What is read of it and sent again.
fn round(read: &Value) -> Value {
    let (got, _) =
        both!(every_schema, json(200, &read.to_string()), client => client.everything(&All::new()));
    let all = got.unwrap();
    let (_, sent) = both!(every_schema, json(200, "{}"), client => client.everything(&all));
    from_str(body(&sent)).unwrap()
}

#[test]
fn what_is_read_is_sent() {
    for part in [
        value!({"maps": {"k": [{"kind": "cat", "lives": 9}, {"kind": "dog", "barks": true}, null, {"kind": "fish", "x": 1}]}}),
        value!({"closed": {"a": "x", "b": 2}}),
        value!({"emptyenum": ""}),
        value!({"emptyenum": "A"}),
        value!({"emptyenum": "new"}),
        value!({"enumnull": "b"}),
        value!({"intenum": 2}),
        value!({"intenum": 3}),
        value!({"mixed": [1]}),
        value!({"mixed": true}),
        value!({"multi": "5"}),
        value!({"multi": 5}),
        value!({"multiarr": [1, 2]}),
        value!({"multiarr": "x"}),
        value!({"multiobj": {"a": "x"}}),
        value!({"multiobj": false}),
        value!({"anynull": "2026-01-02"}),
        value!({"anynull": 4}),
        value!({"mapnull": {"a": null, "b": "x"}}),
        value!({"listnull": [1, null]}),
        value!({"mapany": {"a": [null]}}),
        value!({"pattern": {"x-a": "b"}}),
        value!({"propnames": {"a": 1}}),
        value!({"rec": {"left": {"leaf": "l"}, "right": {"left": {"leaf": "m"}}}}),
        value!({"recall": {"kind": "k", "child": {"kind": "l"}, "children": [{"kind": "m", "lives": 1}]}}),
        value!({"tree": {"a": {"b": {}, "c": {"d": {}}}}}),
        value!({"json": {"a": [1.5, "x", true, null, {"b": []}]}}),
        value!({"consts": {"s": "x", "i": 1, "n": 1.5, "b": false, "o": {"a": 1}, "a": [1]}}),
        value!({"dur": "P1D", "time": "10:00:00Z", "dec": "1.10", "email": "a@b", "uri": "x:y"}),
        value!({"int8": -1, "u32": 4_294_967_295_u32, "flt": 0.5, "decn": 1.25, "i64s": "9"}),
        value!({"datedef": "2026-01-02T03:04:05Z", "uuiddef": "00000000-0000-0000-0000-000000000001"}),
        value!({"arrdef": [], "objdef": {}, "enumdef": "a", "intdef": 0, "flagdef": false, "strdef": ""}),
        value!({"tuple": ["a", 1, {"kind": "k"}]}),
        value!({"contains": [1, "a"]}),
        value!({"nested": [[[1.0], []], []]}),
        value!({"notx": 4}),
        value!({"anyprop": null}),
        value!({"unevaluated": {"a": "x", "b": 1}}),
        value!({"base": {"kind": "k", "lives": 1, "barks": true, "own": "00000000-0000-0000-0000-000000000001", "more": "m"}}),
        value!({"allofnull": {"kind": "k", "lives": 1}}),
        value!({"allofscalars": "x"}),
        value!({"allofint": u64::MAX}),
        value!({"anyofreq": {"a": "x"}}),
        value!({"oneofprim": "no date"}),
        value!({"oneofnum": 5}),
        value!({"oneofnum": 5.5}),
        value!({"oneofarr": ["a"]}),
        value!({"oneofarr": [1]}),
        value!({"oneofarr": "a"}),
        value!({"oneofone": {"kind": "k"}}),
        value!({"oneofconst": "b"}),
        value!({"oneofconst": "c"}),
        value!({"oneofintconst": 2}),
        value!({"titled": {"x": 1}}),
        value!({"defs": {"i": {"deep": "q"}}}),
        value!({"dep": "d"}),
        value!({"reqnull": {"a": null, "b": null, "c": null}}),
    ] {
        // Null is what is not there, where nothing tells them apart.
        let expected = if part == value!({"anyprop": null}) {
            value!({})
        } else {
            part.clone()
        };
        assert_eq!(round(&part), expected);
    }
}

#[test]
fn types_are_those_that_the_schemas_say() {
    let text = r#"{"maps": {"k": [{"kind": "dog"}]}, "multi": 1, "multiarr": [1], "multiobj": true, "anynull": "2026-01-02", "oneofnum": 1,
        "oneofarr": [], "json": [], "rec": {"leaf": "l"}, "tree": {"a": {}}, "allofint": 18446744073709551615}"#;
    let all: All = from_str(text).unwrap();
    assert!(matches!(
        all.maps.unwrap()["k"][0],
        Some(AllMapsValue::Dog(_))
    ));
    assert!(matches!(all.multi, Some(AllMulti::Integer(1))));
    assert!(matches!(all.multiarr, Some(AllMultiarr::IntegerList(_))));
    assert!(matches!(all.multiobj, Some(AllMultiobj::Bool(true))));
    assert!(matches!(all.anynull, Some(AllAnynull::Date(_))));
    assert!(matches!(all.oneofnum, Some(AllOneofnum::Integer(1))));
    assert!(matches!(all.oneofarr, Some(AllOneofarr::TextList(_))));
    assert!(matches!(all.json, Some(JsonValue::JsonValueList(_))));
    assert!(matches!(all.rec, Some(Rec::RecLeaf(_))));
    assert_eq!(all.tree.unwrap().additional["a"].additional.len(), 0);
    assert_eq!(all.allofint, Some(u64::MAX));
}

#[test]
fn what_must_be_there_is_asked_for_and_what_is_read_only_is_not() {
    let all = All::new()
        .reqnull(ReqNull::new(None, Some("b".to_owned())))
        .readwrite(ReadWrite::new("p", "b"));
    assert_eq!(
        to_value(&all).unwrap(),
        value!({"reqnull": {"a": null, "b": "b", "c": null}, "readwrite": {"pw": "p", "both": "b"}})
    );
    let read = r#"{"readwrite": {"id": 1, "both": "b", "at": "2026-01-02T03:04:05Z", "nested": {"x": 1}}}"#;
    let all: All = from_str(read).unwrap();
    let read = all.readwrite.unwrap();
    assert_eq!((read.id, read.nested.unwrap().x), (Some(1), 1));
}

#[test]
fn null_as_3_0_says_it() {
    let part = value!({"nref": null, "n1": null, "n4": {"kind": "k", "lives": 2}, "n5": {"a": "x"}, "n6": [null, 1], "n7": {"a": null},
        "n8": {"a": "x"}, "n9": "t", "mapped": {"kind": "e", "lives": 1}, "int": 4, "byte": "AA==", "noType": {"a": "x"}, "noTypeFormat": "2026-01-02"});
    let (got, _) = both!(old_nulls, json(200, &part.to_string()), client => client.everything(&old::All::new(None, None)));
    let all = got.unwrap();
    assert!(matches!(all.mapped, Some(old::Mapped::Cat(_))));
    let (_, sent) =
        both!(old_nulls, json(200, &part.to_string()), client => client.everything(&all));
    assert_eq!(from_str::<Value>(body(&sent)).unwrap(), part);
}

#[test]
fn words_that_are_taken_are_names_all_the_same() {
    let part = value!({"option": {"new": "1", "build": "2", "clone": "3", "self": "4", "Self": "5", "crate": "6", "": "7", " ": "8",
            "$ref": "9", "r#type": "10", "a-b": "11", "a_b": "12", "aB": "13", "more": "14"},
        "vec": [], "string": "s", "result": {"ok": "x"}, "error": {"error": {"source": "s"}}, "box": "b", "self": "SELF",
        "ok": {"a": {"b": {}}}, "iterator": {"next": {"next": {}}}, "unknown": {"b": "x"}, "static": "x ", "i64": {"a": 1}});
    let read: Everything = from_str(&part.to_string()).unwrap();
    assert_eq!(read.self_, Some(SelfModel::from("SELF")));
    let option: &OptionModel = read.option.as_ref().unwrap();
    assert_eq!(
        (option.self_.as_str(), option.additional["more"].as_str()),
        ("4", "14")
    );
    let (got, sent) =
        both!(odd_words, json(200, &part.to_string()), client => client.everything(&read));
    assert_eq!(from_str::<Value>(body(&sent)).unwrap(), part);
    assert_eq!(got.unwrap(), read);
    let text = to_value(SelfModel::from("crate")).unwrap();
    assert_eq!(text, "crate");
}
