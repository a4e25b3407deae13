//! The command line of diptych.

mod given;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use diptych::diff::{Bump, diff_markdown, diff_text};
use diptych::disk::{self, Difference};

/// Generating is making and dropping many small values: a large description takes two thirds of the time that the system's takes.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One `OpenAPI` description in, a blocking and an async client out.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the client, touching only files that change.
    Generate(Place),
    /// Say whether the client is what the description gives; exit code 1 if it is not.
    Check(Place),
    /// Say what the description becomes.
    Inventory {
        /// The description, JSON or YAML.
        description: PathBuf,
        /// The choices; `diptych.toml` beside the description, where there is one.
        #[arg(long)]
        config: Option<PathBuf>,
        /// As JSON: an object with the lists operations, types, values and losses.
        #[arg(long)]
        json: bool,
    },
    /// Say what a new description changes for users of the client; exit code 0 if nothing, 10 for a patch version, 20 for a
    /// minor one, 30 for a major one.
    Diff {
        /// The older description: a file, or one of a git revision, as in `v0.1.0:spec/api.json`.
        old: String,
        /// The newer one, likewise.
        new: String,
        /// The choices for both; `diptych.toml` beside each, where there is one.
        #[arg(long)]
        config: Option<PathBuf>,
        /// How it is said.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Print the description as plain `OpenAPI` 3.0: for tools that read no 3.1.
    Canonical {
        /// The description, JSON or YAML.
        description: PathBuf,
        /// The choices; `diptych.toml` beside the description, where there is one.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Print progenitor's client of the description, as a file that stands on `progenitor-client`: for whoever uses progenitor,
    /// and its description is of 3.1 or not all to its taste. What progenitor can't take is left out, and named.
    Reference {
        /// The description, JSON or YAML.
        description: PathBuf,
        /// The choices; `diptych.toml` beside the description, where there is one.
        #[arg(long)]
        config: Option<PathBuf>,
        /// The file that is written; without it, the client is printed.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Print the JSON schema of `diptych.toml`, for editors.
    ConfigSchema,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line for each change.
    Text,
    /// Lists, for a pull request.
    Markdown,
    /// An object with the lists.
    Json,
}

#[derive(clap::Args)]
struct Place {
    /// The description, JSON or YAML; the only `spec/*.json` if it is not said.
    description: Option<PathBuf>,
    /// The choices; `diptych.toml` beside the description, where there is one.
    #[arg(long)]
    config: Option<PathBuf>,
    /// The folder of the client's source.
    #[arg(long, default_value = "generated")]
    out: PathBuf,
    /// What would be left out with a warning is an error.
    #[arg(long)]
    strict: bool,
    /// A whole crate of this name, whose folder `--out` is.
    #[arg(long = "crate", value_name = "NAME")]
    package: Option<String>,
    /// Where that crate finds `diptych-runtime`: a folder, seen from its `Cargo.toml`, and not the registry.
    #[arg(long, value_name = "FOLDER", requires = "package")]
    runtime: Option<PathBuf>,
}

/// What is written.
enum Written {
    Module(diptych::write::Files),
    Crate(Box<diptych::package::Crate>),
}

impl Written {
    fn compare(&self, folder: &Path) -> Result<Difference, disk::DiskError> {
        match self {
            Self::Module(files) => disk::compare(folder, files),
            Self::Crate(whole) => disk::compare_crate(folder, whole),
        }
    }

    fn update(&self, folder: &Path) -> Result<Difference, disk::DiskError> {
        match self {
            Self::Module(files) => disk::update(folder, files),
            Self::Crate(whole) => disk::update_crate(folder, whole),
        }
    }
}

impl Place {
    fn package(&self) -> Fallible<Option<diptych::package::Package>> {
        let Some(name) = &self.package else {
            return Ok(None);
        };
        let package = diptych::package::Package::new(name)?;
        let folder = self.runtime.clone().or_else(runtime_beside);
        Ok(Some(match folder {
            Some(folder) => package.runtime(folder.to_string_lossy()),
            None => package,
        }))
    }
}

/// The runtime beside the sources that this program was built from, while they are there: the versions fit then.
fn runtime_beside() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("runtime");
    folder.join("Cargo.toml").exists().then_some(folder)
}

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run(arguments.command)
}

fn run(command: Command) -> ExitCode {
    let done = match command {
        Command::Generate(place) => generate(&place),
        Command::Check(place) => check(&place),
        Command::Inventory {
            description,
            config,
            json,
        } => inventory(&description, config.as_deref(), json),
        Command::Diff {
            old,
            new,
            config,
            format,
        } => diff(&old, &new, config.as_deref(), format),
        Command::Canonical {
            description,
            config,
        } => canonical(&description, config.as_deref()),
        Command::Reference {
            description,
            config,
            out,
        } => reference(&description, config.as_deref(), out.as_deref()),
        Command::ConfigSchema => say(diptych::config::SCHEMA).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::from(2)
    })
}

