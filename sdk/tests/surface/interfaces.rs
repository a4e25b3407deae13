//! The README's table of Prefect's interfaces is true: what it names is there, and tested where it says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::lines::Line;

/// How many interfaces Prefect has in two faces, without those of the client and of futures.
pub(crate) const COUNT: usize = 79;

type Modules = BTreeMap<Vec<String>, Vec<Line>>;

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) prefect: String,
    /// The names of both faces, and the file with a test of them; nothing where it isn't built.
    pub(crate) built: Option<([String; 2], String)>,
}

/// The rows of the table that begins with this heading.
pub(crate) fn rows(readme: &str) -> Vec<Row> {
    let table = readme
        .lines()
        .skip_while(|line| !line.starts_with("| Prefect | blocking | async |"))
        .skip(2);
    table
        .take_while(|line| line.starts_with('|'))
        .map(row)
        .collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [prefect, blocking, asynchronous, test] = cells[..] else {
        panic!("four cells: {line}");
    };
    let name = |cell: &str| cell.trim_matches('`').to_owned();
    let file = test
        .rsplit_once("](")
        .map(|(_, file)| file.trim_end_matches(')'));
    let built = (!blocking.is_empty()).then(|| {
        let file = file.unwrap_or_else(|| panic!("a link to a test: {line}"));
        ([name(blocking), name(asynchronous)], file.to_owned())
    });
    Row {
        prefect: prefect.replace('`', ""),
        built,
    }
}

/// What is wrong with a row.
pub(crate) fn findings(row: &Row, modules: &Modules, folder: &Path) -> Vec<String> {
    let Some((names, file)) = &row.built else {
        return Vec::new();
    };
    let missing = names.iter().filter(|name| !is_there(name, modules));
    let mut found: Vec<String> = missing
        .map(|name| format!("{}: there is no `{name}`", row.prefect))
        .collect();
    let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
    let is_used = |name: &String| {
        name.rsplit("::")
            .next()
            .is_some_and(|last| text.contains(last))
    };
    if !names.iter().any(is_used) {
        found.push(format!("{}: `{file}` uses neither", row.prefect));
    }
    found
}

/// Whether a path names an item, or something of a type, of a public module.
fn is_there(name: &str, modules: &Modules) -> bool {
    let path: Vec<String> = name.split("::").map(str::to_owned).collect();
    (1..path.len()).any(|end| {
        let (module, item) = path.split_at(end);
        let lines = modules.get(module).map_or(&[][..], Vec::as_slice);
        lines.iter().any(|line| line.path == item)
    })
}
