//! Keeps files and results, and reads them: `bench-storage blocking|async files|object|results FROM TO`. `FROM` is a
//! directory that is there, `TO` one that is not; `object` goes through the S3 server that `BENCH_S3_URL` names. Prints what
//! that took as JSON. `bench-storage bucket COUNT` is a server of S3 with so many files.

mod bucket;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use diptych_macros::dual;
use nix::sys::resource::{UsageWho, getrusage};
use nix::time::{ClockId, clock_gettime};
use prefect_sdk::filesystems::{LocalFileSystem, RemoteFileSystem};
use prefect_sdk::results::{AsyncResultStore, ResultSettings, ResultStore, Serializer};
use serde_json::{Value, json};

/// How many results are kept.
const RESULTS: u32 = 10_000;

diptych_macros::faces! {
    /// The names that differ between the faces.
    faces {
        AsyncResultStore => ResultStore,
        aget_directory => get_directory,
        amove_files => move_files,
        amove_object => move_object,
        aput_directory => put_directory,
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [task, count] = arguments.as_slice()
        && task == "bucket"
    {
        return bucket::serve(count.parse().context("COUNT is a number")?);
    }
    let [face, case, from, to] = arguments.as_slice() else {
        bail!("usage: bench-storage blocking|async files|object|results FROM TO, or bucket COUNT");
    };
    let (from, to) = (Path::new(from), Path::new(to));
    let before = processor_s()?;
    match face.as_str() {
        "blocking" => match case.as_str() {
            "files" => move_files(from, to)?,
            "object" => move_object(&bucket(face)?, from, to)?,
            "results" => keep_results(to)?,
            other => bail!("there is no case `{other}`"),
        },
        "async" => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            match case.as_str() {
                "files" => runtime.block_on(amove_files(from, to))?,
                "object" => runtime.block_on(amove_object(&bucket(face)?, from, to))?,
                "results" => runtime.block_on(akeep_results(to))?,
                other => bail!("there is no case `{other}`"),
            }
        }
        other => bail!("there is no face `{other}`"),
    }
    let cpu_s = processor_s()? - before;
    // macOS counts bytes where the others count kilobytes.
    let unit = if cfg!(target_os = "macos") { 1024 } else { 1 };
    let peak_kb = getrusage(UsageWho::RUSAGE_SELF)?.max_rss() / unit;
    println!("{}", json!({ "cpu_s": cpu_s, "peak_kb": peak_kb }));
    Ok(())
}

/// A directory goes to a storage on the same machine, and back from there.
#[dual(faces)]
async fn amove_files(from: &Path, to: &Path) -> Result<()> {
    let files = LocalFileSystem::new(to.join("kept").to_string_lossy());
    let count = files.aput_directory(from).await?;
    ensure!(count > 0, "nothing was put");
    files.aget_directory(to.join("back")).await?;
    Ok(())
}

/// The same through a server of S3.
#[dual(faces)]
async fn amove_object(files: &RemoteFileSystem, from: &Path, to: &Path) -> Result<()> {
    let count = files.aput_directory(from).await?;
    ensure!(count > 0, "nothing was put");
    files.aget_directory(to.join("back")).await?;
    Ok(())
}

#[dual(faces, map(akeep_results => keep_results))]
async fn akeep_results(to: &Path) -> Result<()> {
    let storage = LocalFileSystem::new(to.to_string_lossy());
    let store = AsyncResultStore::new(ResultSettings::new(to.to_string_lossy()))
        .storage(Arc::new(storage))
        .serializer(Serializer::Json);
    let mut keys = Vec::new();
    for number in 0..RESULTS {
        let record = store.create_record(&result(number)).await?;
        store.persist(&record).await?;
        keys.push(record.key().to_owned());
    }
    for (number, key) in (0..RESULTS).zip(&keys) {
        let value: Value = store.read(key).await?.value()?;
        ensure!(value == result(number), "{key} holds {value}");
    }
    Ok(())
}

fn result(number: u32) -> Value {
    json!({ "number": number, "name": format!("result {number}"), "values": [number, number + 1, number + 2] })
}

fn bucket(folder: &str) -> Result<RemoteFileSystem> {
    let url = std::env::var("BENCH_S3_URL").context("BENCH_S3_URL names no server")?;
    Ok(RemoteFileSystem::new(format!("s3://bucket/{folder}"))
        .setting("key", "AK1D")
        .setting("secret", "s3cret")
        .setting("client_kwargs", json!({ "endpoint_url": url })))
}

/// Of this process, its threads together.
fn processor_s() -> Result<f64> {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?;
    Ok(std::time::Duration::from(time).as_secs_f64())
}
