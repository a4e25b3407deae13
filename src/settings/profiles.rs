//! `profiles.toml`: named sets of settings.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use diptych_runtime::Error;
use toml::{Table, Value};

use super::toml_file;

/// The profiles of a file.
#[derive(Clone)]
pub struct Profiles {
    path: Option<PathBuf>,
    active: Option<String>,
    tables: BTreeMap<String, Table>,
}

/// What Prefect takes where the file says nothing, or names a profile that it does not have.
const FALLBACK: &str = "ephemeral";

impl Profiles {
    /// Reads the profiles of a file.
    ///
    /// # Errors
    ///
    /// The file can't be read, is not TOML, or something in `profiles` is not a table.
    pub fn read(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let absent = || Error::config(format!("{}: there is no such file", path.display()));
        let table = toml_file::read(&path)?.ok_or_else(absent)?;
        Self::from_table(path, table)
    }

    /// The profiles that come with Prefect, which count where a user has no file.
    #[must_use]
    pub fn packaged() -> Self {
        let mut tables = BTreeMap::from_iter(["cloud", FALLBACK, "test"].map(|name| {
            // What they set is about servers.
            (name.to_owned(), Table::new())
        }));
        let url = ("PREFECT_API_URL".to_owned(), "http://127.0.0.1:4200/api");
        let local = Table::from_iter([url].map(|(key, value)| (key, Value::from(value))));
        tables.insert("local".to_owned(), local);
        Self {
            path: None,
            active: Some(FALLBACK.to_owned()),
            tables,
        }
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    /// The profile that the file calls active, which it need not have.
    #[must_use]
    pub fn active(&self) -> Option<&str> {
        self.active.as_deref()
    }

    /// The file; `None` for [those that come with Prefect](Self::packaged).
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    fn from_table(path: PathBuf, mut file: Table) -> Result<Self, Error> {
        let wrong = |what: &str| Error::config(format!("{}: {what} is no table", path.display()));
        let profiles = match file.remove("profiles") {
            None => Table::new(),
            Some(Value::Table(profiles)) => profiles,
            Some(_) => return Err(wrong("`profiles`")),
        };
        let tables = profiles.into_iter().map(|(name, profile)| match profile {
            Value::Table(table) => Ok((name, table)),
            _ => Err(wrong(&format!("`profiles.{name}`"))),
        });
        let tables = tables.collect::<Result<_, Error>>()?;
        let active = match file.remove("active") {
            Some(Value::String(name)) if !name.is_empty() => Some(name),
            _ => None,
        };
        Ok(Self {
            path: Some(path),
            active,
            tables,
        })
    }

    /// A file that is not there.
    pub(super) fn none_in(path: PathBuf) -> Self {
        Self {
            path: Some(path),
            active: None,
            tables: BTreeMap::new(),
        }
    }

    /// Where they are, for messages.
    pub(super) fn place(&self) -> String {
        match &self.path {
            Some(path) => path.display().to_string(),
            None => {
                "the file that comes with Prefect (there is no ~/.prefect/profiles.toml)".to_owned()
            }
        }
    }

    /// The profile of this name, or else what Prefect takes instead.
    pub(super) fn choose(mut self, name: Option<&str>) -> Profile {
        let found = name.and_then(|name| self.tables.remove_entry(name));
        match found {
            Some((name, table)) => Profile {
                name,
                path: self.path,
                table,
            },
            None => Profile {
                name: FALLBACK.to_owned(),
                path: None,
                table: Table::new(),
            },
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }
}

impl fmt::Debug for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values hold keys.
        f.debug_struct("Profiles")
            .field("path", &self.path)
            .field("active", &self.active)
            .field("names", &self.tables.keys())
            .finish()
    }
}

/// One profile.
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) path: Option<PathBuf>,
    /// The values, by the names of variables.
    pub(super) table: Table,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profiles(toml: &str) -> Result<Profiles, Error> {
        Profiles::from_table("profiles.toml".into(), toml.parse().unwrap())
    }

    #[test]
    fn names_are_shown_and_values_are_not() {
        let text = "active = 'b'\n[profiles.b]\nPREFECT_API_KEY = 's3cret'\n[profiles.a]\n";
        let profiles = profiles(text).unwrap();
        assert_eq!(profiles.names().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(profiles.active(), Some("b"));
        let shown = format!("{profiles:?}");
        assert!(
            shown.contains("profiles.toml") && !shown.contains("s3cret"),
            "{shown}"
        );
        assert_eq!(profiles.choose(Some("b")).table.len(), 1);
    }

    #[test]
    fn an_unknown_profile_is_the_one_that_prefect_falls_back_to() {
        let chosen = profiles("[profiles.a]\nPREFECT_API_URL = 'x'")
            .unwrap()
            .choose(Some("b"));
        assert_eq!((chosen.name.as_str(), chosen.path), ("ephemeral", None));
        assert!(chosen.table.is_empty());
    }

    #[test]
    fn what_is_no_profile_is_refused_by_name() {
        let error = profiles("[profiles]\na = 's3cret'")
            .unwrap_err()
            .to_string();
        assert_eq!(error, "profiles.toml: `profiles.a` is no table");
        assert!(profiles("profiles = 1").is_err());
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Profiles::read("/nowhere/profiles.toml")
            .unwrap_err()
            .to_string();
        assert_eq!(error, "/nowhere/profiles.toml: there is no such file");
    }
}
