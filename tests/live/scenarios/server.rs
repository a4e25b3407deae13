//! What the server says about itself, and what it computes without keeping anything.

use prefect_client::models::{SchemaValueError, SchemaValuePropertyError, TaskWorkerFilter};
use prefect_client::requests::{ReadTaskWorkers, ValidateAutomationTemplate, ValidateTemplate};
use prefect_client::{API_VERSION, PREFECT_VERSION};
use serde_json::{Value, json};

use crate::helpers::{object, status};

scenarios! {
    fn it_is_there(live) {
        assert!(call!(live.health_check()));
        assert_eq!(call!(live.hello()), "👋");
        assert_eq!(
            call!(live.perform_readiness_check()),
            json!({"message": "OK"})
        );
    }

    fn it_has_the_version_of_the_description(live) {
        assert_eq!(call!(live.read_version()), PREFECT_VERSION);
        assert_eq!(call!(live.server_version()), API_VERSION);
    }

    fn settings_are_read_with_every_nested_one(live) {
        let settings = call!(live.read_settings());
        let server = settings.server.expect("settings of the server");
        let api = server.api.expect("settings of the API");
        assert_eq!(api.host, "127.0.0.1");
        assert!(!api.csrf_protection_enabled);
        assert!(server.services.is_some());
        assert!(server.database.is_some());
    }

    fn a_csrf_token_is_not_to_be_had_without_protection(live) {
        let error = refused!(live.create_csrf_token("someone"));
        assert_eq!(status(&error), Some(422));
        assert_eq!(
            error.detail().as_deref(),
            Some("CSRF protection is disabled.")
        );
    }

    fn views_of_the_collections_are_anything(live) {
        let view = call!(live.read_view_content("aggregate-worker-metadata"));
        assert!(view["prefect"]["process"].is_object(), "{:?}", view.keys());
        assert!(refused!(live.read_view_content("no-such-view")).is_not_found());
    }

    fn templates_are_checked(live) {
        let good = "{{ flow_run.name }} läuft".to_owned();
        let () = call!(live.validate_template_with(&ValidateTemplate::new().body(good.as_str())));
        let () =
            call!(live.validate_automation_template_with(&ValidateAutomationTemplate::new().body(good)));
        let () = call!(live.validate_template());

        let error = refused!(live.validate_template_with(&ValidateTemplate::new().body("{% if %}")));
        assert_eq!(status(&error), Some(422));
        let body: Value = serde_json::from_slice(error.body().expect("a body")).expect("JSON");
        assert_eq!(body["error"]["source"], "{% if %}");
    }

    fn values_are_checked_against_a_schema(live) {
        let schema = object(json!({
            "type": "object",
            "properties": {
                "count": {"type": "integer"},
                "sizes": {"type": "array", "items": {"type": "integer"}},
            },
        }));
        let good = object(json!({"count": 3, "sizes": [1, 2]}));
        let answer = call!(live.validate_obj(&schema, &good));
        assert!(answer.valid);
        assert!(answer.errors.is_empty());

        let bad = object(json!({"count": "many", "sizes": [1, "large"]}));
        let answer = call!(live.validate_obj(&schema, &bad));
        assert!(!answer.valid);
        let count = property(&answer.errors, "count");
        assert!(
            matches!(&count.errors[..], [SchemaValueError::Text(text)] if text.contains("many"))
        );
        let sizes = property(&answer.errors, "sizes");
        assert!(matches!(
            &sizes.errors[..],
            [SchemaValueError::SchemaValueIndexError(error)] if error.index == 1
        ));
    }

    fn there_are_no_task_workers(live) {
        let filter = TaskWorkerFilter::new([live.name("task")]);
        let workers =
            call!(live.read_task_workers_with(&ReadTaskWorkers::new().task_worker_filter(filter)));
        assert_eq!(workers, []);
    }
}

fn property<'e>(errors: &'e [SchemaValueError], name: &str) -> &'e SchemaValuePropertyError {
    errors
        .iter()
        .find_map(|error| match error {
            SchemaValueError::SchemaValuePropertyError(error) if error.property == name => {
                Some(error)
            }
            _ => None,
        })
        .unwrap_or_else(|| panic!("no error about {name} in {errors:?}"))
}
