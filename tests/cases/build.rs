//! Generates the client of each fixture, as a module of its name.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    println!("cargo::rerun-if-changed={}", fixtures.display());
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut modules = String::new();
    let mut paths = files(&fixtures)?;
    // Those that refer to other files stand beside the folder of these.
    paths.extend(files(&fixtures.join("files"))?);
    for path in paths {
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let name = name.ok_or("a fixture without a name")?;
        let text = diptych::disk::read_description(&path)?;
        let files =
            diptych::generate(&text, "").map_err(|error| format!("{}: {error}", path.display()))?;
        let rust = files
            .into_iter()
            .filter(|(path, _)| Path::new(path).extension().is_some_and(|end| end == "rs"));
        diptych::disk::update(&out.join(name), &rust.collect())?;
        let file = out.join(name).join("mod.rs");
        let file = file.to_str().ok_or("a build directory that is not UTF-8")?;
        writeln!(modules, "#[path = {file:?}]\npub mod {name};")?;
    }
    fs::write(out.join("cases.rs"), modules)?;
    Ok(())
}

/// The files of a folder, in the order of their names.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<std::io::Result<Vec<_>>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}
