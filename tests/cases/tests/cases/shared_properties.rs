//! A property that several parts describe has what all of them say.

use diptych_cases::shared_properties::models::{
    All, Both, BothO, More, OfMore, PairNext, Refs, RefsData,
};

use crate::{body, both, json};

fn kept(text: &str) -> All {
    let all: All = serde_json::from_str(text).unwrap();
    let (got, sent) = both!(shared_properties, json(200, text), client => client.put(&all));
    assert_eq!(body(&sent), text);
    got.unwrap()
}

#[test]
fn objects_have_the_fields_of_all_parts() {
    let made = Both::new().o(BothO::new("1").b("2"));
    let text = r#"{"both":{"o":{"a":"1","b":"2"}}}"#;
    assert_eq!(kept(text), All::new().both(made));
    let made = Refs::new().data(RefsData::new().a("1").c(2));
    assert_eq!(
        kept(r#"{"refs":{"data":{"a":"1","c":2}}}"#),
        All::new().refs(made)
    );
}

#[test]
fn what_takes_over_another_one_says_it_all() {
    let made = OfMore::new().data(More::new().a("1").b("2"));
    let text = r#"{"more":{"data":{"a":"1","b":"2"}}}"#;
    assert_eq!(kept(text), All::new().more(made));
}

#[test]
fn parts_may_come_back_to_themselves() {
    let all = kept(r#"{"pair":{"next":{"a":"1","b":"2","next":{"a":"3"}}}}"#);
    let next: PairNext = all.pair.unwrap().next.unwrap();
    assert_eq!(
        (next.a.as_deref(), next.b.as_deref()),
        (Some("1"), Some("2"))
    );
}
