//! What an ignore file leaves out.

use std::io::{self, Read};
use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::Error;

/// More than any ignore file has: it is held in memory, as a matcher that is larger than its text.
const LARGEST: u64 = 1024 * 1024;

/// What is left out of a tree.
pub(super) struct Ignoring {
    patterns: Gitignore,
}

/// What is known of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Included,
    Ignored,
}

impl Ignoring {
    /// Nothing is left out.
    pub(super) fn nothing() -> Self {
        let patterns = Gitignore::empty();
        Self { patterns }
    }

    /// Reads an ignore file.
    pub(super) fn read(file: impl Read, name: &Path) -> Result<Self, Error> {
        let text = text(file).map_err(|error| {
            Error::of_storage(
                format!("reading the ignore file `{}`", name.display()),
                error,
            )
        })?;
        Self::parse(&text).map_err(|error| {
            let text = format!("`{}` is not an ignore file: {error}", name.display());
            Error::unfit(text)
        })
    }

    fn parse(text: &str) -> Result<Self, ignore::Error> {
        let mut builder = GitignoreBuilder::new("");
        for line in text.lines() {
            builder.add_line(None, &plain_braces(line))?;
        }
        let patterns = builder.build()?;
        Ok(Self { patterns })
    }

    /// What becomes of an entry below a directory of which that is known.
    pub(super) fn verdict(&self, above: Verdict, path: &Path, is_directory: bool) -> Verdict {
        match self.patterns.matched(path, is_directory) {
            Match::None => above,
            Match::Ignore(_) => Verdict::Ignored,
            Match::Whitelist(_) => Verdict::Included,
        }
    }

    /// Whether anything below an ignored directory can be included.
    pub(super) fn brings_back(&self) -> bool {
        self.patterns.num_whitelists() > 0
    }
}

/// Braces are letters like others, for git and for Python; the crate takes them to be alternatives.
fn plain_braces(line: &str) -> String {
    let (mut plain, mut is_escaped, mut is_class) = (String::new(), false, false);
    for letter in line.chars() {
        if matches!(letter, '{' | '}') && !is_escaped && !is_class {
            plain.push('\\');
        }
        plain.push(letter);
        is_class = match letter {
            _ if is_escaped => is_class,
            '[' => true,
            ']' => false,
            _ => is_class,
        };
        is_escaped = letter == '\\' && !is_escaped;
    }
    plain
}

fn text(file: impl Read) -> io::Result<String> {
    let mut text = String::new();
    if file.take(LARGEST + 1).read_to_string(&mut text)? as u64 > LARGEST {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(text)
}
