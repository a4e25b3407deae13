//! Methods and types have names, whatever the description calls them, and the same in each run.

use diptych_cases::clashing_types::models::{RunStep, RunStep3};

use crate::{both, json, nothing, target};

#[test]
fn b29_an_operation_without_an_id_is_named_by_method_and_path() {
    let (_, sent) = both!(without_ids, nothing(), client => client.get_accounts());
    assert_eq!(target(&sent), "/accounts");
}

#[test]
fn ids_that_become_one_get_numbers() {
    let (_, sent) = both!(clashing_ids, nothing(), client => client.get_thing());
    assert_eq!(target(&sent), "/a");
    let (_, sent) = both!(clashing_ids, nothing(), client => client.get_thing_2());
    assert_eq!(target(&sent), "/b");
    let (_, sent) = both!(clashing_ids, nothing(), client => client.get_thing_3());
    assert_eq!(target(&sent), "/c");
}

#[test]
fn an_operation_does_not_hide_a_method_of_the_client() {
    let (_, sent) = both!(own_methods, nothing(), client => client.config_2());
    assert_eq!(target(&sent), "/config");
}

#[test]
fn b09_components_that_become_one_name_are_told_apart() {
    let (got, _) = both!(clashing_types, json(200, r#"{"step": {"kind": "go", "speed": 2}}"#), client => client.get_step());
    let step: RunStep3 = got.unwrap();
    let RunStep::RunStepObject2(go) = step.step else {
        panic!("not the branch: {step:?}");
    };
    assert_eq!(go.speed, Some(2.0));
}

#[test]
fn b25_names_without_case() {
    let (got, sent) = both!(
        japanese,
        json(200, r#"{"題名": "走れメロス", "créé": "1940-05-01"}"#),
        client => client.get_本を取得_with("人 間", &diptych_cases::japanese::requests::Get本を取得::new())
    );
    assert_eq!(target(&sent), "/%E6%9C%AC/%E4%BA%BA%20%E9%96%93");
    assert_eq!(got.unwrap().題名, "走れメロス");
}

#[test]
fn what_is_optional_is_called_after_its_operation_whatever_the_models_are_called() {
    use diptych_cases::same_names::{models, requests};
    let thing = models::Thing::new("n");
    let (_, sent) = both!(
        same_names,
        nothing(),
        client => client.thing_with(&thing, &requests::Thing::new().dry(true))
    );
    assert_eq!(target(&sent), "/thing?dry=true");
    let (_, sent) = both!(
        same_names,
        nothing(),
        client => client.search_with(&requests::Search::new().body(thing.clone()))
    );
    assert_eq!(crate::body(&sent), r#"{"name":"n"}"#);
}

#[test]
fn methods_that_would_share_a_request_struct_have_one_each() {
    use diptych_cases::same_names::requests;
    let (_, sent) = both!(
        same_names,
        nothing(),
        client => client.get1_with(&requests::Get1::new().a("x"))
    );
    assert_eq!(target(&sent), "/one?a=x");
    let (_, sent) = both!(
        same_names,
        nothing(),
        client => client.get_1_with(&requests::Get12::new().b("y"))
    );
    assert_eq!(target(&sent), "/one-more?b=y");
}
