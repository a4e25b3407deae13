//! What is written once.

use diptych_macros::dual;

use crate::weather;

#[dual(weather)]
use crate::station::{AsyncStation, apause};

/// The temperatures of some days.
#[derive(Debug, PartialEq)]
pub struct Report {
    /// One temperature for each day.
    pub temperatures: Vec<i32>,
}

#[dual(weather)]
impl Report {
    /// Asks an [`AsyncStation`] about the first days.
    ///
    /// ```
    /// use dual_example::{AsyncStation, Report};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let report = Report::aload(&AsyncStation(4), 2).await;
    /// assert_eq!(report.temperatures, [4, 5]);
    /// # }
    /// ```
    pub async fn aload(station: &AsyncStation, days: i32) -> Self {
        let mut temperatures = Vec::new();
        for day in 0..days {
            temperatures.push(station.read(day).await);
        }
        Self { temperatures }
    }

    /// How many days it covers.
    #[must_use]
    pub fn days(&self) -> usize {
        self.temperatures.len()
    }
}

/// The warmest of some days.
///
/// ```async
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let station = dual_example::AsyncStation(4);
/// let task = tokio::spawn(async move { dual_example::awarmest(&station, 3).await });
/// assert_eq!(task.await.unwrap(), Some(6));
/// # }
/// ```
///
/// ```blocking
/// let station = dual_example::Station(4);
/// let thread = std::thread::spawn(move || dual_example::warmest(&station, 3));
/// assert_eq!(thread.join().unwrap(), Some(6));
/// ```
#[dual(weather)]
pub async fn awarmest(station: &AsyncStation, days: i32) -> Option<i32> {
    Report::aload(station, days)
        .await
        .temperatures
        .into_iter()
        .max()
}

/// Keeps reports.
#[dual(weather)]
pub trait AsyncArchive {
    /// Stores a report, and says how many there are.
    fn store(&mut self, report: Report) -> impl Future<Output = usize> + Send;
}

/// An archive that forgets.
#[dual(weather)]
#[derive(Debug, Default)]
pub struct AsyncMemory {
    reports: Vec<Report>,
}

#[dual(weather)]
impl AsyncArchive for AsyncMemory {
    async fn store(&mut self, report: Report) -> usize {
        apause().await;
        self.reports.push(report);
        self.reports.len()
    }
}
