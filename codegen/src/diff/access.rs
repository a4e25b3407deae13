//! How clients say who they are, and where the API is.

use std::collections::{BTreeMap, BTreeSet};

use super::{About, Changes, Effect, Inventory};
use crate::pointer::Pointer;
use crate::template;

pub(super) fn compare(old: &Inventory, new: &Inventory, changes: &mut Changes) {
    constructors(&old.constructors, &new.constructors, changes);
    servers(&old.servers, &new.servers, changes);
}

fn constructors(old: &[String], new: &[String], changes: &mut Changes) {
    let place = Pointer::root().child("components").child("securitySchemes");
    let about = |name: &str| About {
        subject: format!("constructor `{name}`"),
        pointer: &place,
    };
    for gone in old.iter().filter(|one| !new.contains(one)) {
        let why = "callers make clients with it";
        changes.add(Effect::Breaking, &about(gone), "is gone", why);
    }
    for added in new.iter().filter(|one| !old.contains(one)) {
        let why = "there is one more way to say who a client is";
        changes.add(Effect::Additive, &about(added), "is new", why);
    }
}

fn servers(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>, changes: &mut Changes) {
    let place = Pointer::root().child("servers");
    let about = |name: &str| About {
        subject: format!("server `{name}`"),
        pointer: &place,
    };
    for (name, url) in old {
        match new.get(name) {
            None => {
                let why = "users can name its address";
                changes.add(Effect::Breaking, &about(name), "is gone", why);
            }
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
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        let why = "there is one more address to name";
        changes.add(Effect::Additive, &about(name), "is new", why);
    }
}

fn variables(url: &str) -> BTreeSet<&str> {
    template::names(url).collect()
}
