//! Files are laid out as prettyplease does it, which reads all of the language and takes four times as long.

use std::fs;
use std::path::Path;

use diptych::write::Files;

#[test]
fn files_are_laid_out_as_prettyplease_does_it() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut descriptions, mut files) = (0, 0);
    for folder in ["tests/fixtures/apis", "../tests/cases/fixtures", "../spec"] {
        for entry in fs::read_dir(here.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let is_description = path
                .extension()
                .is_some_and(|end| end == "json" || end == "yaml");
            if !is_description {
                continue;
            }
            let Ok(found) = diptych::generate(&fs::read_to_string(&path).unwrap(), "") else {
                continue;
            };
            files += compared(&path, &found);
            descriptions += 1;
        }
    }
    assert!(descriptions > 50 && files > 500, "{descriptions}, {files}");
}

/// Empty lines apart, which it has none of.
fn compared(path: &Path, found: &Files) -> usize {
    let rust = found.iter().filter(|(file, _)| has_end(file, "rs"));
    for (file, text) in rust.clone() {
        let place = format!("{}: {file}", path.display());
        let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{place}: {error}"));
        let expected = prettyplease::unparse(&syntax);
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !is_comment(line));
        let expected = expected.lines().filter(|line| !line.is_empty());
        assert!(lines.eq(expected), "{place} is laid out otherwise");
    }
    rust.count()
}

fn has_end(file: &str, end: &str) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|found| found == end)
}

/// The head of each file.
fn is_comment(line: &str) -> bool {
    line.starts_with("// ")
}
