//! The names of runs where the attribute says them itself: what they are filled in with has to be there.

use syn::{Attribute, Error};

use super::settings::Settings;
use super::signature::Parameter;
use super::{Kind, parts};

/// Refuses a name that is filled in with a parameter which the function does not have.
pub(super) fn check(
    kind: Kind,
    settings: &Settings,
    parameters: &[Parameter],
) -> Result<(), Error> {
    let Some(name) = &settings.run_name else {
        return Ok(());
    };
    // What is in such a one is a parameter by itself.
    let is_flattened = |attribute: &Attribute| {
        let said = attribute.meta.require_list().ok();
        said.is_some_and(|list| list.tokens.to_string().contains("flatten"))
    };
    if parameters
        .iter()
        .any(|one| one.attributes.iter().any(is_flattened))
    {
        return Ok(());
    }
    let known: Vec<String> = parameters.iter().map(parts::name).collect();
    let format = name.value();
    let unknown = fields(&format).find(|field| !known.iter().any(|known| known == field));
    let Some(unknown) = unknown else {
        return Ok(());
    };
    let word = kind.word();
    let here = match known.as_slice() {
        [] => "none".to_owned(),
        known => parts::listed(known),
    };
    let text = format!("there is no parameter `{unknown}`: the {word} has {here}");
    Err(Error::new(name.span(), text))
}

/// The parameters that a format string of Python's names: what is before an attribute, an index, a conversion or a format.
fn fields(format: &str) -> impl Iterator<Item = &str> {
    let mut rest = format;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('{')?;
            if let Some(literal) = after.strip_prefix('{') {
                rest = literal;
                continue;
            }
            rest = after;
            let end = after.find(['}', '!', ':', '.', '[', '{'])?;
            return Some(after[..end].trim_ascii());
        }
    })
    .filter(|name| name.starts_with(|first: char| first == '_' || first.is_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_in_formats() {
        let found = |format| fields(format).collect::<Vec<_>>();
        assert_eq!(found("load"), [""; 0]);
        assert_eq!(found("{day}-{n:.2f}"), ["day", "n"]);
        assert_eq!(found("{{day}} {source[shop]} {a.b!r}"), ["source", "a"]);
        assert_eq!(found("{n:{width}} {0} {}"), ["n", "width"]);
        assert_eq!(found("{unclosed"), [""; 0]);
    }
}
