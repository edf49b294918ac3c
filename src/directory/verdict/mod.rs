//! What a crawl is worth, by cross-checks from both sides. Pure; "success" is never assumed.

mod absence;
mod evidence;
mod findings;
#[cfg(test)]
mod tests;

pub use absence::{Absence, absence};
pub use evidence::Evidence;

use super::{Observation, Snapshot, Verdict};

/// From this many people (or departments) on, shares say something; below it one hire is a landslide.
const SMALLEST_CROWD: usize = 10;

/// A verdict with its reasons, a sentence each. COMPLETE may have notes, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What the crawl is worth.
    pub verdict: Verdict,
    /// Why it isn't COMPLETE, and what else an operator should know.
    pub findings: Vec<String>,
}

impl Judgement {
    /// COMPLETE until something is found.
    pub fn complete() -> Self {
        Self {
            verdict: Verdict::Complete,
            findings: Vec::new(),
        }
    }

    /// Adds a finding that leaves the verdict as it is.
    pub fn note(&mut self, finding: String) {
        self.findings.push(finding);
    }

    /// Adds a finding that makes the crawl PARTIAL, unless it is SUSPECT already.
    pub fn partial(&mut self, finding: String) {
        if self.verdict == Verdict::Complete {
            self.verdict = Verdict::Partial;
        }
        self.findings.push(finding);
    }

    /// Adds a finding that makes the crawl SUSPECT.
    pub fn suspect(&mut self, finding: String) {
        self.verdict = Verdict::Suspect;
        self.findings.push(finding);
    }

    /// SUSPECT if `grave`, else PARTIAL.
    fn found(&mut self, grave: bool, finding: String) {
        if grave {
            self.suspect(finding)
        } else {
            self.partial(finding)
        }
    }
}

/// Judges a crawl by what it saw, what it met on the way and what the mirror knew before.
pub fn judge(snapshot: &Snapshot, observed: &Observation, evidence: &Evidence) -> Judgement {
    let mut judgement = Judgement::complete();
    findings::of_scope(&mut judgement, snapshot, observed, evidence);
    findings::of_size(&mut judgement, snapshot, observed, evidence);
    findings::of_reading(&mut judgement, observed, evidence);
    findings::of_both_sides(&mut judgement, observed, evidence);
    findings::of_tree(&mut judgement, observed, evidence);
    findings::of_fields(&mut judgement, snapshot, observed);
    if judgement.verdict == Verdict::Complete {
        let absence = absence(snapshot, observed);
        if let Some(finding) = absence.beyond_limits(snapshot) {
            judgement.suspect(finding);
        }
    }
    judgement
}
