//! Generates the client of `api.yaml` below `OUT_DIR`.

fn main() -> Result<(), diptych::build::BuildError> {
    diptych::build::client("api/library.yaml").write()
}
