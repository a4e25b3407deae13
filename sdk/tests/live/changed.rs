//! Code that changes while processes run from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use prefect_sdk::client::models::StateType;
use prefect_sdk::deployments::GitRepository;
use prefect_sdk::flows::Flow;
use prefect_sdk::runner::{Runner, RunnerOptions};
use serde_json::json;
use uuid::Uuid;

use crate::deployed::due;
use crate::room::Room;
use crate::runner::patiently;
use crate::{runs, server};

/// Against hanging; never reached.
const PATIENCE: Duration = Duration::from_mins(4);

/// It reads a part of its code when it is told to, which may be long after it began.
const FLOW: &str = r"
import os, time
from prefect import flow

@flow
def changing(began: str, go: str, read: str):
    open(began, 'w').close()
    until = time.monotonic() + 240
    while not os.path.exists(go) and time.monotonic() < until:
        time.sleep(0.05)
    with open('part') as part, open(read + '.new', 'w') as file:
        file.write(part.read())
    os.rename(read + '.new', read)
";

/// A git repository whose code changes.
struct Repository(PathBuf);

impl Repository {
    fn new(room: &Room) -> Self {
        room.write("code/flows.py", FLOW.as_bytes());
        let repository = Self(room.0.join("code"));
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.change("first");
        repository
    }

    fn change(&self, part: &str) {
        fs::write(self.0.join("part"), part).unwrap();
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message=change"]);
    }

    fn git(&self, arguments: &[&str]) {
        let who = ["user.name=test", "user.email=test@example.com"];
        let mut git = Command::new("git");
        for setting in who.into_iter().chain(["commit.gpgsign=false"]) {
            git.args(["-c", setting]);
        }
        let output = git.args(arguments).current_dir(&self.0).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
}

/// The files by which a run is told, and tells.
struct Signs {
    began: PathBuf,
    go: PathBuf,
    read: PathBuf,
}

impl Signs {
    fn new(room: &Room, name: &str) -> Self {
        let [began, go, read] =
            ["began", "go", "read"].map(|sign| room.0.join(format!("{name}-{sign}")));
        Self { began, go, read }
    }

    fn due(&self, deployment: Uuid) -> Uuid {
        let Self { began, go, read } = self;
        due(deployment, &json!({"began": began, "go": go, "read": read}))
    }

    fn go(&self) {
        fs::write(&self.go, "").unwrap();
    }
}

fn until_there(path: &Path) -> String {
    let limit = Instant::now() + PATIENCE;
    while !path.exists() {
        assert!(Instant::now() < limit, "there is no {}", path.display());
        thread::sleep(Duration::from_millis(50));
    }
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_process_keeps_the_code_that_it_began_with() {
    let room = Room::new("changed");
    let repository = Repository::new(&room);
    let options = RunnerOptions::new()
        .query_interval(Duration::from_secs(1))
        .pull_interval(Duration::from_secs(1))
        .python(std::env::var("PREFECT_TEST_PYTHON").unwrap())
        .add_env("PREFECT_HOME", room.text())
        .pause_on_shutdown(false);
    let runner = Runner::new(&server::client(), &options);
    let git = GitRepository::new(format!("file://{}", repository.0.display())).branch("main");
    let flow = Flow::from_source(git, "flows.py:changing");
    let deployment = flow.to_deployment(server::unique("changed"));
    let deployment = patiently(|| runner.add_deployment(&deployment));
    let started = runner.clone();
    let ends = thread::spawn(move || started.start());
    let checked = std::panic::catch_unwind(|| {
        let first = Signs::new(&room, "first");
        let id = first.due(deployment);
        until_there(&first.began);
        repository.change("second");
        // Those that begin from now on have the new code, as soon as it was fetched.
        let limit = Instant::now() + PATIENCE;
        for number in 0.. {
            let next = Signs::new(&room, &format!("next-{number}"));
            next.go();
            next.due(deployment);
            if until_there(&next.read) == "second" {
                break;
            }
            assert!(Instant::now() < limit, "the code is not fetched again");
        }
        first.go();
        assert_eq!(until_there(&first.read), "first");
        runs::until(id, &StateType::Completed);
    });
    drop(runner.stop());
    ends.join().unwrap().unwrap();
    checked.unwrap();
}
