//! Fetches the code of deployments, for a runner.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use diptych_macros::dual;
#[dual(pulling)]
use prefect_client::AsyncPrefectClient;

use super::{GitRepository, Source};
use crate::blocks::{Block as _, Secret};
use crate::deadline::Deadline;
use crate::filesystems::LocalFileSystem;
#[cfg(feature = "remote")]
use crate::filesystems::RemoteFileSystem;
#[dual(pulling)]
use crate::filesystems::offload::aoffload;
use crate::{Error, Refusal};

diptych_macros::faces! {
    /// The names that differ between the faces of what fetches code.
    pulling {
        ..crate::faces::sdk,
        aget_directory => get_directory,
        aload => load,
        aoffload => offload,
        apull => pull,
        apull_block => pull_block,
        apull_remote => pull_remote,
    }
}

/// Fetches the code into that directory, or into where it is already; gives where it is then.
#[dual(pulling)]
pub(crate) async fn apull(
    client: &AsyncPrefectClient,
    source: &Source,
    into: &Path,
) -> Result<PathBuf, Error> {
    match source {
        Source::Local(path) => there(path),
        Source::Git(repository) => {
            let token = match &repository.access_token_block {
                Some(name) => Some(Secret::aload(client, name).await?.expose().to_owned()),
                None => None,
            };
            let (repository, directory) = (repository.clone(), into.to_owned());
            aoffload(move || clone(&repository, token.as_deref(), &directory)).await?;
            Ok(into.to_owned())
        }
        Source::Remote(url) => apull_remote(url, into).await,
        Source::Block { slug, name } => apull_block(client, slug, name, into).await,
    }
}

fn there(path: &Path) -> Result<PathBuf, Error> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if absolute.is_dir() {
        return Ok(absolute);
    }
    let text = format!(
        "there is no directory `{}` with the code",
        absolute.display()
    );
    Err(Error::not_found(text))
}

#[dual(pulling)]
async fn apull_block(
    client: &AsyncPrefectClient,
    slug: &str,
    name: &str,
    into: &Path,
) -> Result<PathBuf, Error> {
    match slug {
        "local-file-system" => {
            let block = LocalFileSystem::aload(client, name).await?;
            let path = block.basepath.clone().unwrap_or_default();
            there(Path::new(&path))
        }
        #[cfg(feature = "remote")]
        "remote-file-system" => {
            let block = RemoteFileSystem::aload(client, name).await?;
            block.aget_directory(into).await?;
            Ok(into.to_owned())
        }
        _ => {
            let _ = into;
            let text = format!("the code in blocks of the type `{slug}` can't be fetched here");
            Err(Error::invalid(text))
        }
    }
}

#[cfg(feature = "remote")]
#[dual(pulling)]
async fn apull_remote(url: &str, into: &Path) -> Result<PathBuf, Error> {
    RemoteFileSystem::new(url).aget_directory(into).await?;
    Ok(into.to_owned())
}

#[cfg(not(feature = "remote"))]
#[dual(pulling)]
#[allow(clippy::unused_async, reason = "it is where there are remote storages")]
async fn apull_remote(url: &str, _: &Path) -> Result<PathBuf, Error> {
    let scheme = url.split("://").next().unwrap_or_default();
    let text = format!("code of `{scheme}://` needs the feature of this crate for such storages");
    Err(Error::invalid(text))
}

/// Clones a repository, or brings the clone that is there up to date.
fn clone(repository: &GitRepository, token: Option<&str>, into: &Path) -> Result<(), Error> {
    check_address(&repository.url)?;
    let told = Told::of(repository, token)?;
    let is_there = into.join(".git").exists();
    if !is_there {
        git(
            &told,
            into.parent().unwrap_or(into),
            [
                OsStr::new("init"),
                OsStr::new("--quiet"),
                OsStr::new("--"),
                into.as_os_str(),
            ],
        )?;
    }
    let wanted = repository
        .commit_sha
        .as_deref()
        .or(repository.branch.as_deref());
    // What a name begins with is no option.
    git(
        &told,
        into,
        [
            "fetch",
            "--quiet",
            "--depth=1",
            "--",
            &repository.url,
            wanted.unwrap_or("HEAD"),
        ],
    )?;
    git(
        &told,
        into,
        ["checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"],
    )?;
    if repository.include_submodules {
        git(
            &told,
            into,
            [
                "submodule",
                "--quiet",
                "update",
                "--init",
                "--recursive",
                "--depth=1",
            ],
        )?;
    }
    Ok(())
}

/// Whoever reads a deployment, or a list of processes, would read what stands before the host, too.
fn check_address(url: &str) -> Result<(), Error> {
    let rest = url.split_once("://").map(|(_, rest)| rest);
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    if host.is_some_and(|host| {
        host.rsplit_once('@')
            .is_some_and(|(who, _)| who.contains(':'))
    }) {
        let text = "the address of a git repository has a password in it: name a block `Secret` with a token instead";
        return Err(Error::invalid(text));
    }
    Ok(())
}

