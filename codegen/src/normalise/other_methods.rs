//! Puts the operations of `additionalOperations`, where 3.2 has those of methods of one's own, beside the others of their path.
//!
//! Their keys begin with [`OTHER`], and keep how the method is written.

use super::Document;
use crate::config::Config;
use crate::error::{Problem, Result};
use crate::json::{Map, Value};
use crate::pointer::Pointer;
use crate::walk::OTHER;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut refused = Vec::new();
    let items = Pointer::root().child("components").child("pathItems");
    for place in [Pointer::root().child("paths"), items] {
        let items = document.root.pointer_mut(place.as_str());
        let items = items.and_then(Value::as_object_mut);
        for (path, item) in items.into_iter().flatten() {
            if let Some(item) = item.as_object_mut() {
                settle(item, &place.child(path), &mut refused);
            }
        }
    }
    for pointer in refused {
        let rule = "this is no method that can be sent, or one that has a place of its own";
        document.lose(pointer.clone(), "all of it", rule);
        document.skipped.push(Problem {
            pointer,
            rule: rule.to_owned(),
        });
    }
    Ok(())
}

fn settle(item: &mut Map, place: &Pointer, refused: &mut Vec<Pointer>) {
    // What a description has at these keys is not theirs.
    item.retain(|key, _| !key.starts_with(OTHER));
    let others = item.remove("additionalOperations");
    let Some(Value::Object(others)) = others else {
        return;
    };
    for (method, operation) in others {
        if is_token(&method) && !FIXED.contains(&method.to_ascii_uppercase().as_str()) {
            item.insert(format!("{OTHER}{method}"), operation);
        } else {
            refused.push(place.child("additionalOperations").child(&method));
        }
    }
}

/// The methods that have a place of their own, and the one that no server sees.
const FIXED: &[&str] = &[
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE",
];

/// What RFC 9110 (section 5.6.2) lets a method, and the name of a header, be.
pub(super) fn is_token(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_letter)
}
