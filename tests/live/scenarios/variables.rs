//! Variables: values of every JSON kind, by id and by name.

use prefect_client::Patch;
use prefect_client::models::{
    VariableCreate, VariableFilter, VariableFilterName, VariableFilterTags, VariableSort,
    VariableUpdate, VariableValue,
};
use prefect_client::requests::{CountVariables, ReadVariables};
use serde_json::{Value, json};

use crate::helpers::object;

scenarios! {
    fn a_value_of_every_kind_comes_back(live) {
        let values = [
            ("text", Some(VariableValue::from("größer 🚀".to_owned()))),
            ("integer", Some(VariableValue::from(42))),
            ("bool", Some(VariableValue::from(true))),
            ("number", Some(VariableValue::from(0.25))),
            (
                "map",
                Some(VariableValue::from(object(
                    json!({"a": [1, null], "b": {"c": "d"}}),
                ))),
            ),
            (
                "list",
                Some(VariableValue::from(vec![
                    json!(1),
                    json!("two"),
                    Value::Null,
                ])),
            ),
            ("null", None),
        ];
        for (kind, value) in values {
            let name = live.name(&format!("value-{kind}"));
            let made =
                call!(live.create_variable(&VariableCreate::new(name.as_str(), value.clone())));
            assert_eq!(made.value, value, "{kind}");
            assert_eq!(call!(live.read_variable(made.id)), made);
            assert_eq!(call!(live.read_variable_by_name(&name)), made);
        }
    }

    fn an_update_changes_what_it_names(live) {
        let name = live.name("update");
        let create =
            VariableCreate::new(name.as_str(), VariableValue::from("old".to_owned())).tags(["t"]);
        let id = call!(live.create_variable(&create)).id;

        let () =
            call!(live.update_variable(id, &VariableUpdate::new().value(VariableValue::from(1))));
        let read = call!(live.read_variable(id));
        assert_eq!(read.value, Some(VariableValue::from(1)));
        assert_eq!(read.tags, ["t"], "what is absent stays");

        let () = call!(
            live.update_variable_by_name(&name, &VariableUpdate::new().tags(vec!["u".to_owned()]))
        );
        let read = call!(live.read_variable(id));
        assert_eq!(
            (read.value, &read.tags[..]),
            (Some(VariableValue::from(1)), &["u".to_owned()][..])
        );

        let () = call!(live.update_variable(id, &VariableUpdate::new().value(Patch::Null)));
        assert_eq!(call!(live.read_variable(id)).value, None, "null is a value");

        let () = call!(live.delete_variable(id));
        assert!(refused!(live.read_variable(id)).is_not_found());
    }

    fn variables_are_filtered_and_counted(live) {
        let tag = live.name("tag");
        for what in ["filter-a", "filter-b"] {
            let create = VariableCreate::new(live.name(what), VariableValue::from(what.to_owned()))
                .tags([tag.as_str()]);
            let _ = call!(live.create_variable(&create));
        }
        let tagged = VariableFilter::new().tags(VariableFilterTags::new().all([tag.as_str()]));
        let read = call!(
            live.read_variables_with(
                &ReadVariables::new()
                    .variables(tagged.clone())
                    .sort(VariableSort::NameDesc)
                    .limit(10)
            )
        );
        let values: Vec<_> = read.into_iter().map(|variable| variable.value).collect();
        assert_eq!(
            values,
            [
                Some(VariableValue::from("filter-b".to_owned())),
                Some(VariableValue::from("filter-a".to_owned())),
            ]
        );
        assert_eq!(
            call!(live.count_variables_with(&CountVariables::new().variables(tagged))),
            2
        );
        let named =
            VariableFilter::new().name(VariableFilterName::new().like(live.name("filter-a")));
        assert_eq!(
            call!(live.count_variables_with(&CountVariables::new().variables(named))),
            1
        );
    }

    fn a_variable_is_deleted_by_name(live) {
        let name = live.name("delete-me");
        let _ = call!(
            live.create_variable(&VariableCreate::new(name.as_str(), VariableValue::from(1)))
        );
        let () = call!(live.delete_variable_by_name(&name));
        assert!(refused!(live.read_variable_by_name(&name)).is_not_found());
    }
}
