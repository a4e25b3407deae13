//! Takes off the paths what the base URL ends in already, where a person says so.

use super::Document;
use crate::config::Config;
use crate::error::{Problems, Result};
use crate::json::{Key, Map, Value};
use crate::pointer::Pointer;

pub(super) fn run(document: &mut Document, config: &Config) -> Result<()> {
    let Some(prefix) = &config.description.path_prefix else {
        return Ok(());
    };
    let Some(Value::Object(paths)) = document.root.get_mut("paths") else {
        return Ok(());
    };
    let (with, without): (Vec<&str>, Vec<&str>) =
        paths.keys().partition(|path| rest(path, prefix).is_some());
    if with.is_empty() {
        return Ok(());
    }
    let mut problems = Problems::default();
    for path in without {
        let rule = format!(
            "diptych.toml says that each path begins with `{prefix}`, which others do and this one does not"
        );
        problems.add(Pointer::root().child("paths").child(path), rule);
    }
    problems.into_result()?;
    let short = |path: Key| rest(&path, prefix).map_or(path.clone(), |rest| rest.to_owned().into());
    let all = std::mem::take(paths).into_iter();
    *paths = all.map(|(path, item)| (short(path), item)).collect::<Map>();
    Ok(())
}

/// What is left of a path, which begins with a slash.
fn rest<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    match path.strip_prefix(prefix)? {
        "" => Some("/"),
        rest => rest.starts_with('/').then_some(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_a_segment_ends() {
        assert_eq!(rest("/api/flows", "/api"), Some("/flows"));
        assert_eq!(rest("/api", "/api"), Some("/"));
        assert_eq!(rest("/apis", "/api"), None);
        assert_eq!(rest("/flows", "/api"), None);
    }
}
