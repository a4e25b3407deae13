//! A whole crate around a generated client: what Cargo needs, the module, and a test of its surface.

use std::fmt::Write as _;

use crate::config::Config;
use crate::emit::{Inventory, OperationEntry};
use crate::naming::{derived_name, is_name};
use crate::write::{Files, MARK};

/// What a crate is called, and where it finds what it stands on.
#[derive(Clone, Debug)]
pub struct Package {
    name: String,
    runtime: Option<String>,
}

/// Why a crate can't be called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a crate can't be called {name:?}: {rule}")]
pub struct NameError {
    name: String,
    rule: &'static str,
}

/// A crate: its client, which is generated anew each time, and what is written once.
#[derive(Debug)]
#[non_exhaustive]
pub struct Crate {
    /// The client's files, below `src/api/`.
    pub client: Files,
    /// The test of the surface, below `tests/`.
    pub tests: Files,
    /// What is a person's once it is there: `Cargo.toml`, `README.md` and `src/lib.rs`.
    pub once: Files,
}

impl Package {
    /// A crate of this name.
    ///
    /// # Errors
    ///
    /// When a crate can't be called so.
    pub fn new(name: impl Into<String>) -> Result<Self, NameError> {
        const STANDS_ON: &[&str] = &["chrono", "diptych_runtime", "serde", "serde_json", "uuid"];
        let name = name.into();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let rule = if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            Some("it must begin with a letter")
        } else if !name.chars().all(is_plain) {
            Some("it has letters, digits, `-` and `_`")
        } else if !is_name(&ident(&name)) {
            Some("it is a word of Rust")
        } else if STANDS_ON.contains(&ident(&name).as_str()) {
            Some("it would stand on a crate of its own name")
        } else {
            None
        };
        match rule {
            Some(rule) => Err(NameError { name, rule }),
            None => Ok(Self {
                name,
                runtime: None,
            }),
        }
    }

    /// Finds `diptych-runtime` in this folder, and not in the registry.
    #[must_use]
    pub fn runtime(mut self, folder: impl Into<String>) -> Self {
        self.runtime = Some(folder.into());
        self
    }

    /// The crate around a client.
    pub(crate) fn around(&self, client: Files, inventory: &Inventory, config: &Config) -> Crate {
        let around = Around {
            package: self,
            inventory,
            config,
        };
        let text = |path: &str, text: String| (path.to_owned(), text);
        Crate {
            client,
            tests: Files::from([text("surface.rs", around.surface())]),
            once: Files::from([
                text("Cargo.toml", around.manifest()),
                text("README.md", around.readme()),
                text("src/lib.rs", around.library()),
            ]),
        }
    }
}

/// The crate's name in Rust.
fn ident(name: &str) -> String {
    name.replace('-', "_")
}

struct Around<'a> {
    package: &'a Package,
    inventory: &'a Inventory,
    config: &'a Config,
}

