//! How many cases passed, by phase, and which did not.

use super::{Case, CaseFile, Data, Text, Verdict};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// How many of the slowest cases a report names.
const SLOWEST: usize = 10;

/// What a person does not notice. A case that takes longer is asked again, [`AGAIN`] times, and
/// the least time counts.
pub const PROMPT: Duration = Duration::from_millis(5);
const AGAIN: usize = 40;

/// How the cases of some files went.
#[derive(Default)]
pub struct Report {
    /// How many agree with Django.
    pub passed: usize,
    /// Those that do not.
    pub failed: Vec<Failed>,
    /// Exceptions with another text than Django's: the case, Django's text, ours.
    pub texts: Vec<(String, String, String)>,
    /// How many exceptions Django raises.
    raised: usize,
    /// Passed and failed of each phase.
    phases: BTreeMap<i64, (usize, usize)>,
    times: Vec<(Duration, String)>,
}

/// A case that differs.
pub struct Failed {
    /// Its name.
    pub id: String,
    /// Its snippet.
    pub code: String,
    /// What differs.
    pub differences: Vec<String>,
}

impl Report {
    /// Runs the cases of a file whose names hold a text.
    ///
    /// # Errors
    /// As [`Case::check`].
    pub fn run(&mut self, file: &CaseFile, data: &Data, only: &str) -> Result<(), String> {
        for case in file.cases.iter().filter(|case| case.id.contains(only)) {
            let mut verdict = case.check(data, file.now)?;
            // What the machine does meanwhile is no fault of the case. Without optimisation all
            // are slow, and the times say nothing.
            let mut again = if cfg!(debug_assertions) { 0 } else { AGAIN };
            while verdict.time > PROMPT && again > 0 {
                let other = case.check(data, file.now)?;
                verdict.time = verdict.time.min(other.time);
                again -= 1;
            }
            self.add(case, verdict);
        }
        Ok(())
    }

    fn add(&mut self, case: &Case, verdict: Verdict) {
        let phase = self.phases.entry(case.phase).or_default();
        match verdict.differences.is_empty() {
            true => {
                self.passed += 1;
                phase.0 += 1;
            }
            false => {
                phase.1 += 1;
                self.failed.push(Failed {
                    id: case.id.clone(),
                    code: case.code.clone(),
                    differences: verdict.differences,
                });
            }
        }
        self.raised += usize::from(verdict.text.is_some());
        if let Some(Text::Other { expected, found }) = verdict.text {
            self.texts.push((case.id.clone(), expected, found));
        }
        self.times.push((verdict.time, case.id.clone()));
    }

    /// The cases that took longest, the slowest first.
    pub fn slowest(&self) -> Vec<&(Duration, String)> {
        let mut times: Vec<_> = self.times.iter().collect();
        times.sort_by(|a, b| b.cmp(a));
        times
    }
}

/// A line a phase, the slowest ten, the texts of exceptions, and the sum.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (phase, (passed, failed)) in &self.phases {
            writeln!(f, "phase {phase}: {passed} passed, {failed} failed")?;
        }
        let slowest: Vec<String> = self
            .slowest()
            .iter()
            .take(SLOWEST)
            .map(|(time, id)| format!("{id} {:.1} ms", time.as_secs_f64() * 1000.0))
            .collect();
        writeln!(f, "slowest: {}", slowest.join(", "))?;
        let equal = self.raised - self.texts.len();
        writeln!(f, "exception texts: {equal} of {} equal", self.raised)?;
        write!(f, "{} passed, {} failed", self.passed, self.failed.len())
    }
}

/// Its name and snippet, and what differs beneath.
impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.code)?;
        for difference in &self.differences {
            write!(f, "\n    {difference}")?;
        }
        Ok(())
    }
}
