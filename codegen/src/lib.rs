//! diptych: two panels, one hinge. One `OpenAPI` description in, a blocking and an async client out.
//!
//! ```text
//! parse → normalise → lower → plan → emit → write
//! ```
//!
//! The library is pure: text in, files out. Only [`disk`] touches files, and [`mod@build`] for build scripts. The stages
//! themselves are hidden here: they change with any release.
//!
//! ```
//! let description = r#"{
//!     "openapi": "3.1.0",
//!     "info": { "title": "Pets", "version": "1" },
//!     "paths": { "/pets/{id}": { "get": {
//!         "operationId": "readPet",
//!         "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } }],
//!         "responses": { "200": { "description": "", "content": { "application/json": { "schema": { "type": "string" } } } } }
//!     } } }
//! }"#;
//! let files = diptych::generate(description, "")?;
//! assert!(files["blocking/default.rs"].contains("pub fn read_pet(&self, id: i64) -> Result<String, Error>"));
//! # Ok::<(), diptych::GenerateError>(())
//! ```

pub mod build;
mod bundle;
mod characters;
mod circles;
pub mod config;
pub mod diff;
pub mod disk;
#[doc(hidden)]
pub mod emit;
pub mod error;
mod format;
#[doc(hidden)]
pub mod ir;
#[doc(hidden)]
pub mod json;
#[doc(hidden)]
pub mod loss;
#[doc(hidden)]
pub mod lower;
mod naming;
#[doc(hidden)]
pub mod normalise;
#[doc(hidden)]
pub mod notes;
pub mod package;
#[doc(hidden)]
pub mod parse;
mod pattern;
mod plan;
pub mod pointer;
#[cfg(feature = "reference")]
pub mod reference;
#[doc(hidden)]
pub mod stamp;
mod template;
mod walk;
#[doc(hidden)]
pub mod write;

use config::Config;
pub use emit::{Inventory, OperationEntry, PagesEntry, RequestEntry, TypeEntry, ValueEntry};
use ir::Api;
pub use plan::Travel;
use write::Files;

/// Why nothing was generated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// The choices can't be read.
    #[error("diptych.toml: {0}")]
    Choices(#[from] toml::de::Error),
    /// The description is broken or asks for what is not supported.
    #[error(transparent)]
    Description(#[from] error::Error),
    /// The description can't be read.
    #[error(transparent)]
    Disk(#[from] disk::DiskError),
}

/// What is generated, and what is not.
#[derive(Debug)]
#[non_exhaustive]
pub struct Generated {
    /// The files by their path.
    pub files: Files,
    /// What the description became.
    pub inventory: Inventory,
    /// What was left out, each with its place and the rule that it breaks.
    pub skipped: Vec<error::Problem>,
    /// Choices that were made for another version of the description ([`config::Description::version`]) and fit no place of
    /// this one.
    pub stale: Vec<error::Problem>,
}

/// Generates every file from a description and the text of its `diptych.toml`, which may be empty. What was left out is
/// in `INVENTORY.md`; [`generate_and_tell`] says it too.
///
/// # Errors
///
/// When either is broken; each problem names its place.
pub fn generate(description: &str, choices: &str) -> Result<Files, GenerateError> {
    Ok(generate_and_tell(description, choices)?.files)
}

/// As [`generate`], and says what was left out.
///
/// # Errors
///
/// As [`generate`].
pub fn generate_and_tell(description: &str, choices: &str) -> Result<Generated, GenerateError> {
    generated(description, choices, &read_choices(choices)?)
}

fn generated(
    description: &str,
    choices: &str,
    config: &Config,
) -> Result<Generated, GenerateError> {
    let Understood {
        source,
        api,
        skipped,
        stale,
    } = understand(description, config)?;
    let plan = plan::plan(&api, config)?;
    let inventory = emit::inventory(&plan, &config.unanswered, &source);
    drop(source);
    let mut files = emitted(&plan)?;
    files.insert(
        "INVENTORY.md".to_owned(),
        emit::inventory_markdown(&inventory),
    );
    files.insert(
        write::STAMP.to_owned(),
        stamp::stamp(description, choices, env!("CARGO_PKG_VERSION")),
    );
    Ok(Generated {
        files,
        inventory,
        skipped,
        stale,
    })
}

/// The Rust files. They are written on a thread of their own, whose allocator begins anew: what the description leaves behind is
/// holes all over memory, and putting tokens into these took longer than writing them.
fn emitted(plan: &plan::Plan<'_>) -> Result<Files, GenerateError> {
    let mut files = Files::new();
    let emitting = || {
        emit::emit(plan, &mut |path, text| {
            files.insert(path, text);
        })
    };
    parse::on_large_stack(emitting).unwrap_or_else(|error| {
        Err(error::Error::at(
            pointer::Pointer::root(),
            error.to_string(),
        ))
    })?;
    Ok(files)
}

/// As [`generate_and_tell`], with a whole crate around the client.
///
/// # Errors
///
/// As [`generate`].
pub fn generate_crate(
    description: &str,
    choices: &str,
    package: &package::Package,
) -> Result<(package::Crate, Generated), GenerateError> {
    let config = read_choices(choices)?;
    let mut generated = generated(description, choices, &config)?;
    let files = std::mem::take(&mut generated.files);
    let whole = package.around(files, &generated.inventory, &config);
    Ok((whole, generated))
}

/// What a description becomes, without generating it.
///
/// # Errors
///
/// As [`generate`].
pub fn inventory(description: &str, choices: &str) -> Result<Inventory, GenerateError> {
    let config = read_choices(choices)?;
    let Understood { source, api, .. } = understand(description, &config)?;
    let plan = plan::plan(&api, &config)?;
    Ok(emit::inventory(&plan, &config.unanswered, &source))
}

/// The canonical `OpenAPI` 3.0.3 document of a description: what the client is made from, for tools that read no 3.1.
///
/// # Errors
///
/// As [`generate`].
pub fn canonical(description: &str, choices: &str) -> Result<serde_json::Value, GenerateError> {
    let config = read_choices(choices)?;
    let mut document = normalise::normalise(parse::parse(description)?, &config)?.document;
    walk::drop_variants(&mut document);
    Ok(document.into())
}

fn read_choices(choices: &str) -> Result<Config, GenerateError> {
    if choices.trim().is_empty() {
        return Ok(Config::default());
    }
    Ok(Config::from_toml(choices)?)
}

struct Understood {
    /// The description as it was given.
    source: json::Value,
    api: Api,
    skipped: Vec<error::Problem>,
    stale: Vec<error::Problem>,
}

fn understand(description: &str, config: &Config) -> Result<Understood, GenerateError> {
    let (source, twice) = parse::parse_and_tell(description)?;
    let mut canonical = normalise::normalise(source.clone(), config)?;
    canonical.pass_over(twice);
    let mut api = lower::lower(&canonical)?;
    let mut skipped = canonical.skipped;
    skipped.append(&mut api.skipped);
    Ok(Understood {
        source,
        api,
        skipped,
        stale: canonical.stale,
    })
}
