//! Everything that a value can come from, the strongest first.

use std::collections::BTreeMap;
use std::path::PathBuf;

use diptych_runtime::Error;
use toml::{Table, Value};

use super::dotenv::{self, DotEnv};
use super::environment::Environment;
use super::given::Given;
use super::profiles::{Profile, Profiles};
use super::setting::Setting;
use super::source::Source;
use super::toml_file;
use super::value::{Expected, Form, Written};

/// What was read, before anything is looked up in it.
pub(super) struct Layers {
    explicit: BTreeMap<Setting, Value>,
    pub(super) environment: Environment,
    dotenv: (PathBuf, DotEnv),
    prefect_toml: (PathBuf, Table),
    pyproject: (PathBuf, Table),
    profile: Option<Profile>,
    pub(super) directory: PathBuf,
    pub(super) home_directory: Option<PathBuf>,
    /// What a person should know.
    pub(super) warnings: Vec<String>,
}

/// The value of a setting with the place that it came from.
pub(super) struct Resolved<T> {
    pub(super) setting: Setting,
    pub(super) value: T,
    pub(super) source: Source,
}

/// Where the settings are in a `pyproject.toml`.
const PYPROJECT: [&str; 2] = ["tool", "prefect"];

/// Prefect's settings of these groups can be one JSON object in a variable, by accident of a library.
const GROUPS: [&str; 3] = ["PREFECT_API", "PREFECT_CLIENT", "PREFECT_CLOUD"];

impl Layers {
    /// Reads the files.
    ///
    /// # Errors
    /// A file is there but can't be read, or a variable that says where one is has no text.
    pub(super) fn read(given: Given) -> Result<Self, Error> {
        let (environment, home_directory) = given.surroundings();
        let directory = given
            .directory
            .unwrap_or_else(|| std::env::current_dir().unwrap_or_default());
        let table = |name: &str| {
            let path = directory.join(name);
            let table = toml_file::read(&path)?.unwrap_or_default();
            Ok::<_, Error>((path, table))
        };
        let dotenv_path = directory.join(".env");
        let text = toml_file::text(&dotenv_path)?.unwrap_or_default();
        let variables = dotenv::parse(&text, |name| environment.for_expansion(name));
        let mut layers = Self {
            explicit: given.explicit,
            dotenv: (dotenv_path, variables),
            prefect_toml: table("prefect.toml")?,
            pyproject: table("pyproject.toml")?,
            profile: None,
            environment,
            directory,
            home_directory,
            warnings: Vec::new(),
        };
        let (path, dotenv) = &layers.dotenv;
        let unread = dotenv.unread.iter().map(|line| {
            let path = path.display();
            format!("{path}: line {line} is not NAME=value, and left out")
        });
        layers.warnings.extend(unread.collect::<Vec<_>>());
        layers.profile = layers.active_profile(given.profile.as_deref())?;
        layers.refuse_groups()?;
        Ok(layers)
    }

    /// The name of the profile that counts.
    pub(super) fn profile(&self) -> Option<&str> {
        self.profile.as_ref().map(|profile| profile.name.as_str())
    }

    /// The value of a setting, or else the default.
    ///
    /// # Errors
    /// A value is there, but `read` doesn't take it.
    pub(super) fn resolve<T>(
        &self,
        setting: Setting,
        read: impl FnOnce(&Written) -> Result<T, Expected>,
        default: T,
    ) -> Result<Resolved<T>, Error> {
        let found = self.resolve_if_set(setting, read)?;
        Ok(found.unwrap_or(Resolved {
            setting,
            value: default,
            source: Source::Default,
        }))
    }

