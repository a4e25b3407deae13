//! What was measured, and what is said of it: medians, and ratios within a round.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::turn::{Sample, Setting, Turn};
use crate::measure::median;
use crate::table;

/// The turns of everyone, round by round.
#[derive(Default)]
pub(super) struct Figures {
    samples: BTreeMap<Turn, Vec<Sample>>,
    instructions: BTreeMap<&'static str, f64>,
}

impl Figures {
    pub(super) fn add(&mut self, turn: Turn, sample: Sample) {
        self.samples.entry(turn).or_default().push(sample);
    }

    pub(super) fn add_instructions(&mut self, name: &'static str, count: f64) {
        self.instructions.insert(name, count);
    }

    /// How often the processor time of `other` goes into that of `name`.
    pub(super) fn cpu_ratio(
        &self,
        name: &'static str,
        other: &'static str,
        setting: Setting,
    ) -> f64 {
        self.ratio((name, setting), (other, setting), |sample| sample.cpu_us)
    }

    /// The calls a second of `name` as a part of those of `other`.
    pub(super) fn throughput_ratio(
        &self,
        name: &'static str,
        other: &'static str,
        setting: Setting,
    ) -> f64 {
        self.ratio((other, setting), (name, setting), |sample| sample.wall_us)
    }

    /// A line for each name and setting.
    pub(super) fn table(&self, names: &[&'static str]) -> String {
        let turns = names
            .iter()
            .flat_map(|name| Setting::ALL.map(|setting| (*name, setting)));
        let rows: Vec<_> = turns.map(|turn| self.row(turn)).collect();
        let head = [
            "a call of",
            "callers",
            "cpu us",
            "/ raw",
            "wall us",
            "instructions",
        ];
        table::render(&head, &rows)
    }

    /// The same as data.
    pub(super) fn list(&self, names: &[&'static str]) -> Vec<Value> {
        let turns = names.iter().flat_map(|name| {
            [Setting::ALONE, Setting::SOME, Setting::MANY].map(|setting| (*name, setting))
        });
        turns.map(|turn| self.entry(turn)).collect()
    }

    fn row(&self, turn: Turn) -> [String; 6] {
        let (name, setting) = turn;
        let instructions = self.instructions.get(name);
        let instructions = instructions.filter(|_| setting == Setting::BESIDE);
        [
            name.to_owned(),
            setting.label(),
            format!("{:.1}", self.cpu_us(turn)),
            format!("{:.2}", self.cpu_ratio(name, "raw", setting)),
            format!("{:.1}", self.wall_us(turn)),
            instructions.map_or_else(|| "-".to_owned(), |count| format!("{count:.0}")),
        ]
    }

    fn entry(&self, turn: Turn) -> Value {
        let (name, setting) = turn;
        let mut entry = json!({
            "name": name,
            "callers": setting.callers,
            "cpu_us": rounded(self.cpu_us(turn)),
            "wall_us": rounded(self.wall_us(turn)),
        });
        if setting == Setting::ALONE {
            entry["beside_server_cpu_us"] = json!(rounded(self.cpu_us((name, Setting::BESIDE))));
            if let Some(count) = self.instructions.get(name) {
                entry["instructions"] = json!(count.round());
            }
        }
        entry
    }

    fn cpu_us(&self, turn: Turn) -> f64 {
        median(self.of(turn).iter().map(|sample| sample.cpu_us).collect())
    }

    fn wall_us(&self, turn: Turn) -> f64 {
        median(self.of(turn).iter().map(|sample| sample.wall_us).collect())
    }

    fn ratio(&self, above: Turn, below: Turn, of: impl Fn(&Sample) -> f64) -> f64 {
        let rounds = self.of(above).iter().zip(self.of(below));
        median(rounds.map(|(above, below)| of(above) / of(below)).collect())
    }

    fn of(&self, turn: Turn) -> &[Sample] {
        self.samples.get(&turn).map_or(&[], Vec::as_slice)
    }
}

/// A tenth of a microsecond says enough.
fn rounded(microseconds: f64) -> f64 {
    (microseconds * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_of_one_round() {
        let mut figures = Figures::default();
        // The third round was ten times as busy, for both.
        for (ours, theirs) in [(2.0, 1.0), (3.0, 1.0), (20.0, 10.0)] {
            for (name, cpu_us) in [("blocking", ours), ("raw", theirs)] {
                let wall_us = cpu_us * 2.0;
                figures.add((name, Setting::MANY), Sample { cpu_us, wall_us });
            }
        }
        let ratio = figures.cpu_ratio("blocking", "raw", Setting::MANY);
        assert!((ratio - 2.0).abs() < f64::EPSILON, "{ratio}");
        let throughput = figures.throughput_ratio("blocking", "raw", Setting::MANY);
        assert!((throughput - 0.5).abs() < f64::EPSILON, "{throughput}");
        let last = figures.list(&["blocking"]).pop();
        let expected = json!({ "name": "blocking", "callers": 64, "cpu_us": 3.0, "wall_us": 6.0 });
        assert_eq!(last, Some(expected));
    }

    #[test]
    fn what_was_not_measured_is_no_number() {
        assert!(
            Figures::default()
                .cpu_ratio("blocking", "raw", Setting::MANY)
                .is_nan()
        );
    }
}