fn generate(place: &Place) -> Fallible<ExitCode> {
    let difference = written(place)?.update(&place.out)?;
    say(&told(&difference))?;
    Ok(ExitCode::SUCCESS)
}

fn check(place: &Place) -> Fallible<ExitCode> {
    let difference = written(place)?.compare(&place.out)?;
    if difference.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    say(&told(&difference))?;
    eprintln!(
        "{} is not what the description gives; run the same command with `generate` in place of `check`",
        place.out.display()
    );
    Ok(ExitCode::FAILURE)
}

fn inventory(description: &Path, config: Option<&Path>, json: bool) -> Fallible<ExitCode> {
    let (text, choices) = read(description, config)?;
    let inventory =
        diptych::inventory(&text, &choices).map_err(|error| named(description, &error))?;
    if json {
        say(&json_text(&inventory)?)?;
    } else {
        say(&diptych::emit::inventory_markdown(&inventory))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn diff(old: &str, new: &str, config: Option<&Path>, format: Format) -> Fallible<ExitCode> {
    let inventory = |name: &str| -> Fallible<_> {
        let (description, choices) = given::read(name, config)?;
        let inventory = diptych::inventory(&description, &choices);
        Ok(inventory.map_err(|error| named(Path::new(name), &error))?)
    };
    let diff = diptych::diff::diff(&inventory(old)?, &inventory(new)?);
    match format {
        Format::Text => say(&diff_text(&diff))?,
        Format::Markdown => say(&diff_markdown(&diff))?,
        Format::Json => say(&json_text(&diff)?)?,
    }
    Ok(match diff.bump {
        Bump::None => ExitCode::SUCCESS,
        Bump::Patch => ExitCode::from(10),
        Bump::Minor => ExitCode::from(20),
        _ => ExitCode::from(30),
    })
}

fn canonical(description: &Path, config: Option<&Path>) -> Fallible<ExitCode> {
    let (text, choices) = read(description, config)?;
    let document =
        diptych::canonical(&text, &choices).map_err(|error| named(description, &error))?;
    say(&json_text(&document)?)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(feature = "reference")]
fn reference(description: &Path, config: Option<&Path>, out: Option<&Path>) -> Fallible<ExitCode> {
    let (text, choices) = read(description, config)?;
    // progenitor's panics are said as what it can't take.
    std::panic::set_hook(Box::new(|_| {}));
    let made = diptych::reference::reference(&text, &choices);
    drop(std::panic::take_hook());
    let made = made.map_err(|error| named(description, &error))?;
    for problem in &made.left_out {
        eprintln!("warning: left out of the canonical document: {problem}");
    }
    match out {
        Some(path) => disk::write(path, &made.client)?,
        None => say(&made.client)?,
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(feature = "reference"))]
fn reference(_: &Path, _: Option<&Path>, _: Option<&Path>) -> Fallible<ExitCode> {
    Err(
        "this program was built without progenitor: `cargo install diptych --features reference`"
            .into(),
    )
}

fn written(place: &Place) -> Fallible<Written> {
    let package = place.package()?;
    let description = match &place.description {
        Some(path) => path.clone(),
        None => disk::only_description(Path::new("spec"))
            .map_err(|error| format!("{error}; name the description"))?,
    };
    let (text, choices) = read(&description, place.config.as_deref())?;
    let generated = match &package {
        None => diptych::generate_and_tell(&text, &choices).map(|generated| (None, generated)),
        Some(package) => diptych::generate_crate(&text, &choices, package)
            .map(|(whole, generated)| (Some(Box::new(whole)), generated)),
    };
    let (whole, generated) = generated.map_err(|error| named(&description, &error))?;
    let skipped = disk::located(&description, &generated.skipped);
    if place.strict && !skipped.is_empty() {
        return Err(skipped.join("\n").into());
    }
    for line in skipped {
        eprintln!("warning: left out: {line}");
    }
    for line in disk::located(&description, &generated.stale) {
        eprintln!("warning: passed over, as it was made for another version: {line}");
    }
    Ok(whole.map_or(Written::Module(generated.files), Written::Crate))
}

/// A description and the choices for it.
fn read(description: &Path, config: Option<&Path>) -> Fallible<(String, String)> {
    let text = disk::read_description(description).map_err(|error| named(description, &error))?;
    Ok((text, given::choices(description, config)?))
}

fn named(description: &Path, error: &diptych::GenerateError) -> String {
    match error {
        diptych::GenerateError::Description(error) => {
            disk::located(description, error.problems()).join("\n")
        }
        other => other.to_string(),
    }
}

fn told(difference: &Difference) -> String {
    let mut lines = String::new();
    for (sign, names) in [
        ("added", &difference.added),
        ("changed", &difference.changed),
        ("removed", &difference.removed),
    ] {
        for name in names {
            lines.extend([sign, " ", name, "\n"]);
        }
    }
    if difference.is_empty() {
        lines.push_str("no change\n");
    }
    lines
}

fn json_text(value: &impl serde::Serialize) -> Fallible<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// Prints it. Whoever reads, such as `head`, may have enough before the end.
fn say(text: &str) -> Fallible<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
