//! `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, as Python's httpx reads them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;

use super::bypass::Bypass;
use super::{Proxies, Proxy};
use crate::call::Error;

/// A variable that says something, and its value.
struct Variable {
    name: String,
    value: OsString,
}

/// Reads the variables. Names in lower case win, and an empty one in lower case takes the other back.
///
/// # Errors
/// A variable does not hold what it should. It is named, and its value is not shown.
pub(super) fn proxies(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Proxies, Error> {
    let mut known = known(variables);
    let bypass = match known.remove("no") {
        Some(variable) => Bypass::parse(variable.text()?),
        None => Bypass::default(),
    };
    let mut proxy = |kind| known.remove(kind).map(|one| one.proxy()).transpose();
    Ok(Proxies {
        http: proxy("http")?,
        https: proxy("https")?,
        all: proxy("all")?,
        bypass,
    })
}

/// The variables by what stands before `_proxy` in their names.
fn known(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> BTreeMap<&'static str, Variable> {
    let (mut upper, mut lower, mut is_cgi) = (BTreeMap::new(), BTreeMap::new(), false);
    for (name, value) in variables {
        let Some(name) = name.to_str() else { continue };
        is_cgi |= name == "REQUEST_METHOD";
        for kind in ["http", "https", "all", "no"] {
            let is_it = name
                .to_ascii_lowercase()
                .strip_suffix("_proxy")
                .is_some_and(|before| before == kind);
            if !is_it {
                continue;
            }
            let variable = Variable {
                name: name.to_owned(),
                value: value.clone(),
            };
            if name.ends_with("_proxy") {
                lower.insert(kind, variable);
            } else {
                upper.insert(kind, variable);
            }
        }
    }
    if is_cgi {
        // A web server makes it of the header `Proxy`, which anybody can send.
        upper.remove("http");
    }
    upper.append(&mut lower);
    upper.retain(|_, variable| !variable.value.is_empty());
    upper
}

impl Variable {
    fn text(&self) -> Result<&str, Error> {
        let text = self.value.to_str();
        text.ok_or_else(|| Error::config(format!("{} is not a text in UTF-8", self.name)))
    }

    fn proxy(&self) -> Result<Arc<Proxy>, Error> {
        let proxy = Proxy::parse(self.text()?).map_err(|why| {
            Error::config(format!("{} can't be used as a proxy: {why}", self.name))
        })?;
        Ok(Arc::new(proxy))
    }
}
