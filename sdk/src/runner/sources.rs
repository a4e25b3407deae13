//! The code of deployments that is elsewhere: where it is fetched to, and what runs it there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;

use super::RunnerOptions;
use super::child::Start;
use super::code::Code;
use super::surroundings::OF_PYTHON;
use crate::deployments::{RunnerDeployment, Source, is_python};
use crate::entry::ENTRYPOINT;

/// The sources of a runner. Deployments of the same one share what was fetched.
#[derive(Default)]
pub(super) struct Sources {
    room: Option<Room>,
    known: Vec<Known>,
    runs: HashMap<Uuid, How>,
    copies: usize,
}

/// A source has a place of its own, whether it was fetched or not.
struct Known {
    source: Source,
    place: PathBuf,
    /// Where processes that begin now run from, once it was fetched.
    code: Option<Arc<Code>>,
}

/// A directory of the runner's own; gone when it is dropped.
struct Room(PathBuf);

impl Drop for Room {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// How the runs of a deployment are run.
#[derive(Clone)]
struct How {
    source: Source,
    entrypoint: String,
    command: Vec<String>,
}

impl Sources {
    /// Where a source is fetched to, if it is not there already.
    pub(super) fn place(&mut self, source: &Source) -> std::io::Result<PathBuf> {
        if self.room.is_none() {
            let room = std::env::temp_dir().join(format!("prefect-runner-{}", Uuid::new_v4()));
            make(&room)?;
            self.room = Some(Room(room));
        }
        if let Some(known) = self.known.iter().find(|known| known.source == *source) {
            return Ok(known.place.clone());
        }
        let room = self.room.as_ref().map(|room| room.0.as_path());
        let name = format!("source-{}", self.known.len());
        let place = room.unwrap_or(Path::new(".")).join(name);
        self.known.push(Known {
            source: source.clone(),
            place: place.clone(),
            code: None,
        });
        Ok(place)
    }

    pub(super) fn all(&self) -> Vec<Source> {
        let fetched = self.known.iter().filter(|known| known.code.is_some());
        fetched.map(|known| known.source.clone()).collect()
    }

    /// The copy of a source that there is, and a place beside that where it is fetched to, for the next one.
    pub(super) fn copies(&mut self, source: &Source) -> (Option<Arc<Code>>, PathBuf) {
        let known = self.known.iter().find(|known| known.source == *source);
        let last = known.and_then(|known| known.code.clone());
        let place = known.map(|known| known.place.clone()).unwrap_or_default();
        self.copies += 1;
        let extension = format!("copy-{}", self.copies);
        (last, place.with_extension(extension))
    }

    pub(super) fn is_at(&mut self, source: &Source, code: Arc<Code>) {
        let known = self.known.iter_mut().find(|known| known.source == *source);
        match known {
            Some(known) => known.code = Some(code),
            None => self.known.push(Known {
                source: source.clone(),
                place: code.path().to_owned(),
                code: Some(code),
            }),
        }
    }

    /// Has the runs of a deployment run from its source, if it has one.
    pub(super) fn add(&mut self, id: Uuid, deployment: &RunnerDeployment) {
        let Some(source) = &deployment.source else {
            self.runs.remove(&id);
            return;
        };
        let how = How {
            source: source.clone(),
            entrypoint: deployment.entrypoint.clone().unwrap_or_default(),
            command: deployment.command.clone(),
        };
        self.runs.insert(id, how);
    }

