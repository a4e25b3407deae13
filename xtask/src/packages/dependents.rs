//! Packages that use ours: each asks for a face or a feature, and must compile alone and beside the others.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{growth, put};
use crate::workspace::Workspace;

/// What a dependent writes to use a face, and the features it asks for.
struct Dependent {
    name: &'static str,
    features: &'static str,
    client: &'static str,
}

const DEPENDENTS: [Dependent; 4] = [
    Dependent {
        name: "blocks",
        features: r#"["blocking"]"#,
        client: "PrefectClient",
    },
    Dependent {
        name: "awaits",
        features: r#"["async"]"#,
        client: "AsyncPrefectClient",
    },
    Dependent {
        name: "guards",
        features: r#"["blocking", "guard", "rustls"]"#,
        client: "PrefectClient",
    },
    Dependent {
        name: "traces",
        features: r#"["async", "traceparent"]"#,
        client: "AsyncPrefectClient",
    },
];

pub(super) fn names() -> [&'static str; 4] {
    DEPENDENTS.each_ref().map(|dependent| dependent.name)
}

/// Makes `folder` a workspace of the unpacked packages and their dependents, with the versions of our own.
pub(super) fn write(
    workspace: &Workspace,
    folder: &Path,
    unpacked: &[(String, String)],
) -> Result<()> {
    let lock = workspace.root.join("Cargo.lock");
    fs::copy(&lock, folder.join("Cargo.lock"))
        .with_context(|| format!("cannot copy {}", lock.display()))?;
    put(&folder.join("Cargo.toml"), &manifest(unpacked))?;
    for dependent in &DEPENDENTS {
        let home = folder.join(dependent.name);
        put(&home.join("Cargo.toml"), &dependent.manifest())?;
        put(&home.join("src/lib.rs"), &dependent.source())?;
    }
    Ok(())
}

/// The profile is that of this repository, or nothing that it has compiled could be used again.
fn manifest(unpacked: &[(String, String)]) -> String {
    let mut members: Vec<&str> = unpacked.iter().map(|(_, folder)| folder.as_str()).collect();
    members.extend(names());
    members.push(growth::USERS);
    let mut text = format!(
        "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[patch.crates-io]\n"
    );
    for (name, folder) in unpacked {
        let _ = writeln!(text, "{name} = {{ path = {folder:?} }}");
    }
    text
}

impl Dependent {
    fn manifest(&self) -> String {
        let Self { name, features, .. } = self;
        format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[dependencies.prefect-client]\nversion = \"*\"\n\
             default-features = false\nfeatures = {features}\n"
        )
    }

    fn source(&self) -> String {
        let client = self.client;
        format!(
            "use prefect_client::{{Error, {client}}};\n\n\
             pub fn client() -> Result<{client}, Error> {{\n    {client}::new(\"http://127.0.0.1:4200/api\")\n}}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_name_and_by_path() {
        let manifest = manifest(&[("diptych".to_owned(), "diptych-0.1.0".to_owned())]);
        assert!(
            manifest.contains(r#"members = ["diptych-0.1.0", "blocks", "#),
            "{manifest}"
        );
        assert!(
            manifest.ends_with("diptych = { path = \"diptych-0.1.0\" }\n"),
            "{manifest}"
        );
    }
}
