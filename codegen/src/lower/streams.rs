//! Answers that come item by item: lines and events. Their operations have methods for that, unless others are called so.

use crate::ir::{Answer, AnswerKind, Api};
use crate::naming::derived_name;
use crate::notes::Loss;

pub(super) fn settle(api: &mut Api) {
    let names: Vec<String> = api.operations.keys().cloned().collect();
    for name in names {
        let Some(operation) = api.operations.get(&name) else {
            continue;
        };
        if !operation.answer.as_ref().is_some_and(comes_by_item) {
            continue;
        }
        let method = derived_name(&name, "stream");
        let taken = [method.clone(), derived_name(&method, "with")];
        let other = taken.iter().find(|name| api.operations.contains_key(*name));
        let loss = other.map(|other| Loss {
            pointer: operation.source.child("responses"),
            what: "the items of the answer as they come".to_owned(),
            why: format!("the method for them would be called `{other}`, as another operation is"),
        });
        if let Some(operation) = api.operations.get_mut(&name) {
            operation.streams = loss.is_none();
        }
        api.losses.extend(loss);
    }
}

fn comes_by_item(answer: &Answer) -> bool {
    !answer.by_status && matches!(answer.kind, AnswerKind::Lines | AnswerKind::Events)
}
