//! A client that somebody else's build script generates.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), diptych::build::BuildError> {
//!     diptych::build::client("api.yaml").write()
//! }
//! ```
//!
//! ```text
//! // src/lib.rs: the client is in the module `client`.
//! include!(concat!(env!("OUT_DIR"), "/client.rs"));
//! ```

use std::path::{Path, PathBuf};
use std::{env, fmt};

use crate::error::Problem;
use crate::{GenerateError, Generated, disk};

/// A client that is to be generated.
#[derive(Clone, Debug)]
#[must_use = "nothing is generated until `write`"]
pub struct Build {
    description: PathBuf,
    choices: Option<PathBuf>,
    folder: Option<PathBuf>,
    module: String,
    strict: bool,
}

/// Why nothing was generated: a line for each reason, with the file and the place in it.
pub struct BuildError(String);

/// The client of this description, JSON or YAML. `diptych.toml` beside it has the choices, where there is one.
pub fn client(description: impl Into<PathBuf>) -> Build {
    Build {
        description: description.into(),
        choices: None,
        folder: None,
        module: "client".to_owned(),
        strict: false,
    }
}

impl Build {
    /// Reads the choices from this file.
    pub fn choices(mut self, file: impl Into<PathBuf>) -> Self {
        self.choices = Some(file.into());
        self
    }

    /// Calls the module so, and not `client`: for several descriptions.
    pub fn module(mut self, name: impl Into<String>) -> Self {
        self.module = name.into();
        self
    }

    /// Writes the module into this folder, to be checked in and reviewed, and not below `OUT_DIR`.
    pub fn into_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Stops at what would be left out with a warning.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Generates the client. Files that stay as they are are not touched. Cargo is told what the client depends on, and what
    /// was left out.
    ///
    /// # Errors
    /// The description or the choices are broken, or a file can't be read or written.
    pub fn write(self) -> Result<(), BuildError> {
        let choices = self.choices_file();
        // The description may refer to files beside it.
        let beside = self.description.parent().unwrap_or(Path::new(""));
        let beside = if beside == Path::new("") {
            self.description.as_path()
        } else {
            beside
        };
        println!("cargo::rerun-if-changed={}", beside.display());
        println!("cargo::rerun-if-changed={}", choices.display());
        let text = disk::read_description(&self.description).map_err(|error| self.named(error))?;
        let chosen = if choices.exists() {
            disk::read(&choices).map_err(|error| self.named(error.into()))?
        } else {
            String::new()
        };
        let generated = crate::generate_and_tell(&text, &chosen);
        let generated = generated.map_err(|error| self.named(error))?;
        self.tell(&generated)?;
        let (folder, root) = self.places()?;
        let written = disk::update(&folder, &generated.files).and_then(|_| match root {
            Some(root) => disk::write(&root, &self.including(&folder)),
            None => Ok(()),
        });
        written.map_err(|error| self.named(error.into()))
    }

    fn choices_file(&self) -> PathBuf {
        let beside = || self.description.with_file_name("diptych.toml");
        self.choices.clone().unwrap_or_else(beside)
    }

    /// The folder of the module, and the file that includes it, where it is below `OUT_DIR`.
    fn places(&self) -> Result<(PathBuf, Option<PathBuf>), BuildError> {
        if let Some(folder) = &self.folder {
            return Ok((folder.clone(), None));
        }
        let words = "`OUT_DIR` is not set: this is for build scripts, or name a folder";
        let out = env::var_os("OUT_DIR").ok_or_else(|| BuildError(words.to_owned()))?;
        let out = PathBuf::from(out);
        let root = out.join(format!("{}.rs", self.module));
        Ok((out.join(&self.module), Some(root)))
    }

    fn including(&self, folder: &Path) -> String {
        let file = folder.join("mod.rs");
        let file = file.to_string_lossy();
        format!("#[path = {file:?}]\npub mod {};\n", self.module)
    }

    /// What was left out is a warning of Cargo's, or an error.
    fn tell(&self, generated: &Generated) -> Result<(), BuildError> {
        let skipped = self.lines(&generated.skipped);
        if self.strict && !skipped.is_empty() {
            return Err(BuildError(skipped.join("\n")));
        }
        for line in skipped {
            println!("cargo::warning=left out: {line}");
        }
        for line in self.lines(&generated.stale) {
            println!("cargo::warning=passed over, as it was made for another version: {line}");
        }
        Ok(())
    }

    fn lines(&self, problems: &[Problem]) -> Vec<String> {
        let lines = problems
            .iter()
            .map(|problem| format!("{}#{problem}", self.description.display()));
        lines.collect()
    }

    fn named(&self, error: GenerateError) -> BuildError {
        BuildError(match error {
            GenerateError::Description(error) => {
                disk::located(&self.description, error.problems()).join("\n")
            }
            other => other.to_string(),
        })
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As it is displayed: a build script that returns it shows this.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for BuildError {}
