//! References lead to any place of the document, and into other files.

use diptych_cases::references::models::AAnswerX;
use diptych_cases::references::requests::{A, C};
use diptych_cases::zoo::models::{Animal, Keeper};

use crate::{body, both, json, target};

#[test]
fn any_place_of_the_document_is_a_type() {
    let (got, sent) = both!(
        references,
        json(200, r#"{"x": {"y": "z"}}"#),
        client => client.a_with(&A::new().kind("cat"))
    );
    assert_eq!(target(&sent), "/a?kind=cat");
    assert_eq!(got.unwrap().x.unwrap().y.as_deref(), Some("z"));
    let (got, _) = both!(references, json(200, r#"{"y": "z"}"#), client => client.b());
    // What has no name in the description is called after its operation.
    let of_a: AAnswerX = got.unwrap();
    assert_eq!(of_a.y.as_deref(), Some("z"));
    let all = r#"{"anchor": {"bark": "1"}, "id": {"meow": "2"}, "shared": {"s": "3"}, "answer": {"r": "4"},
        "defined": {"d": "5"}, "encoded": {"squeak": "6"}, "onward": {"kind": "dog"},
        "dynamic": {"below": [{"leaf": "7"}]}}"#;
    let (got, sent) =
        both!(references, json(200, all), client => client.c_with(&C::new().p("two")));
    assert_eq!(target(&sent), "/c?p=two");
    let all = got.unwrap();
    let texts = [
        all.anchor.unwrap().bark,
        all.id.unwrap().meow,
        all.shared.unwrap().s,
        all.answer.unwrap().r,
        all.defined.unwrap().d,
        all.encoded.unwrap().squeak,
        all.onward.unwrap().kind.map(|kind| kind.to_string()),
        all.dynamic.unwrap().below.remove(0).leaf,
    ];
    let texts = texts.map(Option::unwrap_or_default);
    assert_eq!(texts, ["1", "2", "3", "4", "5", "6", "dog", "7"]);
}

#[test]
fn other_files_are_part_of_the_description() {
    let animal = r#"{"name": "Leo", "home": {"size": "large"}}"#;
    let (got, sent) = both!(zoo, json(200, animal), client => client.animal(7));
    assert_eq!(target(&sent), "/animals/7");
    let leo: Animal = got.unwrap();
    let size = leo.home.as_ref().and_then(|home| home.size.as_ref());
    assert_eq!(size.map(ToString::to_string).as_deref(), Some("large"));
    let keeper = Keeper::new("Kim").friend(Keeper::new("Jo")).animal(leo);
    let (_, sent) =
        both!(zoo, json(200, r#"{"name": "Kim"}"#), client => client.add_keeper(&keeper));
    assert_eq!(
        body(&sent),
        r#"{"name":"Kim","animal":{"name":"Leo","home":{"size":"large"}},"friend":{"name":"Jo"}}"#
    );
}

#[test]
fn what_leads_to_nothing_is_the_component_of_that_name() {
    use diptych_cases::half_bundled::models::Pets;
    let text = r#"{"data":[{"name":"a"}],"owner":{"name":"o"}}"#;
    let (got, _) = both!(half_bundled, json(200, text), client => client.pets());
    let got: Pets = got.unwrap();
    let owner = got.owner.and_then(|owner| owner.name);
    assert_eq!(
        (got.data[0].name.as_str(), owner.as_deref()),
        ("a", Some("o"))
    );
}
