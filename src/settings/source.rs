//! Where a value came from.

use std::fmt;
use std::path::PathBuf;

/// Where the value of a setting came from, the strongest first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// It was given to [`SettingsBuilder`](super::SettingsBuilder).
    Explicit,
    /// The environment variable of this name, spelled as it was found.
    Environment(String),
    /// A `.env` file in the current directory.
    DotEnv {
        /// The file.
        path: PathBuf,
        /// The key, spelled as it was found.
        key: String,
    },
    /// This `prefect.toml`.
    PrefectToml(PathBuf),
    /// The table `tool.prefect` of this `pyproject.toml`.
    PyprojectToml(PathBuf),
    /// A profile.
    Profile {
        /// The profile.
        name: String,
        /// Its file; `None` for a profile that comes with Prefect.
        path: Option<PathBuf>,
    },
    /// Prefect's default.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Explicit => f.write_str("given in code"),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::DotEnv { path, key } => write!(f, "{key} in {}", path.display()),
            Self::PrefectToml(path) => write!(f, "{}", path.display()),
            Self::PyprojectToml(path) => write!(f, "[tool.prefect] in {}", path.display()),
            Self::Profile {
                name,
                path: Some(path),
            } => {
                write!(f, "profile `{name}` in {}", path.display())
            }
            Self::Profile { name, path: None } => {
                write!(f, "profile `{name}` that comes with Prefect")
            }
            Self::Default => f.write_str("default"),
        }
    }
}
