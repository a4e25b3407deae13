//! Who holds a lock: names that say which process it is.

use uuid::Uuid;

/// A name that nobody else has, of this process: as Prefect's usual ones begin.
pub(super) fn new_name() -> String {
    format!(
        "{}:{}:{}",
        host(),
        std::process::id(),
        Uuid::new_v4().simple()
    )
}

/// The name of this machine.
pub(super) fn host() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// Whether a name is that of a process of this machine which has ended.
pub(super) fn is_gone(name: &str) -> bool {
    let mut parts = name.split(':');
    let (Some(host), Some(pid)) = (parts.next(), parts.next()) else {
        return false;
    };
    // A name of another kind may have colons, too.
    parts.next().is_some() && pid.parse().is_ok_and(|pid| has_ended(host, pid))
}

/// Whether there is no such process on this machine. Of other machines, nothing is known.
pub(super) fn has_ended(host: &str, pid: u64) -> bool {
    host == self::host() && ended(pid)
}

#[cfg(unix)]
fn ended(pid: u64) -> bool {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};

    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    // Somebody else's can't be asked, but is there.
    pid.is_none_or(|pid| test_kill_process(pid) == Err(Errno::SRCH))
}

#[cfg(not(unix))]
fn ended(_: u64) -> bool {
    false
}
