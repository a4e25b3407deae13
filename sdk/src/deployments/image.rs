//! An image of a program, built and pushed by Docker's command line.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Error, Refusal};

/// What an image is made by, where nobody says otherwise.
const DOCKERFILE: &str = include_str!("Dockerfile");

/// An image that the program is in, for work pools whose workers run containers.
///
/// It is built of the current directory, by Docker's command line: what that says is shown. The program may be of any
/// package of the workspace there. All of the directory is sent but for what its `.dockerignore` leaves out, in which
/// `target` and `.git` belong.
///
/// ```
/// use prefect_sdk::deployments::Image;
///
/// let image = Image::new("registry.example.com/shop:1.2").program("podman");
/// assert_eq!(image.reference(), "registry.example.com/shop:1.2");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// Its name, with the registry that it is pushed to, and its tag; the tag is the time unless the name has one.
    pub name: String,
    /// By what it is built. Unless set, cargo builds the program in a stage of its own.
    pub dockerfile: Option<PathBuf>,
    /// The directory that it is built of; the current one unless set.
    pub context: PathBuf,
    /// The name of the executable in it; that of this program unless set.
    pub executable: Option<String>,
    /// What builds and pushes it; `docker` unless set.
    pub program: OsString,
    /// Further arguments of `docker build`, such as `--platform` and `linux/amd64`.
    pub build_arguments: Vec<String>,
}

impl Image {
    /// An image of that name, with nothing optional.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let mut name = name.into();
        if !is_tagged(&name) {
            let now = chrono::Utc::now().format("%Y%m%d-%H%M%S");
            name = format!("{name}:{now}");
        }
        Self {
            name,
            dockerfile: None,
            context: PathBuf::from("."),
            executable: None,
            program: "docker".into(),
            build_arguments: Vec::new(),
        }
    }

    /// Its name and tag, as workers ask for it.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.name
    }

    /// Sets by what it is built.
    #[must_use]
    pub fn dockerfile(mut self, path: impl Into<PathBuf>) -> Self {
        self.dockerfile = Some(path.into());
        self
    }

    /// Sets the directory that it is built of.
    #[must_use]
    pub fn context(mut self, path: impl Into<PathBuf>) -> Self {
        self.context = path.into();
        self
    }

    /// Sets the name of the executable in it.
    #[must_use]
    pub fn executable(mut self, name: impl Into<String>) -> Self {
        self.executable = Some(name.into());
        self
    }

    /// Sets what builds and pushes it.
    #[must_use]
    pub fn program(mut self, program: impl Into<OsString>) -> Self {
        self.program = program.into();
        self
    }

    /// Sets further arguments of `docker build`.
    #[must_use]
    pub fn build_arguments(
        mut self,
        arguments: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.build_arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// The name of the executable in it.
    pub(super) fn executable_in_it(&self) -> String {
        let own = || {
            let path = std::env::current_exe().ok()?;
            Some(path.file_stem()?.to_string_lossy().into_owned())
        };
        let named = self.executable.clone().or_else(own);
        named.unwrap_or_else(|| "program".to_owned())
    }

    pub(super) fn build(&self) -> Result<(), Error> {
        let mut build = Command::new(&self.program);
        build.args(["build", "--pull", "--tag", &self.name]);
        build.args(&self.build_arguments);
        let text = if let Some(path) = &self.dockerfile {
            build.arg("--file").arg(path);
            None
        } else {
            build.args(["--file", "-"]);
            Some(DOCKERFILE.replace("{program}", &self.executable_in_it()))
        };
        build.arg(&self.context);
        self.run(build, "build", text.as_deref())
    }

    pub(super) fn push(&self) -> Result<(), Error> {
        let mut push = Command::new(&self.program);
        push.args(["push", &self.name]);
        self.run(push, "push", None)
    }

    /// Runs it to its end, with that text to read.
    fn run(&self, mut command: Command, what: &str, text: Option<&str>) -> Result<(), Error> {
        let name = &self.name;
        tracing::info!("{what} of the image `{name}` begins");
        let input = if text.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        };
        let child = command.stdin(input).spawn();
        let mut child = child.map_err(|error| missing(&self.program, &error))?;
        if let (Some(mut input), Some(text)) = (child.stdin.take(), text) {
            // Whoever does not read it says why by how it ends.
            drop(input.write_all(text.as_bytes()));
        }
        let ended = child
            .wait()
            .map_err(|error| missing(&self.program, &error))?;
        if ended.success() {
            return Ok(());
        }
        let program = Path::new(&self.program).display();
        let text = format!("`{program} {what}` of the image `{name}` ended with {ended}");
        Err(Error::refused(Refusal::Request, text))
    }
}

