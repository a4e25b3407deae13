//! Keys, schemas and values, without a server.

use std::collections::BTreeMap;

use prefect_client::models::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::keys::{check_key, flow_run_of, message_key, message_prefix, sender_of};
use super::{InputForm, InputType, Keyset, RunInput};

/// Is it approved?
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, RunInput)]
struct Approval {
    approved: bool,
    #[serde(default = "nobody")]
    given_by: String,
    times: Option<u8>,
    #[serde(default)]
    color: Color,
}

fn nobody() -> String {
    "nobody".to_owned()
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Color {
    #[default]
    Red,
    Green,
}

#[derive(Serialize, Deserialize, JsonSchema, RunInput)]
#[run_input(name = "Other")]
struct Named {}

#[derive(Serialize, Deserialize, JsonSchema, RunInput)]
#[serde(transparent)]
struct NoObject {
    number: i64,
}

#[test]
fn keysets_are_named_as_python_names_them() {
    assert_eq!(Keyset::of_pause("Paused", "1").schema, "paused-1-schema");
    let keyset = Approval::keyset();
    assert_eq!(keyset.schema, "approval-schema");
    assert_eq!(keyset.response, "approval-response");
    assert_eq!(keyset.description, "approval-description");
    assert_eq!(Named::keyset().schema, "other-schema");
    let map = BTreeMap::from(keyset.clone());
    assert_eq!(Keyset::try_from(&map).unwrap(), keyset);
    let error = Keyset::try_from(&BTreeMap::new()).unwrap_err();
    assert_eq!(error.to_string(), "the keyset has no key for `description`");
}

#[test]
fn only_a_paused_state_with_a_key_has_a_keyset() {
    let state = |type_: &str, details: Value| -> State {
        let id = Uuid::nil();
        let state = json!({"type": type_, "id": id, "name": "Suspended", "state_details": details});
        serde_json::from_value(state).unwrap()
    };
    let keyset = Keyset::from_paused_state(&state("PAUSED", json!({"pause_key": "2"})));
    assert_eq!(keyset.unwrap().response, "suspended-2-response");
    let running = Keyset::from_paused_state(&state("RUNNING", json!({"pause_key": "2"})));
    assert!(running.unwrap_err().is_invalid());
    let keyless = Keyset::from_paused_state(&state("PAUSED", json!({})));
    assert!(keyless.unwrap_err().is_invalid());
}

#[test]
fn keys_are_lowercase_letters_digits_and_dashes() {
    for key in ["a", "paused-1-schema", "0"] {
        assert!(check_key(key).is_ok(), "{key}");
    }
    for key in ["", "A", "a_b", "a b", "a%", "ä", "a\n"] {
        assert!(check_key(key).unwrap_err().is_invalid(), "{key:?}");
    }
}

#[test]
fn messages_are_known_by_their_types() {
    assert_eq!(message_prefix(Approval::type_name()), "approval-auto");
    let prefixes = [
        (i64::type_name(), "intautomaticruninput-auto"),
        (f64::type_name(), "floatautomaticruninput-auto"),
        (bool::type_name(), "boolautomaticruninput-auto"),
        (String::type_name(), "strautomaticruninput-auto"),
        (Vec::<i64>::type_name(), "listautomaticruninput-auto"),
        (
            BTreeMap::<String, bool>::type_name(),
            "dictautomaticruninput-auto",
        ),
        (Uuid::type_name(), "uuidautomaticruninput-auto"),
    ];
    for (name, prefix) in prefixes {
        assert_eq!(message_prefix(name), prefix);
    }
    let key = message_key("approval-auto");
    assert!(check_key(&key).is_ok());
    assert_ne!(message_key("approval-auto"), key);
}

#[test]
fn a_sender_that_is_a_flow_run_can_be_responded_to() {
    let id = Uuid::new_v4();
    assert_eq!(sender_of(id), format!("prefect.flow-run.{id}"));
    assert_eq!(flow_run_of(&sender_of(id)), Some(id));
    for sender in ["", "the operator", "prefect.flow-run.x", "prefect.flow-run"] {
        assert_eq!(flow_run_of(sender), None, "{sender}");
    }
}

#[test]
fn a_schema_is_what_the_server_and_the_ui_expect() {
    let schema = InputForm::<Approval>::new().schema().unwrap();
    let expected = json!({
        "title": "Approval",
        "description": "Is it approved?",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "approved": {"title": "Approved", "type": "boolean"},
            "given_by": {"title": "Given By", "type": "string", "default": "nobody"},
            "times": {
                "title": "Times",
                "anyOf": [{"type": "integer", "minimum": 0, "maximum": 255}, {"type": "null"}],
                "default": null,
            },
            "color": {"$ref": "#/definitions/Color", "default": "red"},
        },
        "required": ["approved"],
        "definitions": {"Color": {"title": "Color", "type": "string", "enum": ["red", "green"]}},
    });
    assert_eq!(schema, expected);
}

#[test]
fn a_bare_value_is_an_object_with_a_value() {
    let schema = InputForm::<Vec<i64>>::new().schema().unwrap();
    let expected = json!({
        "title": "listAutomaticRunInput",
        "type": "object",
        "additionalProperties": false,
        "properties": {"value": {"title": "Value", "type": "array", "items": {"type": "integer"}}},
        "required": ["value"],
    });
    assert_eq!(schema, expected);
    assert_eq!(vec![1_i64, 2].to_json().unwrap(), json!({"value": [1, 2]}));
    assert_eq!(Vec::<i64>::from_json(json!({"value": [1]})).unwrap(), [1]);
    for wrong in [
        json!({}),
        json!({"value": 1}),
        json!({"value": [], "x": 1}),
        json!([1]),
    ] {
        assert!(Vec::<i64>::from_json(wrong).unwrap_err().is_unfit());
    }
}

#[test]
fn initial_values_are_defaults() {
    let form = Approval::with_initial_data()
        .add_initial("approved", true)
        .add_initial("times", 3);
    let schema = form.schema().unwrap();
    assert_eq!(schema["properties"]["approved"]["default"], true);
    assert_eq!(schema["properties"]["times"]["default"], 3);
    assert_eq!(schema["required"], json!([]));
    let error = Approval::with_initial_data()
        .add_initial("reason", "x")
        .schema()
        .unwrap_err();
    assert_eq!(error.to_string(), "Approval has no field `reason`");
    assert!(error.is_invalid());
}

#[test]
fn a_type_that_is_no_object_has_no_form() {
    assert!(
        InputForm::<NoObject>::new()
            .schema()
            .unwrap_err()
            .is_invalid()
    );
}

#[test]
fn an_input_says_what_does_not_fit() {
    let read = |value: Value| Approval::from_json(value);
    let approval = read(json!({"approved": true, "color": "green"})).unwrap();
    assert_eq!(
        (approval.given_by.as_str(), approval.color),
        ("nobody", Color::Green)
    );
    let unknown = read(json!({"approved": true, "aproved": 1})).unwrap_err();
    assert_eq!(unknown.to_string(), "Approval has no field `aproved`");
    let missing = read(json!({})).unwrap_err();
    assert!(missing.is_unfit());
    assert!(
        missing.to_string().contains("missing field `approved`"),
        "{missing}"
    );
}
