//! `bench-plot CALLS.json FOLDER` draws what a call costs, for a page that is light and for one that is dark.

mod bars;
mod figures;
mod theme;

use std::path::Path;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::figures::panels;
use crate::theme::{DARK, LIGHT};

fn main() -> Result<()> {
    let words: Vec<_> = env::args_os().skip(1).collect();
    let [calls, folder] = words.as_slice() else {
        bail!("the figures and a folder are expected");
    };
    let text = fs::read(calls).with_context(|| {
        format!(
            "cannot read {}: `cargo xtask bench calls` writes it",
            calls.display()
        )
    })?;
    let panels = panels(&serde_json::from_slice(&text).context("the figures are not JSON")?)?;
    for theme in [LIGHT, DARK] {
        let path = Path::new(folder).join(format!("calls-{}.svg", theme.name));
        let picture = bars::draw(&panels, theme)?;
        fs::write(&path, picture).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", path.display());
    }
    Ok(())
}
