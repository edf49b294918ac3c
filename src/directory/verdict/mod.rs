//! What a crawl is worth, by cross-checks from both sides. Pure; "success" is never assumed.

mod absence;
mod evidence;
mod findings;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use absence::{Absence, absence};
pub use evidence::Evidence;

use super::{Observation, RunEvidence, Snapshot, UserSource, Verdict, held::expected};
use crate::catalogue::Statement;

/// From this many people (or departments) on, shares say something; below it one person is a large share.
const SMALLEST_CROWD: usize = 10;

/// A verdict with its reasons. COMPLETE may have notes, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What the crawl is worth.
    pub verdict: Verdict,
    /// Why it isn't COMPLETE, and what else an operator should know.
    pub findings: Vec<Statement>,
    /// The numbers that it rests on.
    pub evidence: RunEvidence,
    /// Whether so much is missing that nothing is removed without approval, however little DingTalk says is gone.
    pub is_landslide: bool,
}

impl Judgement {
    /// COMPLETE until something is found.
    pub fn complete() -> Self {
        Self {
            verdict: Verdict::Complete,
            findings: Vec::new(),
            evidence: RunEvidence::default(),
            is_landslide: false,
        }
    }

    /// Adds a finding that leaves the verdict as it is.
    pub fn note(&mut self, finding: impl Into<Statement>) {
        self.findings.push(finding.into());
    }

    /// Adds a finding that makes the crawl PARTIAL, unless it is SUSPECT already.
    pub fn partial(&mut self, finding: impl Into<Statement>) {
        if self.verdict == Verdict::Complete {
            self.verdict = Verdict::Partial;
        }
        self.findings.push(finding.into());
    }

    /// Adds a finding that makes the crawl SUSPECT.
    pub fn suspect(&mut self, finding: impl Into<Statement>) {
        self.verdict = Verdict::Suspect;
        self.findings.push(finding.into());
    }

    /// As [`Self::suspect`], and whatever is gone waits for approval.
    pub fn landslide(&mut self, finding: impl Into<Statement>) {
        self.is_landslide = true;
        self.suspect(finding);
    }

    /// SUSPECT if `grave`, else PARTIAL.
    fn found(&mut self, grave: bool, finding: impl Into<Statement>) {
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
    judgement.evidence = counted(snapshot, observed, evidence);
    findings::of_scope(&mut judgement, snapshot, observed, evidence);
    findings::of_size(&mut judgement, snapshot, observed, evidence);
    findings::of_reading(&mut judgement, observed, evidence);
    findings::of_both_sides(&mut judgement, observed, evidence);
    findings::of_tree(&mut judgement, observed, evidence);
    findings::of_fields(&mut judgement, snapshot, observed);
    judgement
}

/// What can simply be counted; the cross-checks add what they find.
fn counted(snapshot: &Snapshot, observed: &Observation, evidence: &Evidence) -> RunEvidence {
    let mut unreadable: BTreeMap<String, u64> = BTreeMap::new();
    for code in evidence.unreadable.values() {
        *unreadable.entry(code.clone()).or_default() += 1;
    }

    let seen = observed.departments.len() + observed.kept_departments.len();
    let listed: BTreeSet<_> = evidence.listed.values().flatten().collect();
    let (users_in_mirror, departments_in_mirror) = expected(snapshot);
    let sources = observed.users.values().map(|(_, source)| source);
    let by_list_alone = sources.filter(|source| **source == UserSource::List).count();
    let count = |number: usize| number as u64;

    RunEvidence {
        departments_seen: count(seen),
        departments_readable: count(seen.saturating_sub(evidence.unreadable.len())),
        departments_unreadable: unreadable,
        users_by_departments: count(listed.len()),
        users_read: count(observed.users.len()),
        users_by_list_alone: count(by_list_alone),
        users_unreadable: count(evidence.unread_users.len()),
        users_out_of_scope: count(evidence.out_of_scope_users.len()),
        user_count: evidence.user_count,
        users_in_mirror: count(users_in_mirror),
        departments_in_mirror: count(departments_in_mirror),
        ..RunEvidence::default()
    }
}
