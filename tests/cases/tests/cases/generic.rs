//! Schemas that others take over and fill in: `$dynamicRef` leads to what those say.

use diptych_cases::generic::models::{Cat, CatsAnswer, NamedTree, NumberArray, Page, PageOfPet};
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
