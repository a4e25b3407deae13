//! Prefect's settings of results.

use super::Serializer;
use crate::Error;
use crate::said::truth;

/// Prefect's settings of results: what holds where neither a flow or task nor the run that encloses it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultSettings {
    /// Where results are kept unless there is a default block: `results.local_storage_path`.
    pub local_storage_path: String,
    /// The block in which results are kept, as `slug/name`: `results.default_storage_block`.
    pub default_storage_block: Option<String>,
    /// How results are written: `results.default_serializer`, or as JSON where that is a pickle, as Prefect's default is.
    pub default_serializer: Serializer,
    /// Whether results are kept: `results.persist_by_default`.
    pub persist_by_default: bool,
    /// Whether results of tasks are kept: `tasks.default_persist_result`.
    pub tasks_persist_by_default: Option<bool>,
    /// The block in which arguments of background tasks are kept, as `slug/name`: `tasks.scheduling.default_storage_block`.
    pub scheduling_storage_block: Option<String>,
}

impl ResultSettings {
    /// Results below a directory, and everything else as it is for Prefect, but JSON.
    #[must_use]
    pub fn new(local_storage_path: impl Into<String>) -> Self {
        Self {
            local_storage_path: local_storage_path.into(),
            default_storage_block: None,
            default_serializer: Serializer::Json,
            persist_by_default: false,
            tasks_persist_by_default: None,
            scheduling_storage_block: None,
        }
    }

    /// As the environment says, by Prefect's variables such as `PREFECT_RESULTS_LOCAL_STORAGE_PATH`. Profiles and files of
    /// settings say only where `PREFECT_HOME` is.
    ///
    /// # Errors
    ///
    /// A variable does not say what it must ([`Error::is_invalid`]); or a profile can't be read.
    pub fn from_env() -> Result<Self, Error> {
        let settings = prefect_client::Settings::load()?;
        let home = settings.home().join("storage");
        let home = home.to_string_lossy().into_owned();
        Self::from_variables(home, |name| std::env::var(name).ok())
    }

    fn from_variables(
        home: String,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        let text = |names: &[&str]| {
            let found = names.iter().find_map(|name| variable(name));
            found.filter(|text| !text.is_empty())
        };
        let yes = |name: &str| match text(&[name]) {
            None => Ok(None),
            Some(text) => truth(name, &text).map(Some),
        };
        let path = text(&[
            "PREFECT_RESULTS_LOCAL_STORAGE_PATH",
            "PREFECT_LOCAL_STORAGE_PATH",
        ]);
        let serializer = text(&["PREFECT_RESULTS_DEFAULT_SERIALIZER"]);
        let serializer = serializer.map(|name| Serializer::of_type(&name));
        Ok(Self {
            local_storage_path: path.unwrap_or(home),
            default_storage_block: text(&[
                "PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK",
                "PREFECT_DEFAULT_RESULT_STORAGE_BLOCK",
            ]),
            default_serializer: serializer.filter(Serializer::writes).unwrap_or_default(),
            persist_by_default: yes("PREFECT_RESULTS_PERSIST_BY_DEFAULT")?.unwrap_or(false),
            tasks_persist_by_default: yes("PREFECT_TASKS_DEFAULT_PERSIST_RESULT")?,
            scheduling_storage_block: text(&["PREFECT_TASKS_SCHEDULING_DEFAULT_STORAGE_BLOCK"]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_it_as_for_prefect() {
        let read = |pairs: &[(&str, &str)]| {
            let variable = |name: &str| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            ResultSettings::from_variables("/home/storage".to_owned(), variable)
        };
        assert_eq!(read(&[]).unwrap(), ResultSettings::new("/home/storage"));
        let all = read(&[
            ("PREFECT_LOCAL_STORAGE_PATH", "/old"),
            ("PREFECT_RESULTS_LOCAL_STORAGE_PATH", "/new"),
            ("PREFECT_RESULTS_DEFAULT_SERIALIZER", "compressed/json"),
            ("PREFECT_RESULTS_PERSIST_BY_DEFAULT", "True"),
            ("PREFECT_TASKS_DEFAULT_PERSIST_RESULT", "0"),
            (
                "PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK",
                "local-file-system/a",
            ),
        ])
        .unwrap();
        assert_eq!(all.local_storage_path, "/new");
        assert_eq!(all.default_serializer.type_name(), "compressed/json");
        assert_eq!(
            (all.persist_by_default, all.tasks_persist_by_default),
            (true, Some(false))
        );
        assert_eq!(
            all.default_storage_block.as_deref(),
            Some("local-file-system/a")
        );
        let pickle = read(&[("PREFECT_RESULTS_DEFAULT_SERIALIZER", "pickle")]).unwrap();
        assert_eq!(pickle.default_serializer, Serializer::Json);
        assert!(
            read(&[("PREFECT_RESULTS_PERSIST_BY_DEFAULT", "maybe")])
                .unwrap_err()
                .is_invalid()
        );
    }
}
