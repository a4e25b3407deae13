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