    /// The value of a setting, if it has one.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub(super) fn resolve_if_set<T>(
        &self,
        setting: Setting,
        read: impl FnOnce(&Written) -> Result<T, Expected>,
    ) -> Result<Option<Resolved<T>>, Error> {
        let Some((written, source)) = self.find(setting)? else {
            return Ok(None);
        };
        match read(&written) {
            Ok(value) => Ok(Some(Resolved {
                setting,
                value,
                source,
            })),
            Err(expected) => {
                let name = setting.name();
                let but = shown(setting, &written.value);
                Err(Error::config(format!("{name} ({source}): {expected}{but}")))
            }
        }
    }

    fn find(&self, setting: Setting) -> Result<Option<(Written, Source)>, Error> {
        let written = |value: &Value, form| Written {
            value: value.clone(),
            form,
        };
        if let Some(value) = self.explicit.get(&setting) {
            return Ok(Some((written(value, Form::Typed), Source::Explicit)));
        }
        let variable = setting.variable();
        for (text, source) in self.variables(&variable)? {
            if !(setting.may_be_json() && text.trim() == "null") {
                let value = Value::from(text);
                return Ok(Some((written(&value, Form::Variable), source)));
            }
        }
        let keys: Vec<_> = setting.name().split('.').collect();
        let (path, table) = &self.prefect_toml;
        if let Some(value) = toml_file::find(path, table, &keys)? {
            let source = Source::PrefectToml(path.clone());
            return Ok(Some((written(value, Form::Typed), source)));
        }
        let (path, table) = &self.pyproject;
        if let Some(value) = toml_file::find(path, table, &[&PYPROJECT, &keys[..]].concat())? {
            let source = Source::PyprojectToml(path.clone());
            return Ok(Some((written(value, Form::Typed), source)));
        }
        let profile = self.profile.as_ref();
        Ok(profile.and_then(|profile| {
            let value = profile.table.get(&variable)?;
            Some((written(value, Form::Profile), profile.source()))
        }))
    }

    /// The values of a variable, in the environment and in `.env`.
    fn variables(&self, name: &str) -> Result<Vec<(&str, Source)>, Error> {
        let mut found = Vec::new();
        if let Some((name, text)) = self.environment.in_any_case(name)? {
            found.push((text, Source::Environment(name.to_owned())));
        }
        let (path, dotenv) = &self.dotenv;
        let mut entries = dotenv.variables.iter().rev();
        if let Some((key, value)) = entries.find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            let (path, key) = (path.clone(), key.clone());
            let source = Source::DotEnv { path, key };
            found.extend(value.as_deref().map(|text| (text, source)));
        }
        Ok(found)
    }

    fn active_profile(&mut self, explicit: Option<&str>) -> Result<Option<Profile>, Error> {
        let profiles = match self.profiles_file()? {
            None => Profiles::packaged(),
            Some(path) if path.exists() => Profiles::read(path)?,
            Some(path) => Profiles::none_in(path),
        };
        if let Some(name) = explicit {
            return explicit_profile(name, profiles).map(Some);
        }
        if self.environment.is_test_mode() {
            return Ok(None);
        }
        let wish = self.environment.exact("PREFECT_PROFILE")?;
        let name = wish.or(profiles.active()).map(str::to_owned);
        if let Some(name) = name.as_deref().filter(|name| !profiles.has(name)) {
            let place = profiles.place();
            self.warnings.push(format!(
                "there is no profile `{name}` in {place}, so that none counts; add it, or choose another one"
            ));
        }
        Ok(Some(profiles.choose(name.as_deref())))
    }

    /// Where Prefect looks for profiles: not always where its setting `profiles_path` points, as it neither expands
    /// `~` and `$PREFECT_HOME` here nor takes `home` from a file. `None` is the file that comes with Prefect.
    fn profiles_file(&self) -> Result<Option<PathBuf>, Error> {
        if self.environment.is_test_mode() {
            return Ok(None);
        }
        let variable = Setting::ProfilesPath.variable();
        let named = match self.environment.exact(&variable)? {
            Some(path) => Some(path),
            None => match self.exact_in_dotenv(&variable) {
                Some(path) => Some(path),
                None => self.profiles_path_in_files()?,
            },
        };
        if let Some(path) = named {
            return Ok(Some(self.directory.join(path)));
        }
        if let Some(home) = self.environment.exact(&Setting::Home.variable())? {
            return Ok(Some(self.directory.join(home).join("profiles.toml")));
        }
        let usual = self.home_directory.as_ref();
        let usual = usual.map(|home| home.join(".prefect").join("profiles.toml"));
        Ok(usual.filter(|path| path.exists()))
    }

    fn exact_in_dotenv(&self, name: &str) -> Option<&str> {
        let (_, dotenv) = &self.dotenv;
        let found = dotenv.variables.iter().find(|(key, _)| key == name)?;
        found.1.as_deref().filter(|value| !value.is_empty())
    }

    fn profiles_path_in_files(&self) -> Result<Option<&str>, Error> {
        let key = Setting::ProfilesPath.name();
        let (prefect_toml, pyproject) = (&self.prefect_toml, &self.pyproject);
        let found = [
            toml_file::find(&prefect_toml.0, &prefect_toml.1, &[key])?,
            toml_file::find(
                &pyproject.0,
                &pyproject.1,
                &[&PYPROJECT[..], &[key]].concat(),
            )?,
        ];
        // What is no text is refused when the setting is read.
        let mut texts = found.into_iter().flatten().filter_map(Value::as_str);
        Ok(texts.find(|path| !path.is_empty()))
    }

    fn refuse_groups(&self) -> Result<(), Error> {
        for group in GROUPS {
            let mut sources: Vec<_> = self.variables(group)?;
            if let Some(profile) = &self.profile
                && profile.table.contains_key(group)
            {
                sources.push(("", profile.source()));
            }
            if let Some((_, source)) = sources.first() {
                let text = format!(
                    "{group} ({source}): settings as one JSON object are not read; set each by its own name, such as \
                     PREFECT_API_URL"
                );
                return Err(Error::config(text));
            }
        }
        Ok(())
    }
}

impl Profile {
    fn source(&self) -> Source {
        Source::Profile {
            name: self.name.clone(),
            path: self.path.clone(),
        }
    }
}

/// A profile that was asked for in code, which has to be there.
fn explicit_profile(name: &str, profiles: Profiles) -> Result<Profile, Error> {
    let place = profiles.place();
    let mut candidates = [profiles, Profiles::packaged()].into_iter();
    match candidates.find(|profiles| profiles.has(name)) {
        Some(profiles) => Ok(profiles.choose(Some(name))),
        None => Err(Error::config(format!(
            "there is no profile `{name}` in {place}; add it, or choose another one"
        ))),
    }
}

/// What was found instead of what was expected, as far as it can't be a secret.
fn shown(setting: Setting, value: &Value) -> String {
    const LONGEST: usize = 40;
    if setting.is_secret() || matches!(setting, Setting::ApiUrl | Setting::CloudApiUrl) {
        return String::new();
    }
    let text = match value {
        Value::String(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(value) => value.to_string(),
        _ => return String::new(),
    };
    if text.len() > LONGEST {
        return String::new();
    }
    format!(", and not {text}")
}
