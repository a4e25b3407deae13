//! Which packages a server stands on: one pinned package a line, below comments.
//!
//! That of the release in `spec/` is `spec/requirements.txt`. Another release gets what uv finds among the packages that
//! were there on the day on which it came out: the newest ones may not fit an old server, and those that the pinned
//! release has may fit neither.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use chrono::{Days, NaiveDate};

use super::place::directory;
use super::uv::Uv;
use crate::digest::sha256;
use crate::process::capture;
use crate::workspace::Workspace;

pub(crate) struct Lock(String);

/// How many days after its own it is tried to find the packages of a release: some ask for what came out later.
const LATER: [u64; 4] = [0, 1, 7, 30];

impl Lock {
    /// The checked-in one.
    pub(crate) fn file(workspace: &Workspace) -> PathBuf {
        workspace.spec().join("requirements.txt")
    }

    pub(crate) fn pinned(workspace: &Workspace) -> Result<Self> {
        let file = Self::file(workspace);
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Self(text))
    }

    /// The checked-in one, and what the tests of storages need beside it.
    pub(crate) fn storages(workspace: &Workspace) -> Result<Self> {
        Self::with(workspace, "storages.txt")
    }

    /// The checked-in one, and the emulators of clouds.
    pub(crate) fn emulators(workspace: &Workspace) -> Result<Self> {
        Self::with(workspace, "emulators.txt")
    }

    fn with(workspace: &Workspace, name: &str) -> Result<Self> {
        let Self(mut text) = Self::pinned(workspace)?;
        let file = workspace.spec().join(name);
        let more =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        text.push_str(&more);
        Ok(Self(text))
    }

    /// That of any release. It is kept below `target/python/`, as the same day
    /// and the same constraints give the same packages.
    pub(super) fn release(workspace: &Workspace, uv: &Uv, version: &str) -> Result<Self> {
        let constraints = workspace.spec().join("constraints.txt");
        let kept_to = fs::read(&constraints)
            .with_context(|| format!("cannot read {}", constraints.display()))?;
        let kept = format!("prefect-{version}-{}.txt", &sha256(kept_to)[..16]);
        let kept = directory(workspace).join(kept);
        if let Ok(text) = fs::read_to_string(&kept) {
            return Ok(Self(text));
        }
        let scratch = workspace.scratch()?;
        let (wish, found) = (
            scratch.path().join("wish.txt"),
            scratch.path().join("lock.txt"),
        );
        fs::write(&wish, format!("prefect=={version}\n")).context("cannot write a requirement")?;
        let day = released(workspace, uv, version)?;
        let mut resolved = Err(anyhow!("{day} is the last day there is"));
        for day in LATER
            .iter()
            .filter_map(|days| day.checked_add_days(Days::new(*days)))
        {
            let mut compile = uv.compile();
            // For every platform, as a lock is shared.
            compile.args(["--universal", "--no-header", "--no-annotate"]);
            // uv takes a day to its end, where it is.
            compile.args(["--exclude-newer", &day.to_string()]);
            compile
                .env("TZ", "UTC")
                .arg("--constraints")
                .arg(&constraints);
            resolved = capture(compile.arg("--output-file").arg(&found).arg(&wish)).map(drop);
            if resolved.is_ok() {
                break;
            }
        }
        resolved?;
        let pins = fs::read_to_string(&found).context("uv wrote no lock")?;
        let text = Self::pinned(workspace)?.with_pins(&pins);
        fs::write(&kept, &text).with_context(|| format!("cannot write {}", kept.display()))?;
        Ok(Self(text))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    pub(crate) fn prefect(&self) -> Result<&str> {
        self.pins()
            .find_map(|pin| pin.strip_prefix("prefect=="))
            .context("spec/requirements.txt has no line `prefect==X.Y.Z`")
    }

    pub(super) fn pins(&self) -> impl Iterator<Item = &str> {
        self.0
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
    }

    /// The same comment above another list of pins.
    fn with_pins(&self, pins: &str) -> String {
        self.0
            .lines()
            .filter(|line| line.starts_with('#'))
            .chain(pins.lines())
            .flat_map(|line| [line, "\n"])
            .collect()
    }
}

/// The day on which a release was uploaded. uv writes it into the other form of a lock.
fn released(workspace: &Workspace, uv: &Uv, version: &str) -> Result<NaiveDate> {
    let scratch = workspace.scratch()?;
    let (wish, found) = (
        scratch.path().join("wish.txt"),
        scratch.path().join("pylock.toml"),
    );
    fs::write(&wish, format!("prefect=={version}\n")).context("cannot write a requirement")?;
    let mut compile = uv.compile();
    compile.args(["--no-deps", "--format", "pylock.toml"]);
    capture(compile.arg("--output-file").arg(&found).arg(&wish))?;
    let text = fs::read_to_string(&found).context("uv wrote no lock")?;
    upload_day(&text).with_context(|| {
        format!("the package index does not tell when prefect {version} was uploaded")
    })
}

/// The day of the first `upload-time`.
fn upload_day(lock: &str) -> Option<NaiveDate> {
    let (_, time) = lock.split_once("upload-time = ")?;
    time.get(..10)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_the_pin_keeps_the_comment() {
        let lock = Lock("# why\nprefect==3.8.8\nrich==15.0.0\n".to_owned());
        assert_eq!(lock.prefect().unwrap(), "3.8.8");
        assert_eq!(lock.pins().count(), 2);
        assert_eq!(
            lock.with_pins("prefect==3.9.0\n"),
            "# why\nprefect==3.9.0\n"
        );
    }

    #[test]
    fn the_day_of_a_release_is_in_the_lock_of_it_alone() {
        let lock = "[[packages]]\nname = \"prefect\"\nsdist = { url = \"…\", upload-time = 2026-10-31T16:57:08Z, size = 1 }\n";
        assert_eq!(upload_day(lock), NaiveDate::from_ymd_opt(2026, 10, 31));
        assert_eq!(upload_day("[[packages]]\nname = \"prefect\"\n"), None);
    }
}
