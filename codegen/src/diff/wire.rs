//! What an operation says on the wire while its signature stays: media types, places, credentials.

use super::{About, Changes, Effect};
use crate::emit::OperationEntry;

pub(super) fn compare(
    old: &OperationEntry,
    new: &OperationEntry,
    about: &About<'_>,
    changes: &mut Changes,
) {
    let texts = [
        (
            "sends",
            &old.sends,
            &new.sends,
            "the same value is written in another form",
        ),
        (
            "asks for",
            &old.accepts,
            &new.accepts,
            "the server may answer in another form",
        ),
    ];
    for (verb, old, new, why) in texts {
        if old == new {
            continue;
        }
        let said = |text: &Option<String>| match text {
            Some(text) => format!("`{text}`"),
            None => "what every call does".to_owned(),
        };
        // A body that is gone or new is said of the signature.
        if verb == "sends" && (old.is_none() || new.is_none()) {
            continue;
        }
        let what = format!("{verb} {} now, and {} before", said(new), said(old));
        changes.add(Effect::Wire, about, what, why);
    }
    for (name, before) in &old.places {
        if let Some(now) = new.places.get(name).filter(|now| *now != before) {
            let what = format!("takes `{name}` by `{now}` now, and by `{before}` before");
            let why = "the same argument is written elsewhere, or otherwise";
            changes.add(Effect::Wire, about, what, why);
        }
    }
    if old.asks != new.asks {
        let what = format!("asks for {} now, and for {} before", ways(new), ways(old));
        let why = "other credentials are sent: a client that has not got them is refused";
        changes.add(Effect::Wire, about, what, why);
    }
}

fn ways(operation: &OperationEntry) -> String {
    let Some(ways) = &operation.asks else {
        return "whatever the client has".to_owned();
    };
    let ways: Vec<String> = ways.iter().map(|all| all.join(" and ")).collect();
    let is_said = ways.iter().any(|way| !way.is_empty());
    if is_said {
        let named = ways
            .iter()
            .map(|way| if way.is_empty() { "nothing" } else { way });
        named.collect::<Vec<_>>().join(", or ")
    } else {
        "no credentials".to_owned()
    }
}