impl Around<'_> {
    fn manifest(&self) -> String {
        let Package { name, runtime } = self.package;
        let description = quoted(&format!("A client of {}.", self.title()));
        let path = runtime
            .as_ref()
            .map(|folder| format!(", path = {}", quoted(folder)));
        let (path, version) = (path.unwrap_or_default(), env!("CARGO_PKG_VERSION"));
        let testing = self.config.testing.feature.as_deref();
        let testing = testing.map(|feature| {
            format!("# Constructors of what only the server makes, for tests.\n{feature} = []\n")
        });
        let testing = testing.unwrap_or_default();
        format!(
            r#"[package]
name = "{name}"
description = {description}
version = "0.1.0"
edition = "2024"
rust-version = "1.91"

[features]
default = ["blocking", "async", "rustls"]
# Calls that block the thread.
blocking = ["diptych-runtime/blocking"]
# Calls that are futures on the caller's tokio.
async = ["diptych-runtime/async"]
# HTTPS for the blocking face; the async one always has it.
rustls = ["diptych-runtime/rustls"]
{testing}
[dependencies]
chrono = {{ version = "0.4", default-features = false, features = ["serde", "std", "now"] }}
diptych-runtime = {{ version = "{version}", default-features = false{path} }}
serde = "1"
serde_json = "1"
uuid = {{ version = "1", features = ["serde"] }}
"#
        )
    }

    fn library(&self) -> String {
        let Clients { blocking, .. } = self.clients();
        let (title, crate_name) = (self.title(), ident(&self.package.name));
        format!(
            r#"//! A client of {title}.
//!
//! [`operations`] has the requests as data, [`models`] the types that travel, and [`requests`] what is optional about each
//! operation. Both clients have the same methods.
//!
//! ```no_run
//! # #[cfg(feature = "blocking")]
//! # fn main() -> Result<(), {crate_name}::Error> {{
//! use {crate_name}::{{Config, {blocking}}};
//!
//! let client = {blocking}::from_config(Config::new("http://localhost:8080")?)?;
//! # let _ = client;
//! # Ok(())
//! # }}
//! # #[cfg(not(feature = "blocking"))]
//! # fn main() {{}}
//! ```

#[rustfmt::skip]
mod api;

pub use api::*;
pub use diptych_runtime::{{Config, Error}};
"#
        )
    }

    fn readme(&self) -> String {
        let Package { name, .. } = self.package;
        let Clients {
            blocking,
            asynchronous,
        } = self.clients();
        let (title, crate_name) = (self.title(), ident(name));
        let mut text = format!(
            "# {name}\n\nA client of {title} {version}: `{blocking}` blocks the thread, `{asynchronous}` has the same methods as futures.\n\n\
             ```rust\nuse {crate_name}::{{Config, {blocking}}};\n\n\
             let client = {blocking}::from_config(Config::new(\"http://localhost:8080\")?)?;\n```\n\n\
             `src/api/` and `tests/surface.rs` are written by `diptych generate`, which leaves everything else as it is.\n\
             [`src/api/INVENTORY.md`](src/api/INVENTORY.md) has every operation and type, and what the client does not keep of the description.\n\n\
             ## Features\n\n`blocking`, `async` and `rustls` (HTTPS for the blocking face), all on by default.\n\n\
             ## Operations\n\n| method | |\n|---|---|\n",
            version = plain(&self.inventory.version),
        );
        for operation in &self.inventory.operations {
            // Writing to a string can't fail.
            let _ = writeln!(
                text,
                "| `{}` | `{} {}` |",
                operation.name,
                operation.method,
                operation.path.replace('|', "\\|")
            );
        }
        text
    }

    fn surface(&self) -> String {
        let crate_name = ident(&self.package.name);
        let Clients {
            blocking,
            asynchronous,
        } = self.clients();
        let known = self.operations();
        let (in_blocking, in_async) = (self.methods(blocking), self.methods(asynchronous));
        format!(
            r#"{MARK} Not edited by hand.

//! The surface of the client: every operation, in both faces.

#![allow(deprecated, reason = "the description may call operations deprecated")]

/// The operations: name, method and path.
const OPERATIONS: &str = "
{known}";

#[test]
fn every_operation_is_there() {{
    let mut found = "\n".to_owned();
    for one in {crate_name}::operations::ALL {{
        found += &format!("{{}} {{}} {{}}\n", one.name(), one.method(), one.path());
    }}
    assert_eq!(found, OPERATIONS);
}}

#[cfg(feature = "blocking")]
#[test]
fn the_blocking_client_has_every_operation() {{
    use {crate_name}::{blocking};
    let _ = {blocking}::from_config;
{in_blocking}}}

#[cfg(feature = "async")]
#[test]
fn the_async_client_has_every_operation() {{
    use {crate_name}::{asynchronous};
    let _ = {asynchronous}::from_config;
{in_async}}}
"#
        )
    }

    /// A line for each operation, as Rust writes texts: a path has whatever letters it likes.
    fn operations(&self) -> String {
        let mut lines = String::new();
        for operation in &self.inventory.operations {
            let OperationEntry {
                name, method, path, ..
            } = operation;
            let line = format!("{name} {method} {path}");
            // Writing to a string can't fail.
            let _ = writeln!(lines, "{}", line.escape_debug());
        }
        lines
    }

    /// A line that names each method of a client.
    fn methods(&self, client: &str) -> String {
        let mut lines = String::new();
        for operation in &self.inventory.operations {
            let _ = writeln!(lines, "    let _ = {client}::{};", operation.name);
            if operation.blocking_with.is_some() {
                let with = derived_name(&operation.name, "with");
                let _ = writeln!(lines, "    let _ = {client}::{with};");
            }
        }
        lines
    }

    fn clients(&self) -> Clients<'_> {
        Clients {
            blocking: &self.config.client.blocking,
            asynchronous: &self.config.client.asynchronous,
        }
    }

    fn title(&self) -> String {
        let title = plain(&self.inventory.title);
        if title.is_empty() {
            "an API".to_owned()
        } else {
            title
        }
    }
}

/// The names of the two clients.
struct Clients<'a> {
    blocking: &'a str,
    asynchronous: &'a str,
}

/// The text on one line, without what Markdown and TOML would read.
fn plain(text: &str) -> String {
    let kept = text.chars().map(|c| {
        if c.is_control() || is_invisible(c) || "`<>[]{}*_\\\"|".contains(c) {
            ' '
        } else {
            c
        }
    });
    let kept: String = kept.collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What shows nothing, and may turn what stands behind it: the compiler refuses it in comments.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text as TOML writes it, whose escapes are not Rust's.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{Package, plain, quoted};

    #[test]
    fn texts_are_written_as_toml_has_them() {
        assert_eq!(quoted("a \"b\" c:\\d\n"), r#""a \"b\" c:\\d\u000A""#);
        // A letter and a mark of its own stay as they are.
        assert_eq!(quoted("Cafe\u{301}"), "\"Cafe\u{301}\"");
        assert_eq!(plain("a\u{202e}b\u{200b}"), "a b");
    }

    #[test]
    fn crates_have_names_that_cargo_and_rust_take() {
        assert!(Package::new("my-pets_2").is_ok());
        for name in [
            "",
            "2pets",
            "pets/",
            "fn",
            "serde",
            "serde-json",
            "diptych_runtime",
            "ä",
        ] {
            assert!(Package::new(name).is_err(), "{name}");
        }
    }

    #[test]
    fn titles_are_words() {
        assert_eq!(plain(" A `b`\n<c> \"d\"\u{7}"), "A b c d");
    }
}