    /// How a run of a deployment is started, where its code is elsewhere.
    pub(super) fn start(&self, id: Uuid, own: &Start, options: &RunnerOptions) -> Option<Start> {
        let how = self.runs.get(&id)?;
        let known = self.known.iter().find(|known| known.source == how.source);
        let code = known?.code.as_ref()?;
        let (place, mut start) = (code.path(), own.clone());
        start.directory = Some(place.to_owned());
        start.code = Some(Arc::clone(code));
        let told = [
            (
                "PREFECT__STORAGE_BASE_PATH",
                place.to_string_lossy().into_owned(),
            ),
            (ENTRYPOINT, how.entrypoint.clone()),
        ];
        let told = told.map(|(name, value)| (name.to_owned(), value));
        start.env.extend(told);
        if let Some((program, arguments)) = how.command.split_first() {
            // What has a folder is meant from there.
            let is_path = Path::new(program).components().count() > 1;
            let from_there = place.join(program).into_os_string();
            start.program = if is_path { from_there } else { program.into() };
            start.arguments = arguments.to_vec();
        } else {
            start.program = options.python.clone().into();
            start.arguments = ["-m", "prefect.engine"].map(str::to_owned).to_vec();
            start.env.push(OF_PYTHON.map(str::to_owned).into());
        }
        Some(start)
    }
}

/// Makes a directory that is nobody else's to read.
fn make(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Why a deployment can't be run from its source, if it can't.
pub(super) fn refusal(deployment: &RunnerDeployment) -> Option<String> {
    deployment.source.as_ref()?;
    let entrypoint = deployment.entrypoint.as_deref().unwrap_or_default();
    let name = deployment.full_name();
    (deployment.command.is_empty() && !is_python(entrypoint)).then(|| {
        format!("`{name}` has code elsewhere, and no command that runs it, and its entrypoint `{entrypoint}` is not one of Python's")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_started_where_its_code_is() {
        let mut sources = Sources::default();
        let own = Start {
            program: "own".into(),
            arguments: vec!["given".to_owned()],
            env: Vec::new(),
            directory: None,
            code: None,
        };
        let there = Source::from("/code");
        sources.is_at(&there, Code::elsewhere("/code".into()));
        let [python, rust, here] = [1, 2, 3].map(Uuid::from_u128);
        let deployment = RunnerDeployment::from_storage("/code", "flows.py:load", "nightly");
        assert_eq!(refusal(&deployment), None);
        sources.add(python, &deployment);
        let deployment = RunnerDeployment::from_storage("/code", "shop:load", "nightly");
        assert!(refusal(&deployment).is_some());
        let deployment = deployment.command(["target/shop", "-v"]);
        assert_eq!(refusal(&deployment), None);
        sources.add(rust, &deployment);
        sources.add(here, &RunnerDeployment::new("load", "nightly"));
        let options = RunnerOptions::new().python("python3.12");
        let start = |id| sources.start(id, &own, &options);
        assert!(start(here).is_none());
        let python = start(python).unwrap();
        assert_eq!(python.program, "python3.12");
        assert_eq!(python.arguments, ["-m", "prefect.engine"]);
        assert_eq!(python.directory.as_deref(), Some(Path::new("/code")));
        let said = (ENTRYPOINT.to_owned(), "flows.py:load".to_owned());
        assert!(python.env.contains(&said));
        let rust = start(rust).unwrap();
        assert_eq!(rust.program, "/code/target/shop");
        assert_eq!(rust.arguments, ["-v"]);
    }

    #[test]
    fn the_same_source_has_one_place_which_goes_with_the_runner() {
        let mut sources = Sources::default();
        let (one, other) = (Source::from("a.git"), Source::from("b.git"));
        let place = sources.place(&one).unwrap();
        let (last, copy) = sources.copies(&one);
        assert!(last.is_none() && copy != place && copy.parent() == place.parent());
        sources.is_at(&one, Code::elsewhere(copy.clone()));
        let (last, next) = sources.copies(&one);
        assert_eq!(last.unwrap().path(), copy);
        assert!(next != copy);
        assert_eq!(sources.place(&one).unwrap(), place);
        assert_ne!(sources.place(&other).unwrap(), place);
        let room = place.parent().unwrap().to_owned();
        assert!(room.is_dir());
        drop(sources);
        assert!(!room.exists());
    }
}
