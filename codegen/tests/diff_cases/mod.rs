//! The changes of a description that `diptych diff` is asked about.

use serde_json::{Value, json};

/// What it is, the places of the description with what stands there in the new one (null is gone), and the exit code.
pub(crate) type Case = (&'static str, Vec<(&'static str, Value)>, i32);

/// A case of each kind of change.
pub(crate) fn all() -> impl Iterator<Item = Case> {
    let all = [
        of_operations(),
        of_arguments_and_answers(),
        of_types(),
        of_fields(),
        of_the_wire(),
    ];
    all.into_iter().flatten()
}

fn of_operations() -> Vec<Case> {
    vec![
        (
            "nothing",
            vec![("/paths/~1pets~1{id}/get/description", json!("Reads one."))],
            0,
        ),
        (
            "an operation is gone",
            vec![("/paths/~1pets~1{id}/get", Value::Null)],
            30,
        ),
        (
            "an operation is renamed",
            vec![("/paths/~1pets~1{id}/get/operationId", json!("findPet"))],
            30,
        ),
        (
            "an operation is new",
            vec![("/paths/~1pets/delete", operation("clearPets", &json!([])))],
            20,
        ),
        (
            "a path is another one",
            vec![
                (
                    "/paths/~1animals~1{id}",
                    json!({"get": operation("readPet", &json!([id(), verbose()]))}),
                ),
                ("/paths/~1pets~1{id}", Value::Null),
            ],
            10,
        ),
        (
            "an argument is new",
            vec![(
                "/paths/~1pets~1{id}/get/parameters",
                json!([id(), verbose(), {
                    "name": "owner", "in": "query", "required": true, "schema": {"type": "string"},
                }]),
            )],
            30,
        ),
        (
            "something else is optional",
            vec![(
                "/paths/~1pets~1{id}/get/parameters",
                json!([id(), verbose(), {
                    "name": "limit", "in": "query", "schema": {"type": "integer"},
                }]),
            )],
            20,
        ),
        (
            "nothing is optional any more",
            vec![("/paths/~1pets~1{id}/get/parameters", json!([id()]))],
            30,
        ),
        (
            "the answer is another one",
            vec![(
                "/paths/~1pets~1{id}/get/responses/200/content/application~1json/schema",
                json!({"type": "string"}),
            )],
            30,
        ),
    ]
}

fn of_arguments_and_answers() -> Vec<Case> {
    vec![
        (
            "an argument has another type",
            vec![(
                "/paths/~1pets~1{id}/get/parameters",
                json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}, verbose()]),
            )],
            30,
        ),
        (
            "an optional argument must be given",
            vec![(
                "/paths/~1pets~1{id}/get/parameters",
                json!([id(), {"name": "verbose", "in": "query", "required": true, "schema": {"type": "boolean"}}]),
            )],
            30,
        ),
        (
            "a body can be left out",
            vec![("/paths/~1pets/post/requestBody/required", json!(false))],
            30,
        ),
        (
            "a body is gone",
            vec![("/paths/~1pets/post/requestBody", Value::Null)],
            30,
        ),
        (
            "an answer may be absent",
            vec![(
                "/paths/~1pets~1{id}/get/responses/204",
                json!({"description": ""}),
            )],
            30,
        ),
        (
            "an operation has another tag",
            vec![("/paths/~1pets~1{id}/get/tags", json!(["pets"]))],
            0,
        ),
    ]
}

