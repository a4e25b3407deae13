//! `bench-engine blocking|async CASE URL`: what flows and tasks take of this process, beside a server of Prefect.
//!
//! It prints what it found as JSON: so many runs, the processor time and wall time of one, and the most memory that was held.

mod cases;
mod cost;

use anyhow::{Context, Result, bail};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use cases::Case;
use cost::Moment;

#[global_allocator]
static HEAP: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<()> {
    let begun = Moment::of_process();
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().with_context(|| format!("no {what}"));
    let (face, case, url) = (next("face")?, next("case")?, next("URL")?);
    let case = Case::of_name(&case).with_context(|| format!("there is no case `{case}`"))?;
    let ((cpu_us, wall_us), waiting) = match face.as_str() {
        "blocking" => cases::measured(case, &PrefectClient::new(&url)?, begun)?,
        "async" => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                cases::ameasured(case, &AsyncPrefectClient::new(&url)?, begun).await
            })?
        }
        other => bail!("there is no face `{other}`"),
    };
    let count = f64::from(case.runs());
    let told = json!({
        "runs": case.runs(), "cpu_us": cpu_us / count, "wall_us": wall_us / count, "peak_kb": cost::peak_kb(),
        "bytes_per_waiting": waiting,
    });
    println!("{told}");
    Ok(())
}
