//! Unions that are told apart by what their branches, children and bases say.

use diptych_cases::families::models::{
    Animal, AnyEvent, Circle, Event, Level, Shape, Zoo, ZooEither,
};

use serde_json::Value;

use crate::{body, both, json};

/// What a zoo of this JSON is; it is sent as it came.
fn zoo(text: &str) -> Zoo {
    let (got, _) = both!(families, json(200, text), client => client.zoo(&Zoo::new()));
    let zoo = got.unwrap();
    let (_, sent) = both!(families, json(200, "{}"), client => client.zoo(&zoo));
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(value(body(&sent)), value(text));
    zoo
}

#[test]
fn descendants_and_the_base_itself_are_told_by_their_names() {
    let animal = |text: &str| zoo(text).animal.unwrap();
    let owl = animal(r#"{"animal":{"kind":"Owl","name":"o","nightly":true,"wings":2}}"#);
    let Animal::Owl(owl) = owl else {
        panic!("{owl:?}")
    };
    assert_eq!((owl.wings, owl.nightly), (Some(2), Some(true)));
    let bird = animal(r#"{"animal":{"kind":"Bird","wings":2}}"#);
    assert!(matches!(bird, Animal::Bird(_)), "{bird:?}");
    let plain = animal(r#"{"animal":{"kind":"Animal","name":"a"}}"#);
    assert!(matches!(plain, Animal::AnimalBase(_)), "{plain:?}");
    let fish = animal(r#"{"animal":{"fins":3,"kind":"fish"}}"#);
    let Animal::Fish(fish) = fish else {
        panic!("{fish:?}")
    };
    assert_eq!(fish.fins, Some(3));
}

#[test]
fn branches_say_their_tags_also_through_components() {
    let event = |tag: &str| {
        let text = format!(r#"{{"event":{{"type":"{tag}"}}}}"#);
        zoo(&text).event.unwrap()
    };
    assert!(matches!(event("reopened"), Event::Opened(_)));
    assert!(matches!(event("closed"), Event::Closed(_)));
    assert!(matches!(event("Closed"), Event::Unknown(_)));
}

#[test]
fn what_one_union_does_not_know_is_another_ones() {
    let level = zoo(r#"{"either":{"level":"high"}}"#).either.unwrap();
    assert!(
        matches!(level, ZooEither::Level(Level::High(_))),
        "{level:?}"
    );
    let event = zoo(r#"{"either":{"type":"opened"}}"#).either.unwrap();
    assert!(
        matches!(event, ZooEither::Event(Event::Opened(_))),
        "{event:?}"
    );
    let other = zoo(r#"{"either":{"new":1}}"#).either.unwrap();
    assert!(matches!(other, ZooEither::Unknown(_)), "{other:?}");
}

#[test]
fn a_branch_that_is_a_union_has_the_tags_of_its_branches() {
    let closed = zoo(r#"{"any":{"by":"me","type":"closed"}}"#).any.unwrap();
    let AnyEvent::Event(Event::Closed(closed)) = closed else {
        panic!("{closed:?}")
    };
    assert_eq!(closed.by.as_deref(), Some("me"));
    let moved = zoo(r#"{"any":{"to":"x","type":"moved"}}"#).any.unwrap();
    assert!(matches!(moved, AnyEvent::Moved(_)), "{moved:?}");
}

#[test]
fn another_tag_is_of_the_branch_that_stands_for_all() {
    for text in [
        r#"{"shape":{"form":"Box","sides":4}}"#,
        r#"{"shape":{"sides":4}}"#,
    ] {
        let Some(Shape::Other(other)) = zoo(text).shape else {
            panic!("not the other branch");
        };
        assert_eq!(other.sides, Some(4));
    }
    let circle = zoo(r#"{"shape":{"form":"Circle","radius":1.5}}"#).shape;
    assert_eq!(
        circle,
        Some(Circle::new().form("Circle").radius(1.5).into())
    );
    let wrong = zoo(r#"{"shape":{"sides":"many"}}"#).shape;
    assert!(matches!(wrong, Some(Shape::Unknown(_))), "{wrong:?}");
}
