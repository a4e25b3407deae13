//! Flow runs of which each is a process of its own, and to which things happen: `soak engine COUNT`. What the process has reported is
//! compared with what the server has stored, which is one of this program's own, as it is killed and started again. Of a process that is
//! killed, that is what the server had confirmed to have taken.

mod door;
mod faults;
mod process;
mod proxy;
mod stored;
mod witness;
mod work;

use anyhow::{Context as _, Result, ensure};

pub(crate) use work::pieces;

use crate::figures::row;
use crate::python;
use faults::Fault;
use stored::Found;

/// Does each fault to runs, or those of that name alone, and prints what became of them.
pub(crate) fn soak(count: usize, only: Option<&str>) -> Result<()> {
    let mut server = python::server()?;
    let mut rows = Vec::new();
    let faults = Fault::all(count).into_iter();
    let wanted = faults.filter(|fault| only.is_none_or(|name| fault.to_string() == name));
    for fault in wanted {
        let found = fault
            .happen(&mut server)
            .with_context(|| format!("{fault}"))?;
        println!("{fault}: {found}");
        rows.push((fault, found));
    }
    row(&[
        &"",
        &"runs",
        &"reported",
        &"not reported",
        &"missing",
        &"doubled",
        &"otherwise",
        &"running",
        &"panics",
        &"longest s",
    ]);
    for (fault, found) in &rows {
        row(&[
            fault,
            &found.runs,
            &found.reported,
            &found.unreported,
            &found.missing,
            &found.doubled,
            &found.otherwise,
            &found.running,
            &found.panics,
            &found.longest.as_secs(),
        ]);
    }
    ensure!(!rows.is_empty(), "there is no such fault");
    let wrong = rows.iter().filter(|(_, found)| !found.is_well());
    let wrong: Vec<String> = wrong.map(|(fault, _)| fault.to_string()).collect();
    ensure!(
        wrong.is_empty(),
        "not all is as reported: {}",
        wrong.join(", ")
    );
    Ok(())
}

impl Found {
    fn is_well(&self) -> bool {
        let wrong = [
            self.unreported,
            self.missing,
            self.doubled,
            self.otherwise,
            self.running,
            self.panics,
        ];
        self.reported > 0 && wrong == [0; 6]
    }
}
