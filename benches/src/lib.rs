//! What the programs that `cargo xtask bench calls` measures have in common.

use anyhow::Result;

/// Keeps this process to some processors, given as numbers with commas between them; `any` changes nothing.
///
/// A caller whose server runs on the same processor never waits for one to wake up. Left to itself, the system lets
/// quick callers have that and others not, and their figures cannot be compared.
///
/// # Errors
/// The text is something else, or the system refuses.
pub fn keep_to(processors: &str) -> Result<()> {
    if processors == "any" {
        return Ok(());
    }
    pin(processors)
}

#[cfg(target_os = "linux")]
fn pin(processors: &str) -> Result<()> {
    use anyhow::Context;
    use nix::sched::{CpuSet, sched_setaffinity};
    use nix::unistd::Pid;

    let mut set = CpuSet::new();
    for number in processors.split(',') {
        set.set(number.parse().context("not the number of a processor")?)?;
    }
    sched_setaffinity(Pid::from_raw(0), &set).context("cannot choose the processors")
}

#[cfg(not(target_os = "linux"))]
fn pin(_processors: &str) -> Result<()> {
    anyhow::bail!("this system does not let a process choose its processors")
}
