//! Schemas that others take over and fill in: `$dynamicRef` leads to what those say.

use diptych_cases::generic::models::{
    ALeafyBranch, Branch, Cat, CatsAnswer, Envelope, NamedTree, NumberArray, Page, PageOfPet,
    Results,
};
use serde_json::json as value;

use crate::{both, json};

#[test]
fn a_page_has_the_items_of_who_fills_it_in() {
    let text = r#"{"items":[{"name":"a"}],"next":"n"}"#;
    let (got, _) = both!(generic, json(200, text), client => client.pets());
    let got: PageOfPet = got.unwrap();
    assert_eq!(
        (got.items[0].name.as_str(), got.next.as_deref()),
        ("a", Some("n"))
    );
    let (got, _) = both!(generic, json(200, r#"{"items":[{"lives":9}]}"#), client => client.cats());
    let got: CatsAnswer = got.unwrap();
    let cats: &[Cat] = &got.items;
    assert_eq!(cats[0].lives, Some(9));
    let (got, _) = both!(generic, json(200, text), client => client.anything());
    let got: Page = got.unwrap();
    assert_eq!(got.items, [value!({"name": "a"})]);
}

#[test]
fn a_list_and_a_tree_are_filled_in_too() {
    let (got, _) = both!(generic, json(200, "[1.5, 2]"), client => client.numbers());
    let numbers: NumberArray = got.unwrap();
    assert_eq!(numbers, [1.5, 2.0]);
    let text = r#"{"name":"a","value":1,"children":[{"name":"b"}]}"#;
    let (got, _) = both!(generic, json(200, text), client => client.tree());
    let tree: NamedTree = got.unwrap();
    assert_eq!((tree.value, tree.children[0].name.as_str()), (Some(1), "b"));
}

#[test]
fn what_is_filled_in_may_be_far_below() {
    let text = r#"{"data":{"list":[{"name":"a"}],"more":{"list":[{"name":"b"}]}},"before":{"data":{"list":[{"name":"c"}]}}}"#;
    let (got, _) = both!(generic, json(200, text), client => client.far());
    let got: Results = got.unwrap();
    let more = got.data.more.as_ref().unwrap();
    let before: &Results = got.before.as_ref().unwrap();
    let names = [&got.data, more, &before.data].map(|hits| hits.list[0].name.as_str());
    assert_eq!(names, ["a", "b", "c"]);
    // By itself, it has anything.
    let plain: Envelope = serde_json::from_str(text).unwrap();
    assert_eq!(plain.data.list, [value!({"name": "a"})]);
}

#[test]
fn schemas_may_share_a_name_without_ids() {
    let text = r#"{"length":1,"twigs":[{"length":2,"leaves":3}]}"#;
    let (got, _) = both!(generic, json(200, text), client => client.plain_tree());
    let twigs: Vec<Branch> = got.unwrap().twigs;
    assert_eq!(twigs[0].length, Some(2));
    let (got, _) = both!(generic, json(200, text), client => client.leafy_tree());
    let twigs: Vec<ALeafyBranch> = got.unwrap().twigs;
    assert_eq!((twigs[0].length, twigs[0].leaves), (Some(2), Some(3)));
}
