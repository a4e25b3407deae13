//! A value of a kind has the tag of its kind.

use diptych_cases::own_tags::models::{
    All, Bird, Blank, Car, Cat, Closed, Dog, Left, Opened, Right, Truck, Two,
};

use crate::{body, both, json};

fn sent(all: &All) -> String {
    let (_, sent) = both!(own_tags, json(200, "{}"), client => client.put(all));
    body(&sent).to_owned()
}

#[test]
fn a_child_of_a_base_says_which_it_is() {
    assert_eq!(
        sent(&All::new().vehicle(Car::new(4).doors(5))),
        r#"{"vehicle":{"wheels":4,"kind":"car","doors":5}}"#
    );
    assert_eq!(
        sent(&All::new().vehicle(Truck::new(6))),
        r#"{"vehicle":{"wheels":6,"kind":"big truck"}}"#
    );
}

#[test]
fn so_does_a_branch_of_a_union() {
    assert_eq!(
        sent(&All::new().pet(Cat::new("Tom"))),
        r#"{"pet":{"petType":"Cat","name":"Tom"}}"#
    );
    assert_eq!(
        sent(&All::new().event(Opened::new().by("me"))),
        r#"{"event":{"type":"opened","by":"me"}}"#
    );
    assert_eq!(
        sent(&All::new().event(Closed::default())),
        r#"{"event":{"type":"closed"}}"#
    );
    assert_eq!(
        sent(&All::new().other(Bird::new())),
        r#"{"other":{"petType":"bird"}}"#
    );
}

#[test]
fn also_where_its_schema_has_no_such_property() {
    assert_eq!(
        sent(&All::new().blank(Left::new().left("a"))),
        r#"{"blank":{"left":"a","side":"l"}}"#
    );
    let text = r#"{"blank":{"more":"m","right":"b","side":"r"}}"#;
    let all: All = serde_json::from_str(text).unwrap();
    let Some(Blank::Right(right)) = &all.blank else {
        panic!("{all:?}");
    };
    assert_eq!(right, &{
        let mut right = Right::new().right("b");
        right.additional.insert("more".to_owned(), "m".to_owned());
        right
    });
    let written: serde_json::Value = serde_json::from_str(&sent(&all)).unwrap();
    assert_eq!(
        written,
        serde_json::from_str::<serde_json::Value>(text).unwrap()
    );
}

#[test]
fn another_tag_is_kept_and_can_be_said() {
    let text = r#"{"vehicle":{"wheels":4,"kind":"car"}}"#;
    let all: All = serde_json::from_str(text).unwrap();
    assert_eq!(sent(&all), text);
    assert_eq!(
        sent(&All::new().pet(Cat::new("Tom").pet_type("Cat!"))),
        r#"{"pet":{"petType":"Cat!","name":"Tom"}}"#
    );
    // Where there are several, the caller says which.
    assert_eq!(
        sent(&All::new().several(Two::new("two"))),
        r#"{"several":{"kind":"two"}}"#
    );
    assert_eq!(
        sent(&All::new().other(Dog::new().pet_type("hound"))),
        r#"{"other":{"petType":"hound"}}"#
    );
    assert_eq!(sent(&All::new().pet(Dog::new())), r#"{"pet":{}}"#);
}