fn of_types() -> Vec<Case> {
    vec![
        (
            "a type is gone",
            vec![
                (
                    "/components/schemas/Pet/properties/kind",
                    json!({"type": "string"}),
                ),
                ("/components/schemas/Kind", Value::Null),
            ],
            30,
        ),
        (
            "a type is new",
            vec![
                (
                    "/components/schemas/Owner",
                    json!({"type": "object", "properties": {"name": {"type": "string"}}}),
                ),
                (
                    "/components/schemas/Answer/properties/owner",
                    json!({"$ref": "#/components/schemas/Owner"}),
                ),
            ],
            20,
        ),
        (
            "a field need not be given",
            vec![("/components/schemas/Pet/required", json!([]))],
            30,
        ),
        (
            "a field may be null",
            vec![(
                "/components/schemas/Pet/properties/name/type",
                json!(["string", "null"]),
            )],
            30,
        ),
        (
            "other fields are allowed",
            vec![(
                "/components/schemas/Pet/additionalProperties",
                json!({"type": "string"}),
            )],
            20,
        ),
        (
            "a list is a list of something else",
            vec![(
                "/components/schemas/Answer/properties/pet",
                json!({"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}),
            )],
            30,
        ),
    ]
}

fn of_fields() -> Vec<Case> {
    vec![
        (
            "a field is gone",
            vec![("/components/schemas/Pet/properties/age", Value::Null)],
            30,
        ),
        (
            "a field has another type",
            vec![(
                "/components/schemas/Pet/properties/age/type",
                json!("string"),
            )],
            30,
        ),
        (
            "a field is new",
            vec![(
                "/components/schemas/Pet/properties/nick",
                json!({"type": "string"}),
            )],
            20,
        ),
        (
            "a field must be given",
            vec![
                (
                    "/components/schemas/Pet/properties/nick",
                    json!({"type": "string"}),
                ),
                ("/components/schemas/Pet/required/1", json!("nick")),
            ],
            30,
        ),
        (
            "an answer has one more field",
            vec![
                (
                    "/components/schemas/Answer/properties/more",
                    json!({"type": "string"}),
                ),
                ("/components/schemas/Answer/required", json!(["more"])),
            ],
            20,
        ),
        (
            "a number is narrower",
            vec![(
                "/components/schemas/Pet/properties/age/format",
                json!("int32"),
            )],
            30,
        ),
        (
            "a value is new",
            vec![("/components/schemas/Kind/enum/2", json!("fish"))],
            20,
        ),
        (
            "a value is gone",
            vec![("/components/schemas/Kind/enum", json!(["cat"]))],
            30,
        ),
        (
            "a type is of another kind",
            vec![(
                "/components/schemas/Kind",
                json!({
                    "type": "object", "properties": {"name": {"type": "string"}},
                }),
            )],
            30,
        ),
    ]
}

fn of_the_wire() -> Vec<Case> {
    vec![
        (
            "a body has another media type",
            vec![(
                "/paths/~1pets/post/requestBody/content",
                json!({"application/vnd.pet+json": {"schema": {"$ref": "#/components/schemas/Pet"}}}),
            )],
            10,
        ),
        (
            "an answer has another media type",
            vec![(
                "/paths/~1pets~1{id}/get/responses/200/content",
                json!({"application/vnd.pet+json": {"schema": {"$ref": "#/components/schemas/Answer"}}}),
            )],
            10,
        ),
        (
            "an answer has headers",
            vec![(
                "/paths/~1pets~1{id}/get/responses/200/headers",
                json!({"X-Total": {"schema": {"type": "integer"}}}),
            )],
            20,
        ),
        (
            "a parameter travels elsewhere",
            vec![(
                "/paths/~1pets~1{id}/get/parameters",
                json!([id(), {"name": "verbose", "in": "header", "schema": {"type": "boolean"}}]),
            )],
            10,
        ),
        (
            "other credentials are asked for",
            vec![("/paths/~1pets/post/security", json!([]))],
            10,
        ),
        (
            "a way to say who asks is gone",
            vec![("/components/securitySchemes/token", Value::Null)],
            30,
        ),
        (
            "a way to say who asks is new",
            vec![(
                "/components/securitySchemes/key",
                json!({"type": "apiKey", "in": "query", "name": "key"}),
            )],
            20,
        ),
        (
            "a server is elsewhere",
            vec![(
                "/servers",
                json!([{"url": "https://pets.example.org", "description": "Main"}]),
            )],
            10,
        ),
        (
            "a server has a variable",
            vec![(
                "/servers",
                json!([{"url": "https://{at}.example.com", "description": "Main",
                    "variables": {"at": {"default": "pets"}}}]),
            )],
            30,
        ),
        (
            "a server is new",
            vec![(
                "/servers/1",
                json!({"url": "https://test.example.com", "description": "Test"}),
            )],
            20,
        ),
    ]
}

fn id() -> Value {
    json!({"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}})
}

fn verbose() -> Value {
    json!({"name": "verbose", "in": "query", "schema": {"type": "boolean"}})
}

fn operation(id: &str, parameters: &Value) -> Value {
    let answer = json!({"$ref": "#/components/schemas/Answer"});
    json!({"operationId": id, "parameters": parameters, "responses": {
        "200": {"description": "", "content": {"application/json": {"schema": answer}}},
    }})
}

/// What is changed.
pub(crate) fn description() -> Value {
    let mut add = operation("addPet", &json!([]));
    add["requestBody"] = json!({"required": true, "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/Pet"},
    }}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1.0"},
        "servers": [{"url": "https://pets.example.com", "description": "Main"}],
        "security": [{"token": []}],
        "paths": {
            "/pets": {"post": add},
            "/pets/{id}": {"get": operation("readPet", &json!([id(), verbose()]))},
        },
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, "schemas": {
            "Pet": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "age": {"type": "integer"}, "kind": {"$ref": "#/components/schemas/Kind"},
            }},
            "Kind": {"type": "string", "enum": ["cat", "dog"]},
            "Answer": {"type": "object", "properties": {"pet": {"$ref": "#/components/schemas/Pet"}}},
        }},
    })
}
