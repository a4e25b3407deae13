//! Gives progenitor the same canonical document that diptych gives it, and keeps the whole client that comes out.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use openapiv3::OpenAPI;
use progenitor_impl::{GenerationSettings, Generator};

fn main() -> Result<(), Box<dyn Error>> {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec");
    println!("cargo::rerun-if-changed={}", spec.display());
    let description = fs::read_to_string(diptych::disk::only_description(&spec)?)?;
    let choices = fs::read_to_string(spec.join("diptych.toml"))?;
    let canonical = diptych::canonical(&description, &choices)?;
    let api: OpenAPI = serde_json::from_value(canonical)?;
    let mut settings = GenerationSettings::new();
    settings.with_map_type("::std::collections::BTreeMap");
    let tokens = Generator::new(&settings).generate_tokens(&api)?;
    let client = PathBuf::from(env::var("OUT_DIR")?).join("client.rs");
    fs::write(&client, prettyplease::unparse(&syn::parse2(tokens)?))?;
    println!("cargo::metadata=client={}", client.display());
    Ok(())
}
