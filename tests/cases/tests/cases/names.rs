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
    let RunStep::RunStepGo(go) = step.step else {
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

/// Sends one call without arguments for each name, and says the methods and paths.
macro_rules! targets {
    ($($method:ident),*) => {
        [$({
            let (_, sent) = both!(odd_names, nothing(), client => client.$method());
            format!("{} {}", sent[0].method, target(&sent))
        }),*]
    };
}

#[test]
fn ids_that_are_no_names_or_somebody_elses_are_methods_all_the_same() {
    let of_words = targets!(get_a, type_, self_, async_, patch_a);
    assert_eq!(
        of_words,
        ["GET /a", "PUT /a", "POST /a", "DELETE /a", "PATCH /a"]
    );
    let of_the_client = targets!(
        new_2,
        with_2,
        execute_2,
        from_config_2,
        clone_2,
        drop,
        execute_with_answer_2,
        all
    );
    assert_eq!(
        of_the_client,
        [
            "GET /b",
            "PUT /b",
            "POST /b",
            "DELETE /b",
            "PATCH /b",
            "HEAD /b",
            "OPTIONS /b",
            "TRACE /b"
        ]
    );
    let of_other_scripts = targets!(n123, put_كتاب, post_हिन_दी, delete_c, stream, head_c);
    assert_eq!(
        of_other_scripts,
        [
            "GET /c",
            "PUT /c",
            "POST /c",
            "DELETE /c",
            "PATCH /c",
            "HEAD /c"
        ]
    );
}

#[test]
fn parameters_keep_their_names_on_the_wire() {
    use diptych_cases::odd_names::requests::Everything;
    let request = Everything::new()
        .empty_("1")
        .n1("2")
        .empty__("3")
        .न("4")
        .nि("5")
        .new_("6")
        .ufb01("7");
    let (_, sent) = both!(odd_names, nothing(), client =>
        client.everything_with("a", 1, "b", "c", "d", "e", "f", &request));
    assert_eq!(
        target(&sent),
        "/d/a/1?request=b&http=c&body=d&form=e&_=f&=1&1=2&%F0%9F%A6%80=3&%E0%A4%A8=4&%E0%A4%BF=5&new=6&%EF%AC%81=7"
    );
}

#[test]
fn types_and_fields_that_share_a_name_with_rust_s_travel_as_described() {
    use diptych_cases::odd_names::models::{All, FromModel, VecModel};
    let text = r#"{"_": "a", "self": "b", "__": {"a": "c"}, "additional": {"a": "d"}, "default": {"a": "e"}, "clone": {"a": "f"},
        "fmt": {"a": "g"}, "into": {"a": "h"}, "deserialize": {"a": "i"}, "serialize": {"a": "j"}, "from": {"a": "k"}, "try": "ß",
        "gen": "l", "yield": {"m": {"none": "n"}}, "🦀": {"none": "o"}, "": {"a": "p"}, "more": 7}"#;
    let all: All = serde_json::from_str(text).unwrap();
    let (got, sent) = both!(odd_names, json(200, text), client => client.put(&all));
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(value(crate::body(&sent)), value(text));
    let got = got.unwrap();
    assert_eq!((got.empty.as_str(), got.self_.as_str()), ("a", "b"));
    assert_eq!(
        (&got.try_, got.additional["more"]),
        (&Some(FromModel::SS), 7)
    );
    assert_eq!(got.gen_, Some(VecModel::Text("l".to_owned())));
    assert!(matches!(got.yield_.unwrap()["m"], VecModel::SomeModel(_)));
    let texts = [
        "", "_", "🦀", "self", "Self", "Unknown", "from", "as_str", "1", "-1", "न", "ि", "ß", "SS",
        "İ",
    ];
    for text in texts {
        let one = FromModel::from(text);
        assert_eq!(one.as_str(), text);
        assert!(text == "Unknown" || !matches!(one, FromModel::Unknown(_)));
    }
}
