//! Broken descriptions: where each has another value than the sound one, that value, and what is said of it.

use serde_json::{Value, json};

#[expect(
    clippy::too_many_lines,
    reason = "a table, a line or a few for each case"
)]
pub(crate) fn cases() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("/swagger", json!("2.0"), ""),
        (
            "/openapi",
            json!("3.3.0"),
            "#/openapi: OpenAPI 3.3.0 is not supported",
        ),
        (
            "/openapi",
            json!(3),
            "#/openapi: OpenAPI 3 is not supported; 3.0, 3.1 and 3.2 are",
        ),
        (
            "/openapi",
            json!([]),
            "#/openapi: `openapi` must name the version",
        ),
        ("/info", json!([]), "#/info: `info` must be an object"),
        (
            "/info/title",
            json!([1]),
            "#/info/title: `title` must be text",
        ),
        ("/paths", json!([]), "#/paths: `paths` must be an object"),
        (
            "/paths/~1a",
            json!("x"),
            "#/paths/~1a: an object must stand here",
        ),
        (
            "/paths/~1a",
            json!({ "$ref": "#/components/pathItems/Gone" }),
            "#/paths/~1a/$ref: `#/components/pathItems/Gone` does not exist",
        ),
        (
            "/paths/~1a/get",
            json!(3),
            "#/paths/~1a/get: an object must stand here",
        ),
        (
            "/paths/~1a/get/tags",
            json!(3),
            "#/paths/~1a/get/tags: `tags` must be a list of texts",
        ),
        (
            "/paths/~1a/get/parameters",
            json!({}),
            "#/paths/~1a/get/parameters: `parameters` must be a list",
        ),
        (
            "/paths/~1a/get/parameters",
            json!([{ "name": "c", "in": "body", "schema": {} }]),
            "#/paths/~1a/get/parameters/0/in: `in` must be path, query, header or cookie",
        ),
        (
            "/paths/~1a/get/parameters",
            json!([{ "$ref": "#/components/parameters/Gone" }]),
            "#/paths/~1a/get/parameters/0/$ref: `#/components/parameters/Gone` does not exist",
        ),
        (
            "/paths/~1a/get/requestBody",
            json!({ "content": { "multipart/byteranges": { "schema": {} } } }),
            "#/paths/~1a/get/requestBody/content: request bodies of these media types are not supported",
        ),
        (
            "/paths/~1a/get/responses",
            json!(1),
            "#/paths/~1a/get/responses: `responses` must be an object",
        ),
        (
            "/paths/~1a/get/responses/200",
            json!({ "$ref": "#/gone" }),
            "#/paths/~1a/get/responses/200/$ref: `#/gone`",
        ),
        (
            "/components",
            json!(true),
            "#/components: `components` must be an object",
        ),
        (
            "/components/schemas",
            json!([]),
            "#/components/schemas: `schemas` must be an object",
        ),
        (
            "/components/schemas/A",
            json!(3),
            "#/components/schemas/A: an object must stand here",
        ),
        (
            "/components/schemas/A/type",
            json!("txt"),
            "#/components/schemas/A/type: `type` must be one of",
        ),
        (
            "/components/schemas/A/required",
            json!("x"),
            "#/components/schemas/A/required: `required` must be",
        ),
        (
            "/components/schemas/A/enum",
            json!({}),
            "#/components/schemas/A/enum: `enum` must be a list",
        ),
        (
            "/components/schemas/A/properties",
            json!([]),
            "#/components/schemas/A/properties: `properties` must be",
        ),
        (
            "/components/schemas/A/properties/a/$ref",
            json!("#/components/schemas/Gone"),
            "#/components/schemas/A/properties/a/$ref: `#/components/schemas/Gone` does not exist",
        ),
        (
            "/components/schemas/A/properties/a/$ref",
            json!("other.json#/A"),
            "#/components/schemas/A/properties/a/$ref: `other.json#/A` is outside the document",
        ),
        (
            "/components/schemas/A/properties/a/$ref",
            json!("#/components/schemas/A/properties/a"),
            "#/components/schemas/A/properties/a/$ref: `#/components/schemas/A/properties/a` is cyclic",
        ),
        (
            "/components/schemas/A/allOf",
            json!([{ "$ref": "#/components/schemas/A" }]),
            "#/components/schemas/A: the schema is a part of itself",
        ),
    ]
}
