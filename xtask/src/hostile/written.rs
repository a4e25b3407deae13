//! How descriptions are written that mean harm.

/// How long a description is, in bytes.
pub(super) const LENGTH: usize = 10_000_000;

/// As many items as fit.
pub(super) fn filled(each: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(LENGTH + 1_000);
    let mut index = 0;
    while text.len() < LENGTH {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&each(index));
        index += 1;
    }
    text
}

const INFO: &str = r#""openapi":"3.1.0","info":{"title":"Hostile","version":"1"}"#;

pub(super) fn with_schemas(schemas: &str) -> String {
    let uses = r##""paths":{"/a":{"get":{"operationId":"a","responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/A0"}}}}}}}}"##;
    format!(r#"{{{INFO},{uses},"components":{{"schemas":{{{schemas}}}}}}}"#)
}

pub(super) fn with_paths(paths: &str) -> String {
    format!(r#"{{{INFO},"paths":{{{paths}}}}}"#)
}

/// Text, and as many lines as fit.
pub(super) fn lines(start: &str, each: impl Fn(usize) -> String) -> String {
    let mut text = start.to_owned();
    let mut index = 0;
    while text.len() < LENGTH {
        text.push_str(&each(index));
        index += 1;
    }
    text
}

pub(super) fn reference(index: usize) -> String {
    format!(r##"{{"$ref":"#/components/schemas/A{index}"}}"##)
}
