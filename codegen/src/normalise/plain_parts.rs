//! An `allOf` whose parts are plain values, such as `[{type: integer}, {maximum: 5}]`, is one plain value of what all parts say.
//!
//! Parts that say different things of one keyword stay as they are.

use super::Document;
use super::limits::is_limit;
use crate::config::Config;
use crate::error::Result;
use crate::json::Map;
use crate::notes::KEY;
use crate::walk::each_schema;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    each_schema(&mut document.root, &mut |_, schema| {
        if let Some(whole) = whole(schema) {
            *schema = whole;
        }
    });
    Ok(())
}

fn whole(schema: &Map) -> Option<Map> {
    let parts = schema.get("allOf")?.as_array()?;
    let mut whole = schema.clone();
    whole.remove("allOf");
    for part in parts {
        for (key, value) in part.as_object()? {
            let is_said = key == KEY || whole.get(key) == Some(value);
            if !is_said && (!is_plain(key) || whole.insert(key.to_owned(), value.clone()).is_some())
            {
                return None;
            }
        }
    }
    let kind = whole.get("type")?.as_str()?;
    let is_value = ["boolean", "integer", "number", "string"].contains(&kind);
    (is_value && !whole.contains_key("$ref")).then_some(whole)
}

/// Whether a keyword is about plain values.
fn is_plain(key: &str) -> bool {
    is_limit(key) || ["type", "format", "nullable"].contains(&key)
}