/// Why a program can't be run, and what is to be done about it.
fn missing(program: &OsStr, error: &io::Error) -> Error {
    let program = Path::new(program).display();
    let text = if error.kind() == io::ErrorKind::NotFound {
        format!(
            "there is no `{program}` to build the image with: install Docker (https://docs.docker.com/get-docker/), or Podman and \
             name it by `Image::program`"
        )
    } else {
        format!("`{program}` can't be run: {error}")
    };
    Error::invalid(text)
}

/// Whether a name of an image has a tag or a digest: behind its last slash, as a registry may have a port.
fn is_tagged(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.contains(':') || last.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_tag_gets_one() {
        assert_eq!(Image::new("shop:1").reference(), "shop:1");
        for name in ["shop", "localhost:5000/shop"] {
            let image = Image::new(name);
            let tag = image.reference().strip_prefix(name).unwrap();
            assert!(tag.starts_with(':') && tag.len() == 16, "{tag}");
        }
    }

    #[test]
    fn what_builds_it_is_named_where_it_is_missing() {
        let image = Image::new("shop:1").program("prefect-no-such-docker");
        let error = image.build().unwrap_err();
        assert!(error.is_invalid());
        let text = error.to_string();
        assert!(text.contains("install Docker"), "{text}");
    }

    /// A program in the place of Docker's, which keeps what it is told.
    #[cfg(unix)]
    #[test]
    fn it_is_built_by_a_dockerfile_of_its_own_or_one_that_is_given_and_pushed() {
        use std::os::unix::fs::PermissionsExt as _;

        let room = std::env::temp_dir().join(format!("prefect-image-{}", std::process::id()));
        std::fs::create_dir_all(&room).unwrap();
        let (docker, kept) = (room.join("docker"), room.join("kept"));
        let script = format!(
            "#!/bin/sh\necho \"$@\" >> '{0}'\nif [ \"$1\" = build ]; then cat >> '{0}'; fi\nif [ \"$1\" = push ]; then exit 7; fi\n",
            kept.display()
        );
        std::fs::write(&docker, script).unwrap();
        std::fs::set_permissions(&docker, std::fs::Permissions::from_mode(0o755)).unwrap();
        let image = Image::new("shop:1").program(&docker).executable("shop");
        image.build().unwrap();
        let platform = image.clone().build_arguments(["--platform", "linux/amd64"]);
        platform.dockerfile("own").context("there").build().unwrap();
        let error = image.push().unwrap_err();
        assert!(
            error.is_refused() && error.to_string().contains('7'),
            "{error}"
        );
        let kept = std::fs::read_to_string(kept).unwrap();
        std::fs::remove_dir_all(room).unwrap();
        assert!(
            kept.starts_with("build --pull --tag shop:1 --file - .\n"),
            "{kept}"
        );
        assert!(
            kept.contains("RUN cargo build --release --workspace --bin shop\n"),
            "{kept}"
        );
        let own = "build --pull --tag shop:1 --platform linux/amd64 --file own there\n";
        assert!(
            kept.contains(own) && kept.ends_with("push shop:1\n"),
            "{kept}"
        );
    }
}
