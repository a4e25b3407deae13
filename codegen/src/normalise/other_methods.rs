//! Leaves out the operations of methods that 3.2 added: `query`, and those below `additionalOperations`.

use serde_json::Value;

use super::Document;
use crate::config::Config;
use crate::error::{Problem, Result};
use crate::pointer::Pointer;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every pass has the same signature"
)]
pub(super) fn run(document: &mut Document, _: &Config) -> Result<()> {
    let mut places = Vec::new();
    if let Some(Value::Object(paths)) = document.root.get_mut("paths") {
        for (path, item) in paths {
            let place = Pointer::root().child("paths").child(path);
            let Some(item) = item.as_object_mut() else {
                continue;
            };
            if item.remove("query").is_some() {
                places.push(place.child("query"));
            }
            if let Some(Value::Object(others)) = item.remove("additionalOperations") {
                let place = place.child("additionalOperations");
                places.extend(others.keys().map(|method| place.child(method)));
            }
        }
    }
    for pointer in places {
        let rule = "operations of this method are not supported";
        document.lose(pointer.clone(), "all of it", rule);
        document.skipped.push(Problem {
            pointer,
            rule: rule.to_owned(),
        });
    }
    Ok(())
}
