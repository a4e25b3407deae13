//! Files of TOML, with errors that show nothing of what is in them.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use diptych_runtime::Error;
use toml::{Table, Value};

/// Reads a file; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<Table>, Error> {
    let Some(text) = text(path)? else {
        return Ok(None);
    };
    let table = text.parse::<Table>().map_err(|error| {
        // The error's own text quotes the line, which may hold a key.
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.unwrap_or_default().matches('\n').count() + 1;
        let (path, message) = (path.display(), error.message());
        Error::config(format!("{path}: line {line} is not TOML: {message}"))
    })?;
    Ok(Some(table))
}

/// The text of a file; `None` where there is none.
pub(super) fn text(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => {
            let path = path.display();
            Err(Error::config(format!("{path} can't be read: {error}")))
        }
    }
}

/// The value at a path of keys.
pub(super) fn find<'t>(
    path: &Path,
    table: &'t Table,
    keys: &[&str],
) -> Result<Option<&'t Value>, Error> {
    let Some((last, sections)) = keys.split_last() else {
        return Ok(None);
    };
    let mut table = table;
    for section in sections {
        table = match table.get(*section) {
            None => return Ok(None),
            Some(Value::Table(inner)) => inner,
            Some(_) => {
                let text = format!("{}: `{section}` is no table", path.display());
                return Err(Error::config(text));
            }
        };
    }
    Ok(table.get(*last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_line_and_shows_nothing_of_it() {
        let path = std::env::temp_dir().join(format!("settings-{}.toml", std::process::id()));
        fs::write(&path, "[api]\nurl = 'x'\nkey = s3cret\n").unwrap();
        let error = read(&path).unwrap_err();
        fs::remove_file(&path).unwrap();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("line 3 is not TOML"), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn what_is_not_there_is_no_error_but_a_section_that_is_no_table_is() {
        assert!(read(Path::new("/nowhere/prefect.toml")).unwrap().is_none());
        let table: Table = "api = 3\n[client]\nmax_retries = 2".parse().unwrap();
        let find =
            |keys: &[&str]| find(Path::new("prefect.toml"), &table, keys).map(Option::<&_>::cloned);
        assert_eq!(
            find(&["client", "max_retries"]).unwrap(),
            Some(Value::Integer(2))
        );
        assert_eq!(find(&["cloud", "api_url"]).unwrap(), None);
        let error = find(&["api", "url"]).unwrap_err().to_string();
        assert_eq!(error, "prefect.toml: `api` is no table");
    }
}
