//! The arguments of the commands.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use super::saying::{Failure, MISUSED, in_one_line, say};

/// What can be done with the flows of this program. The server is that of Prefect's settings (`PREFECT_API_URL`, or the active
/// profile).
#[derive(Debug, Parser)]
#[command(
    after_help = "Exits with 0 where all is well, with 1 where the run failed or something could not be done, and with 2 \
                        where what is asked for can't be meant."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) order: Order,
}

#[derive(Debug, Subcommand)]
pub(super) enum Order {
    /// Shows the flows of this program, and their parameters.
    List,
    /// Runs a flow now, in this process; Ctrl-C ends its run.
    Run {
        flow: String,
        #[command(flatten)]
        given: Given,
        /// A tag of the run, and of the task runs in it; may be given more than once.
        #[arg(long = "tag", value_name = "TAG")]
        tags: Vec<String>,
    },
    /// Makes deployments, and runs what is due of them on this machine, until Ctrl-C.
    Serve {
        #[command(flatten)]
        deployments: Deployments,
        /// How many runs there are at once; 5, or what the settings say, unless given.
        #[arg(long, value_name = "COUNT")]
        limit: Option<usize>,
    },
    /// Makes deployments that the workers of a work pool run.
    Deploy {
        #[command(flatten)]
        deployments: Deployments,
        /// The work pool.
        #[arg(long, value_name = "NAME")]
        pool: String,
        /// The image that the program is in, for workers that run containers: it is built and pushed first.
        #[arg(long, value_name = "NAME")]
        image: Option<String>,
        /// The image is there already, and neither built nor pushed.
        #[arg(long, requires = "image")]
        built: bool,
        /// The image stays on this machine, and is not pushed.
        #[arg(long, requires = "image")]
        local: bool,
    },
    /// Draws what a flow calls, without running its tasks.
    Visualize {
        flow: String,
        #[command(flatten)]
        given: Given,
        /// The language that the graph is written in.
        #[arg(long, value_enum, default_value_t = Language::Dot)]
        format: Language,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Language {
    Dot,
    Mermaid,
    #[cfg(feature = "svg")]
    Svg,
}

#[derive(Debug, Args)]
pub(super) struct Given {
    /// A parameter: its value is JSON, or else a text. May be given more than once.
    #[arg(short = 'p', long = "param", value_name = "NAME=VALUE")]
    pub(super) parameters: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Deployments {
    /// The flows; all of the program unless given.
    pub(super) flows: Vec<String>,
    /// The name of the deployments.
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub(super) name: String,
    #[command(flatten)]
    pub(super) given: Given,
    /// A tag of their runs; may be given more than once.
    #[arg(long = "tag", value_name = "TAG")]
    pub(super) tags: Vec<String>,
    /// Runs by a line of cron, such as "0 5 * * *".
    #[arg(long, value_name = "LINE", conflicts_with = "interval")]
    pub(super) cron: Option<String>,
    /// A run each time that so many seconds have passed.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(super) interval: Option<Duration>,
    /// The time zone that the schedule is meant in, such as Europe/Berlin.
    #[arg(long, value_name = "ZONE")]
    pub(super) timezone: Option<String>,
    /// Their schedules make no runs until somebody resumes them.
    #[arg(long)]
    pub(super) paused: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    let interval = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
    if interval.is_zero() {
        return Err("it is to be more than 0".to_owned());
    }
    Ok(interval)
}

impl Arguments {
    /// Reads what follows `prefect`. Who asks for help is given it, which ends the process.
    pub(super) fn read(
        program: &OsStr,
        given: impl Iterator<Item = OsString>,
    ) -> Result<Self, Failure> {
        let name = Path::new(program).file_name().unwrap_or(program);
        let name = format!("{} prefect", name.to_string_lossy());
        let command = Self::command().bin_name(name.clone());
        let given = std::iter::once(OsString::from(name)).chain(given);
        let read = command
            .try_get_matches_from(given)
            .and_then(|matches| Self::from_arg_matches(&matches));
        read.map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                say(&error.to_string());
                std::process::exit(0)
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                say(&error.to_string());
                std::process::exit(MISUSED)
            }
            _ => Failure::misuse(shortened(&error.to_string())),
        })
    }
}

/// The first paragraph: what follows is about usage, which `--help` shows.
fn shortened(error: &str) -> String {
    let text = error.strip_prefix("error: ").unwrap_or(error);
    let text = text.split("\n\n").next().unwrap_or(text);
    format!("{} (`--help` says more)", in_one_line(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[&str]) -> Result<Arguments, Failure> {
        Arguments::read("/usr/bin/shop".as_ref(), given.iter().map(OsString::from))
    }

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        let wrong = |given: &[&str]| read(given).unwrap_err();
        let failure = wrong(&["deploy", "load"]);
        assert_eq!(failure.code, MISUSED);
        assert_eq!(
            failure.text,
            "the following required arguments were not provided: --pool <NAME> (`--help` says more)"
        );
        for interval in ["0", "-1", "x", "1e300"] {
            assert!(
                wrong(&["serve", "--interval", interval])
                    .text
                    .contains("interval")
            );
        }
        assert!(wrong(&["run"]).text.contains("<FLOW>"));
        assert!(wrong(&["walk"]).text.contains("walk"));
    }

    #[test]
    fn parameters_may_be_given_more_than_once() {
        let Order::Run { flow, given, .. } = read(&["run", "load", "-p", "a=1", "--param", "b=x"])
            .unwrap()
            .order
        else {
            panic!("an order to run")
        };
        assert_eq!(
            (&*flow, given.parameters),
            ("load", vec!["a=1".to_owned(), "b=x".to_owned()])
        );
    }
}
