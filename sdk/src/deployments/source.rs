//! Where the code of a deployment is, for whoever runs it: data, which nobody fetches before.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

/// A git repository.
///
/// ```
/// use prefect_sdk::deployments::GitRepository;
///
/// let code = GitRepository::new("https://github.com/me/flows.git").branch("main").access_token_block("github");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GitRepository {
    /// Its address, without who asks.
    pub url: String,
    /// The branch, or tag; the repository's own unless set.
    pub branch: Option<String>,
    /// The commit; the branch's last one unless set.
    pub commit_sha: Option<String>,
    /// Whether its submodules are fetched as well.
    pub include_submodules: bool,
    /// The name of a block `Secret` that holds a token of whoever may read it.
    pub access_token_block: Option<String>,
}

impl GitRepository {
    /// A repository that anybody may read, at its last commit.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            branch: None,
            commit_sha: None,
            include_submodules: false,
            access_token_block: None,
        }
    }

    /// Sets the branch, or tag.
    #[must_use]
    pub fn branch(mut self, branch: impl Into<String>) -> Self {
        self.branch = Some(branch.into());
        self
    }

    /// Sets the commit.
    #[must_use]
    pub fn commit_sha(mut self, commit: impl Into<String>) -> Self {
        self.commit_sha = Some(commit.into());
        self
    }

    /// Sets whether its submodules are fetched as well.
    #[must_use]
    pub fn include_submodules(mut self, include: bool) -> Self {
        self.include_submodules = include;
        self
    }

    /// Sets the name of a block `Secret` that holds a token of whoever may read it.
    #[must_use]
    pub fn access_token_block(mut self, name: impl Into<String>) -> Self {
        self.access_token_block = Some(name.into());
        self
    }

    fn pull_step(&self) -> Value {
        let mut step = json!({"repository": self.url, "branch": self.branch});
        if let Some(commit) = &self.commit_sha {
            step["commit_sha"] = commit.as_str().into();
        }
        if self.include_submodules {
            step["include_submodules"] = true.into();
        }
        if let Some(block) = &self.access_token_block {
            let token = format!("{{{{ prefect.blocks.secret.{block} }}}}");
            step["credentials"] = json!({"access_token": token});
        }
        step
    }
}

/// Where the code of a deployment is. A text is the address of a git repository, if it begins with `git://` or ends with `.git`, that
/// of a remote storage, if it has a scheme, or else a directory of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// In a git repository.
    Git(GitRepository),
    /// In a directory of the machine that runs it.
    Local(PathBuf),
    /// In a remote storage, which anybody may read who runs it; others are told by a block.
    Remote(String),
    /// In what a block is about: the name of a block `remote-file-system` or `local-file-system`.
    Block {
        /// The slug of its type.
        slug: String,
        /// Its name.
        name: String,
    },
}

impl Source {
    /// In what a block is about, such as `remote-file-system/code`.
    #[must_use]
    pub fn block(slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Block {
            slug: slug.into(),
            name: name.into(),
        }
    }

    /// How Python's workers fetch it.
    pub(super) fn pull_step(&self) -> Map<String, Value> {
        let (name, step) = match self {
            Self::Git(repository) => ("git_clone", repository.pull_step()),
            Self::Local(path) => {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                ("set_working_directory", json!({"directory": path}))
            }
            Self::Remote(url) => ("pull_from_remote_storage", remote(url)),
            Self::Block { slug, name } => (
                "pull_with_block",
                json!({"block_type_slug": slug, "block_document_name": name}),
            ),
        };
        Map::from_iter([(format!("prefect.deployments.steps.{name}"), step)])
    }
}

/// With the package that Python needs for it.
fn remote(url: &str) -> Value {
    let mut step = json!({"url": url});
    let requires = match url.split_once("://") {
        Some(("s3" | "s3a", _)) => "s3fs",
        Some(("gs" | "gcs", _)) => "gcsfs",
        Some(("az" | "adl" | "abfs" | "abfss", _)) => "adlfs",
        _ => return step,
    };
    step["requires"] = requires.into();
    step
}

impl From<GitRepository> for Source {
    fn from(repository: GitRepository) -> Self {
        Self::Git(repository)
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::Local(path.to_owned())
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::Local(path)
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        let is_git = text.starts_with("git://")
            || Path::new(text)
                .extension()
                .is_some_and(|ending| ending == "git");
        match text.split_once("://") {
            _ if is_git => Self::Git(GitRepository::new(text)),
            Some(("file" | "local", path)) => Self::Local(path.into()),
            Some(_) => Self::Remote(text.to_owned()),
            None => Self::Local(text.into()),
        }
    }
}

/// Whether an entrypoint is one of Python's: of a file (`flows.py:load`), or of a module (`flows.load`).
pub(crate) fn is_python(entrypoint: &str) -> bool {
    match entrypoint.rsplit_once(':') {
        Some((file, _)) => Path::new(file)
            .extension()
            .is_some_and(|ending| ending == "py"),
        None => entrypoint.contains('.'),
    }
}

/// The name of the flow at an entrypoint, where nobody says otherwise: as Python makes it of the name of a function.
pub(crate) fn flow_name(entrypoint: &str) -> String {
    let separators: &[char] = if is_python(entrypoint) {
        &[':', '.']
    } else {
        &[':']
    };
    let name = entrypoint.rsplit(separators).next().unwrap_or(entrypoint);
    if is_python(entrypoint) {
        return name.replace('_', "-");
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_where_the_code_is() {
        let git = |url: &str| Source::Git(GitRepository::new(url));
        let each = [
            (
                "https://github.com/me/flows.git",
                git("https://github.com/me/flows.git"),
            ),
            ("git://me/flows", git("git://me/flows")),
            (
                "s3://bucket/code",
                Source::Remote("s3://bucket/code".to_owned()),
            ),
            ("file:///code", Source::Local("/code".into())),
            ("./code", Source::Local("./code".into())),
        ];
        for (text, source) in each {
            assert_eq!(Source::from(text), source);
        }
    }

    #[test]
    fn pull_steps_are_those_of_python_s() {
        let step = |source: Source| Value::Object(source.pull_step());
        let git = GitRepository::new("https://me/flows.git").branch("main");
        let git = git.access_token_block("github").include_submodules(true);
        let expected = json!({"prefect.deployments.steps.git_clone": {
            "repository": "https://me/flows.git", "branch": "main", "include_submodules": true,
            "credentials": {"access_token": "{{ prefect.blocks.secret.github }}"}}});
        assert_eq!(step(git.into()), expected);
        let expected =
            json!({"prefect.deployments.steps.set_working_directory": {"directory": "/code"}});
        assert_eq!(step("/code".into()), expected);
        let expected = json!({"prefect.deployments.steps.pull_from_remote_storage": {
            "url": "s3://bucket/code", "requires": "s3fs"}});
        assert_eq!(step("s3://bucket/code".into()), expected);
        let expected = json!({"prefect.deployments.steps.pull_with_block": {
            "block_type_slug": "remote-file-system", "block_document_name": "code"}});
        assert_eq!(step(Source::block("remote-file-system", "code")), expected);
    }

    #[test]
    fn python_s_entrypoints_are_known() {
        for entrypoint in [
            "flows.py:load_all",
            "a/flows.py:load_all",
            "shop.flows.load_all",
        ] {
            assert!(is_python(entrypoint));
            assert_eq!(flow_name(entrypoint), "load-all");
        }
        assert!(!is_python("shop:load_all") && !is_python("load"));
        assert_eq!(flow_name("shop:load_all"), "load_all");
    }
}
