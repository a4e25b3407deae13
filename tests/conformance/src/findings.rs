//! What a test found: all of it is shown, and not only the first.

/// The findings of one test.
#[derive(Default)]
pub struct Findings(Vec<String>);

impl Findings {
    /// Notes a finding, unless it is fine.
    pub fn check(&mut self, is_fine: bool, words: impl FnOnce() -> String) {
        if !is_fine {
            self.0.push(words());
        }
    }

    /// Ends the test.
    ///
    /// # Panics
    ///
    /// When there were findings.
    pub fn none(self) {
        assert!(
            self.0.is_empty(),
            "{} findings:\n{}",
            self.0.len(),
            self.0.join("\n")
        );
    }
}
