//! Schemas become types that keep what the schemas say.

use std::collections::BTreeMap;

use diptych_cases::additional_objects::models::Cat;
use diptych_cases::children::models::{Circle, Shape};
use diptych_cases::mappings::models::{Animal, LeafNode, Node};
use diptych_cases::narrowed_enums::models::Hk;
use diptych_cases::overlapping::models::{AllApart, AllList, AllOpen, AllWider};
use diptych_cases::union_in_all_of::models::{
    About, AboutShapeObject2, Both, Letter, LetterFirm, Pair, SheepItem, SortAnswer, SortRequest,
    SortRequestItemFirm,
};
use serde_json::json as value;

use crate::{body, both, json, nothing};

#[test]
fn a02_an_own_property_beside_additional_ones_of_another_type() {
    let cat = Cat::new().friendly(true).id(3);
    let (_, sent) = both!(additional_objects, nothing(), client => client.put_c(&cat));
    assert_eq!(body(&sent), r#"{"friendly":true,"id":3}"#);
    let read: Cat = serde_json::from_str(r#"{"id": 1, "tail": {"cm": 30}}"#).unwrap();
    let tail = BTreeMap::from([("cm".to_owned(), value!(30))]);
    assert_eq!(read.additional["tail"], tail);
}

#[test]
fn a04_a_union_beside_fields_keeps_both() {
    let (got, _) =
        both!(union_in_all_of, json(200, r#"{"extra": "e", "mail": "m"}"#), client => client.a());
    let Both::BothObject2(both) = got.unwrap() else {
        panic!("not the branch with a mail");
    };
    assert_eq!(both.extra.as_deref(), Some("e"));
    assert_eq!(both.mail.as_deref(), Some("m"));
}

#[test]
fn a_union_among_the_parts_of_an_all_of_has_the_others_in_each_branch() {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
    let shape = AboutShapeObject2::new().side(2.0).note("n");
    let letter = Letter::from(LetterFirm::new(day).place("p").about(shape));
    let text = r#"{"kind": "person", "day": "2026-01-02", "born": 1999, "about": {"radius": 1.5, "note": "n"}}"#;
    let (got, sent) = both!(union_in_all_of, json(200, text), client => client.b(&letter));
    assert_eq!(
        body(&sent),
        r#"{"day":"2026-01-02","kind":"firm","about":{"note":"n","side":2.0},"place":"p"}"#
    );
    let Letter::LetterPerson(letter) = got.unwrap() else {
        panic!("not a person");
    };
    assert_eq!((letter.born, letter.day), (Some(1999), day));
    let Some(About::AboutShapeObject(about)) = letter.about else {
        panic!("not a circle");
    };
    assert_eq!(
        (about.radius, about.note.as_deref()),
        (Some(1.5), Some("n"))
    );
    let (got, _) =
        both!(union_in_all_of, json(200, r#"{"extra": "e", "born": 3}"#), client => client.c());
    let Pair::Unknown(pair) = got.unwrap() else {
        panic!("a pair without a tag");
    };
    assert_eq!(pair["born"], 3);
}

#[test]
fn what_is_no_component_is_called_after_its_operation() {
    let first = SortRequestItemFirm::new().place("p").rank(1);
    let request = SortRequest::new().items([first]);
    let text = r#"{"kind":"person","born":3,"herd":[{"name":"Dolly"}]}"#;
    let (got, sent) = both!(union_in_all_of, json(200, text), client => client.sort("1", &request));
    assert_eq!(
        body(&sent),
        r#"{"items":[{"kind":"firm","place":"p","rank":1}]}"#
    );
    let SortAnswer::SortAnswerPerson(person) = got.unwrap() else {
        panic!("not a person");
    };
    let herd: Vec<SheepItem> = person.herd.unwrap();
    assert_eq!(herd[0].name.as_deref(), Some("Dolly"));
}

#[test]
fn lists_of_objects_are_told_apart_by_what_they_lose() {
    let text = r#"{"lists": [[{"colour": "red"}], "x", [{"size": "s"}, {}], []]}"#;
    let (got, _) = both!(overlapping, json(200, text), client => client.all());
    let [colours, text, sizes, none] = got.unwrap().lists.try_into().unwrap();
    let AllList::ColourList(colours) = colours else {
        panic!("no list of colours: {colours:?}");
    };
    assert_eq!(colours[0].colour.as_deref(), Some("red"));
    assert_eq!(text, AllList::Text("x".to_owned()));
    let AllList::SizeList(sizes) = sizes else {
        panic!("no list of sizes: {sizes:?}");
    };
    assert_eq!(sizes[0].size.as_deref(), Some("s"));
    assert_eq!(none, AllList::SizeList(Vec::new()));
}

#[test]
fn branches_that_share_names_are_told_apart_by_what_they_lose() {
    let text = r#"{
        "wider": [{"name": "a"}, {"name": "b", "age": 3}],
        "apart": [{"size": "s"}, {"colour": "c"}],
        "open": [{"size": "s"}, {"x": "y"}]
    }"#;
    let (got, _) = both!(overlapping, json(200, text), client => client.all());
    let all = got.unwrap();
    let [AllWider::Name(one), AllWider::NameAndAge(other)] = &all.wider[..] else {
        panic!("not a name, and a name with an age");
    };
    assert_eq!((one.name.as_str(), other.age), ("a", Some(3)));
    let apart = all.apart;
    assert!(
        matches!(&apart[..], [AllApart::Size(_), AllApart::Colour(_)]),
        "{apart:?}"
    );
    let open = all.open;
    assert!(
        matches!(&open[..], [AllOpen::Size(_), AllOpen::Map(_)]),
        "{open:?}"
    );
}

#[test]
fn a07_one_more_required_property() {
    let (got, _) = both!(
        required_beside_reference,
        json(200, r#"{"id": "1", "thread": "t"}"#),
        client => client.make()
    );
    let message = got.unwrap();
    let thread: String = message.thread;
    assert_eq!((message.id.as_str(), thread.as_str()), ("1", "t"));
}

#[test]
fn a12_an_enum_of_the_texts_that_are_left() {
    let (got, _) =
        both!(narrowed_enums, json(200, r#"{"k": "b", "l": ["c"]}"#), client => client.a());
    let h = got.unwrap();
    assert_eq!(h.k, Some(Hk::B));
    assert_eq!(h.l.len(), 1);
}

#[test]
fn b14_whole_numbers_as_large_as_their_limits() {
    let (got, sent) = both!(
        whole_numbers,
        json(200, r#"{
            "bytes": 18446744073709551615, "u64": 18446744073709551615, "u32": 4294967295,
            "beyond": 340282366920938463463374607431768211455, "below": -9223372036854775809,
            "either": -1, "narrow": 4294967295, "small": 65535, "doubles": -1
        }"#),
        client => client.blob_with(
            &diptych_cases::whole_numbers::requests::Blob::new().at(u64::MAX).far(i128::from(i64::MIN) - 1)
        )
    );
    assert_eq!(
        crate::target(&sent),
        "/blob?at=18446744073709551615&far=-9223372036854775809"
    );
    let blob = got.unwrap();
    assert_eq!(
        (blob.bytes, blob.u64, blob.u32),
        (u64::MAX, Some(u64::MAX), Some(4_294_967_295))
    );
    assert_eq!(blob.beyond, Some(u128::MAX));
    assert_eq!(blob.below, Some(i128::from(i64::MIN) - 1));
    assert_eq!(
        (blob.either, blob.narrow),
        (Some(-1_i128), Some(4_294_967_295_i64))
    );
    assert_eq!((blob.small, blob.doubles), (Some(65_535), Some(-1_i64)));
}

#[test]
fn b23_a_mapping_says_the_branch() {
    let nodes = r#"[{"op": "twig", "value": "v"}, {"op": "all", "parts": []}, {"op": "LeafNode"}, {"op": "stem", "value": "v"}]"#;
    let sent = Node::from(LeafNode::new("leaf", "v"));
    let (got, sent) = both!(mappings, json(200, nodes), client => client.query(&sent));
    assert_eq!(body(&sent), r#"{"op":"leaf","value":"v"}"#);
    let nodes = got.unwrap();
    assert!(matches!(&nodes[0], Node::LeafNode(_)), "{nodes:?}");
    assert!(matches!(&nodes[1], Node::AllNode(_)), "{nodes:?}");
    assert!(matches!(&nodes[2], Node::Unknown(_)), "{nodes:?}");
    assert!(matches!(&nodes[3], Node::LeafNode(_)), "{nodes:?}");
}

#[test]
fn b23_without_a_mapping_the_name_of_the_schema_says_it() {
    let (got, _) =
        both!(mappings, json(200, r#"{"kind": "Dog", "name": "d"}"#), client => client.implicit());
    assert!(matches!(got.unwrap(), Animal::Dog(_)));
}

#[test]
fn b47_children_of_a_base() {
    let shapes =
        r#"[{"kind": "circle", "colour": "red", "radius": 2.5}, {"kind": "box", "side": 1}]"#;
    let (got, _) = both!(children, json(200, shapes), client => client.shapes());
    let shapes = got.unwrap();
    let Shape::Circle(circle) = &shapes[0] else {
        panic!("no circle: {shapes:?}");
    };
    assert_eq!(
        (circle.radius, circle.colour.as_deref()),
        (2.5, Some("red"))
    );
    let circle = Shape::from(Circle::new(1.0));
    let (_, sent) = both!(children, nothing(), client => client.add_shape(&circle));
    assert_eq!(body(&sent), r#"{"kind":"circle","radius":1.0}"#);
}

#[test]
fn a_tag_may_be_a_number_or_a_flag() {
    use diptych_cases::scalar_tags::models::{Levelled, Ranked, Second, Switched, Versioned};
    let all = r#"{"versioned": {"version": 1, "name": "n"}, "switched": {"on": false, "watts": 3},
        "ranked": {"rank": 4.0}, "levelled": {"level": 9.5}, "always": 1}"#;
    let second = Versioned::from(Second::new(2));
    let (got, sent) = both!(scalar_tags, json(200, all), client => client.shape(&second));
    assert_eq!(body(&sent), r#"{"version":2}"#);
    let all = got.unwrap();
    assert!(
        matches!(all.versioned, Some(Versioned::First(_))),
        "{all:?}"
    );
    assert!(matches!(all.switched, Some(Switched::Off(_))), "{all:?}");
    assert!(matches!(all.ranked, Some(Ranked::High(_))), "{all:?}");
    assert!(matches!(all.levelled, Some(Levelled::Roof(_))), "{all:?}");
    assert_eq!(all.always, Some(value!(1)));
}

#[test]
fn b14_a_float_is_read_where_a_whole_number_is_meant() {
    use diptych_cases::floats::models::CountsEither;
    let counts = r#"{"one": 1.0, "small": 2.0, "large": 18446744073709551615.0, "maybe": 3e0, "list": [1, 2.00],
        "map": {"a.0": -4.0}, "pair": [5.0, "6.0"], "ratio": 7.0, "either": {"kg": 8.0}}"#;
    let (got, _) = both!(floats, json(200, counts), client => client.counts());
    let counts = got.unwrap();
    assert_eq!(
        (counts.one, counts.small, counts.maybe),
        (1, Some(2), Some(3))
    );
    assert_eq!(counts.large, Some(u64::MAX));
    assert_eq!((counts.list, counts.map["a.0"]), (vec![1, 2], -4));
    assert_eq!(counts.pair, Some((5, "6.0".to_owned())));
    assert_eq!(counts.ratio, Some(7.0));
    let Some(CountsEither::Scale(scale)) = counts.either else {
        panic!("not the branch");
    };
    assert_eq!(scale.kg, 8);
    let (got, _) = both!(floats, json(200, "3.0"), client => client.count());
    assert_eq!(got.unwrap(), 3);
    let (got, _) = both!(floats, json(200, "3.5"), client => client.count());
    assert!(got.is_err());
}

/// A number is the one that was sent, to its last digit: also where nothing is said of its type.
#[test]
fn a_float_is_read_to_its_last_digit() {
    for number in [
        "90.42225290942383",
        "0.1",
        "5e-324",
        "1.7976931348623157e+308",
    ] {
        let text = format!(r#"{{"one": 1, "ratio": {number}}}"#);
        let (got, _) = both!(floats, json(200, &text), client => client.counts());
        let ratio = got.unwrap().ratio.unwrap();
        assert_eq!(ratio.to_string().parse(), number.parse::<f64>());
    }
    let read: serde_json::Value = serde_json::from_str("90.42225290942383").unwrap();
    assert_eq!(read.to_string(), "90.42225290942383");
}
