//! Unions that are told apart by what their branches, children and bases say.

use diptych_cases::beside_unions::models as beside;
use diptych_cases::beside_unions::models::All;
use diptych_cases::families::models::{
    Animal, AnyEvent, Circle, Event, Level, Owl, Shape, Zoo, ZooEither, ZooFlier,
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
    assert_eq!(circle, Some(Circle::new().radius(1.5).into()));
    let wrong = zoo(r#"{"shape":{"sides":"many"}}"#).shape;
    assert!(matches!(wrong, Some(Shape::Unknown(_))), "{wrong:?}");
}

/// What is received of this JSON; it is sent as it came.
fn all(text: &str) -> All {
    let (got, _) = both!(beside_unions, json(200, text), client => client.all(&All::new()));
    let all = got.unwrap();
    let (_, sent) = both!(beside_unions, json(200, "{}"), client => client.all(&all));
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(value(body(&sent)), value(text));
    all
}

#[test]
fn what_stands_beside_a_union_is_a_part_of_each_branch() {
    let text = r#"{"event":{"kind":"Opened","id":1,"state":"new","by":"me"}}"#;
    let Some(beside::Event::EventOpened(opened)) = all(text).event else {
        panic!("another event")
    };
    assert_eq!((opened.id, opened.by.as_str()), (1, "me"));
    assert_eq!(opened.state, Some(beside::EventBaseState::New));
    let text = r#"{"event":{"kind":"moved","id":2,"to":"there"}}"#;
    let Some(beside::Event::EventMoved(moved)) = all(text).event else {
        panic!("another event")
    };
    assert_eq!((moved.id, moved.to.as_str()), (2, "there"));
    let later = all(r#"{"event":{"kind":"Moved","id":2,"to":"there"}}"#).event;
    assert!(matches!(later, Some(beside::Event::Unknown(_))));
}

#[test]
fn branches_may_take_over_what_they_are_branches_of() {
    let cat = all(r#"{"pet":{"type":"Cat","name":"c","lives":9}}"#).pet;
    let Some(beside::Pet::Cat(cat)) = cat else {
        panic!("{cat:?}")
    };
    assert_eq!((cat.name.as_deref(), cat.lives), (Some("c"), Some(9)));
    let dog = all(r#"{"pet":{"type":"Dog","name":"d","teeth":42,"barks":true}}"#).pet;
    let Some(beside::Pet::Dog(dog)) = dog else {
        panic!("{dog:?}")
    };
    assert_eq!((dog.teeth, dog.barks), (Some(42), Some(true)));
    let old = all(r#"{"old_pet":{"type":"Cat","name":"o","age":3,"lives":1}}"#).old_pet;
    let old = old.unwrap();
    assert_eq!((old.name.as_deref(), old.age), (Some("o"), 3));
    assert_eq!(old.additional["lives"], 1);
}

#[test]
fn branches_in_their_place_are_told_apart_beside_what_they_share() {
    let job = all(r#"{"job":{"id":1,"how":"file","path":"/p","of":{"x":1,"z":2}}}"#).job;
    let Some(beside::Job::JobFile(job)) = job else {
        panic!("{job:?}")
    };
    assert_eq!((job.id, job.path.as_str()), (Some(1), "/p"));
    let Some(beside::JobBaseOf::JobBaseOfZ(of)) = job.of else {
        panic!("{:?}", job.of)
    };
    assert_eq!((of.x, of.z), (Some(1), 2));
    let here = all(r#"{"here":{"at":1,"right":"r"}}"#).here;
    assert!(matches!(here, Some(beside::AllHere::AllHereRight(it)) if it.at == Some(1)));
    let rule = all(r#"{"rule":{"b":"b"}}"#).rule.unwrap();
    assert_eq!((rule.a, rule.b.as_deref()), (None, Some("b")));
    let only = all(r#"{"only":{"one":"1","by":"me"}}"#).only.unwrap();
    assert_eq!((only.one.as_deref(), only.by.as_str()), (Some("1"), "me"));
    let labelled = all(r#"{"labelled":{"a":"a","to":"x"}}"#).labelled;
    assert!(
        matches!(labelled, Some(beside::Labelled::LabelledMoved(it)) if it.a.as_deref() == Some("a"))
    );
    let maybe = all(r#"{"maybe":{"sure":true,"by":"me"}}"#).maybe;
    assert!(matches!(maybe, Some(beside::Maybe::MaybeOpened(it)) if it.sure == Some(true)));
    let closed = all(r#"{"closed":{"by":"me"}}"#).closed;
    assert!(matches!(closed, Some(beside::Closed::Opened(_))));
}

#[test]
fn some_children_of_a_base_have_its_tags() {
    let text = r#"{"flier":{"kind":"Owl","name":"o"}}"#;
    let flier = ZooFlier::Owl(Owl::new().name("o"));
    let zoo = Zoo::new().flier(flier);
    let (got, sent) = both!(families, json(200, text), client => client.zoo(&zoo));
    assert_eq!(body(&sent), text);
    assert_eq!(got.unwrap(), zoo);
}
