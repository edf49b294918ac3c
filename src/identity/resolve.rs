//! From a Confluence user to the DingTalk user, with the reason. Only the snapshot's indexes are read.

use super::{
    ConfluenceIdentity, Resolution, ResolutionStatus,
    claim::Claim,
    reason::{self, Lookup},
};
use crate::{
    directory::{RecordState, Snapshot, UserId, fold_key},
    settings::MatchingMethod,
};

/// Tells which DingTalk user `identity` is by `method`.
///
/// Keys are compared trimmed, in NFKC (full-width forms become plain) and case-folded; plus-addressing and leading zeros
/// are significant. Whoever shares a key with somebody present is never chosen: that is `AMBIGUOUS`.
pub fn resolve(snapshot: &Snapshot, method: MatchingMethod, identity: &ConfluenceIdentity) -> Resolution {
    let (field, given) = match method {
        MatchingMethod::EmailToEmail => ("email", &identity.email),
        MatchingMethod::UsernameToJobNumber => ("username", &identity.username),
    };
    let Some(key) = given.as_deref().and_then(fold_key) else {
        return Resolution {
            status: ResolutionStatus::Unmatched,
            user: None,
            rule: None,
            key: None,
            candidates: Vec::new(),
            reason: reason::missing(field, given.is_some(), method),
        };
    };
    match method {
        MatchingMethod::EmailToEmail => by_email(snapshot, key),
        MatchingMethod::UsernameToJobNumber => by_job_number(snapshot, key),
    }
}

fn by_email(snapshot: &Snapshot, key: String) -> Resolution {
    let (emails, org_emails) = (snapshot.users_by_email(&key), snapshot.users_by_org_email(&key));
    let claim = Claim::of(snapshot, &[emails, org_emails]);
    let rule_of = |id: &UserId| {
        if emails.contains(id) {
            Rule::EMAIL
        } else {
            Rule::ORG_EMAIL
        }
    };
    decide(snapshot, key, &claim, rule_of)
}

fn by_job_number(snapshot: &Snapshot, key: String) -> Resolution {
    let claim = Claim::of(snapshot, &[snapshot.users_by_job_number(&key)]);
    decide(snapshot, key, &claim, |_| Rule::JOB_NUMBER)
}

/// A rule's name in answers, and what its key is called in reasons.
struct Rule {
    name: &'static str,
    field: &'static str,
}

impl Rule {
    const EMAIL: Self = Self {
        name: "EMAIL",
        field: "email",
    };
    const ORG_EMAIL: Self = Self {
        name: "ORG_EMAIL",
        field: "org_email",
    };
    const JOB_NUMBER: Self = Self {
        name: "JOB_NUMBER",
        field: "job_number",
    };
}

fn decide(snapshot: &Snapshot, key: String, claim: &Claim<'_>, rule_of: impl Fn(&UserId) -> Rule) -> Resolution {
    // Present people come first: somebody who left doesn't dispute the key of somebody who is there.
    let claimants = if claim.present.is_empty() {
        &claim.gone
    } else {
        &claim.present
    };
    let answer = |status, user: Option<&UserId>, rule: Option<Rule>, reason: String| Resolution {
        status,
        user: user.cloned(),
        rule: rule.map(|rule| rule.name),
        key: Some(key.clone()),
        candidates: claim.candidates(),
        reason,
    };
    match claimants.as_slice() {
        [] => {
            let lookup = Lookup { snapshot, key: &key };
            let reason = match rule_of(&"".into()).name {
                "JOB_NUMBER" => lookup.no_job_number(),
                _ => lookup.no_email(),
            };
            answer(ResolutionStatus::Unmatched, None, None, reason)
        }
        [id] => {
            let rule = rule_of(id);
            let (status, reason) = reason::of_one(snapshot, id, rule.field, &key, claim);
            answer(status, Some(id), Some(rule), reason)
        }
        several => {
            let rules: Vec<Rule> = several.iter().map(|id| rule_of(id)).collect();
            let mixed = rules.iter().any(|rule| rule.name != rules[0].name);
            let field = if mixed { "email or org_email" } else { rules[0].field };
            let reason = reason::of_several(several.len(), field, &key, claim.present.is_empty());
            answer(
                ResolutionStatus::Ambiguous,
                None,
                rules.into_iter().min_by_key(|rule| rule.name),
                reason,
            )
        }
    }
}

/// How one claimant's standing turns into an answer's status.
pub(super) fn status_of(state: RecordState, active: Option<bool>) -> ResolutionStatus {
    match (state, active) {
        (RecordState::Gone, _) => ResolutionStatus::Inactive,
        (RecordState::Held, _) => ResolutionStatus::Held,
        // A person who never logged in to DingTalk sees no notification. Not said (`None`) is no reason to withhold one.
        (RecordState::Active, Some(false)) => ResolutionStatus::Inactive,
        (RecordState::Active, _) => ResolutionStatus::Matched,
    }
}
