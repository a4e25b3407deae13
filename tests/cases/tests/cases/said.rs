//! What is easily read as something else than it says: names, empty keys, what references are relative to.

use diptych_cases::odd_components::models::{self as odd, Either, Shape};
use diptych_cases::resources::models::NodeKind;
use diptych_cases::said_once::models::{JarFields, JarMore};
use serde_json::json;

use crate::{both, header, json, nothing, target};

#[test]
fn names_of_components_may_need_an_escape() {
    let body = odd::T50::new().half(odd::T50half::new().deep("d"));
    let text = r#"{"kind": "a/b", "x/y": 3}"#;
    let (got, sent) = both!(odd_components, json(200, text), client => client.either(&body));
    assert_eq!(crate::body(&sent), r#"{"half":{"deep":"d"}}"#);
    assert!(matches!(got.unwrap(), Either::Ab2(one) if one.x_y == Some(3)));
    for (kind, branch) in [("a~b", "Ab3"), ("a_b", "Ab")] {
        let text = format!(r#"{{"kind": "{kind}"}}"#);
        let (got, _) = both!(odd_components, json(200, &text), client => client.either(&body));
        assert!(format!("{:?}", got.unwrap()).starts_with(&format!("{branch}(")));
    }
    let text = r#"{"type": "round/shape", "radius": 2}"#;
    let (got, _) = both!(odd_components, json(200, text), client => client.shape());
    assert!(matches!(got.unwrap(), Shape::RoundShape(round) if round.radius == Some(2)));
}

#[test]
fn keys_may_have_nothing_behind_them() {
    let text = r#"{"anything": [1], "text": "t"}"#;
    let (got, sent) = both!(empty_keys, json(200, text), client => client.thing());
    assert_eq!(target(&sent), "/thing");
    let thing = got.unwrap();
    assert_eq!(thing.anything, Some(json!([1])));
    assert_eq!(thing.text.as_deref(), Some("t"));
}

#[test]
fn references_are_relative_to_the_schema_with_an_id() {
    use diptych_cases::resources::requests::Node;
    let text = r#"{"next": {"kind": "leaf"}, "inner": {"size": 1, "me": {"size": 2}, "up": {"kind": "branch"}},
        "other": {"name": "o", "own": {"name": "p"}}, "far": {"miles": 3}}"#;
    let request = Node::new().kind(NodeKind::Leaf);
    let (got, sent) = both!(resources, json(200, text), client => client.node_with(&request));
    assert_eq!(target(&sent), "/node?kind=leaf");
    let node = got.unwrap();
    assert_eq!(node.next.unwrap().kind, Some(NodeKind::Leaf));
    let inner = node.inner.unwrap();
    assert_eq!(inner.me.unwrap().size, Some(2));
    assert_eq!(inner.up.unwrap().kind, Some(NodeKind::Branch));
    let other = node.other.unwrap();
    assert_eq!(other.own.unwrap().name.as_deref(), Some("p"));
    assert_eq!(node.far.unwrap().miles, Some(3));
    let (got, _) = both!(resources, json(200, r#"{"size": 4}"#), client => client.inner_node());
    assert_eq!(got.unwrap().size, Some(4));
}

#[test]
fn plain_json_goes_before_other_json_and_a_head_has_no_body() {
    let (got, _) = both!(said_once, json(200, r#"{"plain": true}"#), client => client.page());
    assert!(got.unwrap().plain);
    let (got, sent) = both!(said_once, json(200, ""), client => client.page_head());
    got.unwrap();
    assert_eq!(sent[0].method, "HEAD");
}

#[test]
fn a_text_is_sent_in_the_encoding_that_is_described() {
    let (_, sent) = both!(said_once, nothing(), client => client.latin("é"));
    assert_eq!(sent[0].body, b"\xe9");
    let (_, sent) = both!(said_once, nothing(), client => client.wide("é"));
    assert_eq!(sent[0].body, b"\xe9\x00");
    let (got, sent) = both!(said_once, nothing(), client => client.latin("€"));
    assert!(got.unwrap_err().is_request());
    assert_eq!(sent, []);
}

#[test]
fn cookies_have_styles_and_a_text_is_no_object() {
    use diptych_cases::said_once::requests::Jar;
    let one = ["a b".to_owned(), "c".to_owned()];
    let request = Jar::new()
        .joined(["d", "e"])
        .fields(JarFields::new().a("f").b(7))
        .plain(["g=%", "h"])
        .xml("<a/>")
        .more(JarMore::new().a("i"));
    let (_, sent) = both!(said_once, nothing(), client => client.jar_with(&one, &request));
    let cookie = "one=a%20b; one=c; joined=d,e; a=f; b=7; plain=g=%; plain=h";
    assert_eq!(header(&sent, "cookie"), Some(cookie));
    assert_eq!(
        target(&sent),
        "/jar?xml=%3Ca%2F%3E&more=%7B%22a%22%3A%22i%22%7D"
    );
    let request = Jar::new().plain(["two; words"]);
    let (got, sent) = both!(said_once, nothing(), client => client.jar_with(&one, &request));
    assert!(got.unwrap_err().is_request());
    assert_eq!(sent, []);
}

#[test]
fn items_may_follow_those_that_are_described_and_a_zone_may_be_left_away() {
    let text = r#"{"open": ["a", 1, 2], "closed": ["a", 1], "local": "2026-01-02T03:04:05.5", "zoned": "2026-01-02T05:04:05.5+02:00"}"#;
    let (got, _) = both!(said_once, json(200, text), client => client.values());
    let values = got.unwrap();
    assert_eq!(values.open, [json!("a"), json!(1), json!(2)]);
    assert_eq!(values.closed, Some(("a".to_owned(), 1)));
    assert_eq!(values.local, values.zoned);
}

#[test]
fn what_the_server_sends_by_itself_has_types() {
    use diptych_cases::hooks::models::{
        Kind, NewPetWebhook, OrderPaidCallback, OrderPaidCallbackAnswer, OrderSharedCallback, Pet,
    };
    let text = r#"{"id":"1","kind":"cash"}"#;
    let paid: OrderPaidCallback = serde_json::from_str(text).unwrap();
    assert_eq!((paid.id.as_str(), &paid.kind), ("1", &Some(Kind::Cash)));
    assert_eq!(serde_json::to_string(&paid).unwrap(), text);
    let text = r#"{"again":true}"#;
    let again: OrderPaidCallbackAnswer = serde_json::from_str(text).unwrap();
    assert_eq!(again.again, Some(true));
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    let pet: NewPetWebhook = serde_json::from_str(r#"{"name":"n"}"#).unwrap();
    let Pet { name, .. } = &pet;
    assert_eq!(name, "n");
    let shared: OrderSharedCallback = serde_json::from_str(r#"[{"name":"n"}]"#).unwrap();
    assert_eq!(shared, [pet]);
}

#[test]
fn what_the_server_sends_by_itself_is_made_by_whoever_needs_it() {
    use diptych_cases::hooks::models::{Kind, OrderPaidCallback, OrderPaidCallbackAnswer, Pet};
    let paid = OrderPaidCallback::new("1").kind(Kind::Card);
    let text = serde_json::to_string(&paid).unwrap();
    assert_eq!(text, r#"{"id":"1","kind":"card"}"#);
    let again = OrderPaidCallbackAnswer::new().again(true);
    assert_eq!(serde_json::to_string(&again).unwrap(), r#"{"again":true}"#);
    let pet = Pet::new("n").id(3);
    assert_eq!((pet.legs, pet.id), (4, Some(3)));
    let (got, _) =
        both!(hooks, json(200, r#"{"name": "n", "id": 3}"#), client => client.newest_pet());
    assert_eq!(got.unwrap(), pet);
}