/// What git is told beside its arguments, which can be read by others.
struct Told {
    configuration: Vec<(String, String)>,
    secrets: Vec<String>,
}

impl Told {
    fn of(repository: &GitRepository, token: Option<&str>) -> Result<Self, Error> {
        // A server that sends nothing for a minute sends nothing more.
        let mut configuration = vec![
            ("http.lowSpeedLimit".to_owned(), "1".to_owned()),
            ("http.lowSpeedTime".to_owned(), "60".to_owned()),
        ];
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            let secrets = Vec::new();
            return Ok(Self {
                configuration,
                secrets,
            });
        };
        let origin = repository
            .url
            .strip_prefix("https://")
            .and_then(|rest| rest.split('/').next())
            .filter(|host| !host.is_empty())
            .ok_or_else(|| {
                let text = "a token for a git repository is sent to an address of `https://` only";
                Error::invalid(text)
            })?;
        let who = BASE64_STANDARD.encode(format!("x-access-token:{token}"));
        // The hosts of submodules are others.
        configuration.push((
            format!("http.https://{origin}/.extraHeader"),
            format!("Authorization: Basic {who}"),
        ));
        let secrets = vec![token.to_owned(), who];
        Ok(Self {
            configuration,
            secrets,
        })
    }
}

/// How long one step of git may take; a server of `git://` may say nothing for ever.
const LONGEST: Duration = Duration::from_mins(10);
/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// Runs a program to its end, which comes in that time, and gives what it said is wrong.
fn ended(mut command: Command, longest: Duration) -> Result<(ExitStatus, String), Error> {
    let begun = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = begun.map_err(|error| {
        let text = format!("code is fetched by `git`, which can't be run; install it: {error}");
        Error::invalid(text)
    })?;
    let mut errors = child.stderr.take();
    let (tell, told) = mpsc::channel();
    // On a thread of its own, as what git has started may keep it open.
    let reading = thread::Builder::new().name("prefect-git".to_owned());
    let reading = reading.spawn(move || {
        let mut said = Vec::new();
        if let Some(errors) = &mut errors {
            drop(errors.read_to_end(&mut said));
        }
        drop(tell.send(String::from_utf8_lossy(&said).into_owned()));
    });
    let waiting = |error| Error::of_storage("waiting for `git`", error);
    let end = Deadline::after(Some(longest), Instant::now());
    loop {
        if let Some(status) = child.try_wait().map_err(waiting)? {
            let said = reading
                .is_ok()
                .then(|| told.recv_timeout(Duration::from_secs(5)).ok());
            return Ok((status, said.flatten().unwrap_or_default()));
        }
        if end.is_over(Instant::now()) {
            drop(child.kill());
            drop(child.wait());
            let text = format!(
                "the code was not fetched within {} seconds",
                longest.as_secs()
            );
            return Err(Error::timeout(text));
        }
        thread::sleep(LOOK);
    }
}

fn git<A: AsRef<OsStr>>(
    told: &Told,
    directory: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<(), Error> {
    let mut command = Command::new("git");
    command
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .env("GIT_CEILING_DIRECTORIES", directory)
        // Nobody is there to be asked.
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "true");
    // Where git was what started this process, they are those of another repository.
    for name in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
    ] {
        command.env_remove(name);
    }
    if std::env::var_os("GIT_SSH_COMMAND").is_none() {
        let ssh = "ssh -oBatchMode=yes -oConnectTimeout=30 -oServerAliveInterval=15";
        command.env("GIT_SSH_COMMAND", ssh);
    }
    // Those that are there already stay.
    let first = std::env::var("GIT_CONFIG_COUNT").ok();
    let first: usize = first.and_then(|count| count.parse().ok()).unwrap_or(0);
    for (number, (key, value)) in (first..).zip(&told.configuration) {
        command
            .env(format!("GIT_CONFIG_KEY_{number}"), key)
            .env(format!("GIT_CONFIG_VALUE_{number}"), value);
    }
    let count = first + told.configuration.len();
    command.env("GIT_CONFIG_COUNT", count.to_string());
    let (status, mut said) = ended(command, LONGEST)?;
    if status.success() {
        return Ok(());
    }
    for secret in &told.secrets {
        said = said.replace(secret.as_str(), "…");
    }
    let text = format!("the code can't be fetched: {}", said.trim());
    Err(Error::refused(Refusal::Request, text))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(line: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        command
    }

    #[test]
    fn what_does_not_end_is_ended() {
        let stalled = ended(shell("exec sleep 600"), Duration::from_millis(50));
        assert!(stalled.unwrap_err().is_timeout());
    }

    #[test]
    fn what_is_wrong_is_heard_however_much_it_is() {
        let line =
            "i=0; while [ $i -lt 20000 ]; do echo 'it is wrong' >&2; i=$((i+1)); done; exit 3";
        let (status, said) = ended(shell(line), Duration::from_mins(10)).unwrap();
        assert_eq!(status.code(), Some(3));
        assert_eq!(said.lines().count(), 20_000);
        let missing = ended(Command::new("/no/such/program"), LONGEST);
        assert!(missing.unwrap_err().is_invalid());
    }
}
