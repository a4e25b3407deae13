//! How clients say who they are, and where the API is.

use std::collections::BTreeSet;

use super::{About, Changes, Effect, Inventory};
use crate::pointer::Pointer;
use crate::template;

pub(super) fn compare(old: &Inventory, new: &Inventory, changes: &mut Changes) {
    let schemes = Pointer::root().child("components").child("securitySchemes");
    let about = |name: &str| About {
        subject: format!("constructor `{name}`"),
        pointer: &schemes,
    };
    for gone in old
        .constructors
        .iter()
        .filter(|one| !new.constructors.contains(one))
    {
        let why = "callers make clients with it";
        changes.add(Effect::Breaking, &about(gone), "is gone", why);
    }
    for added in new
        .constructors
        .iter()
        .filter(|one| !old.constructors.contains(one))
    {
        let why = "there is one more way to say who a client is";
        changes.add(Effect::Additive, &about(added), "is new", why);
    }
    let place = Pointer::root().child("servers");
    let about = |name: &str| About {
        subject: format!("server `{name}`"),
        pointer: &place,
    };
    for (name, url) in &old.servers {
        match new.servers.get(name) {
            None => changes.add(
                Effect::Breaking,
                &about(name),
                "is gone",
                "users can name its address",
            ),
            Some(now) if now != url => {
                // What stands in braces is what its type has setters for.
                let is_other = variables(now) != variables(url);
                let (effect, why) = if is_other {
                    (Effect::Breaking, "its variables have setters")
                } else {
                    (Effect::Wire, "whoever names it calls another address")
                };
                let what = format!("is `{now}` now, and was `{url}`");
                changes.add(effect, &about(name), what, why);
            }
            Some(_) => {}
        }
    }
    for name in new
        .servers
        .keys()
        .filter(|name| !old.servers.contains_key(*name))
    {
        let why = "there is one more address to name";
        changes.add(Effect::Additive, &about(name), "is new", why);
    }
}

fn variables(url: &str) -> BTreeSet<&str> {
    template::names(url).collect()
}
