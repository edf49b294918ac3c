//! From a Confluence user to the DingTalk user, with the reason. Only the snapshot's indexes and the links are read.

use super::{
    ConfluenceIdentity, KeyKind, Links, Resolution, ResolutionStatus, Rule,
    by_link::by_link,
    key_holders::KeyHolders,
    reason::{self, Lookup},
    rehired,
};
use crate::{
    catalogue::Statement,
    directory::{Snapshot, User, UserId, fold_key},
    settings::MatchingMethod,
};

/// Tells which DingTalk user `identity` is: by a link made by hand, else by `method`.
///
/// Keys are compared trimmed, case-folded, and with full-width forms made plain; plus-addressing and leading zeros are
/// significant, and what only looks alike is not the same. Whoever shares a key with somebody present, or with somebody
/// who is merely out of this app's sight, is never chosen: that is `AMBIGUOUS`.
pub fn resolve(
    snapshot: &Snapshot,
    links: &Links,
    method: MatchingMethod,
    identity: &ConfluenceIdentity,
) -> Resolution {
    let matches = links.matches(identity);
    let otherwise = || by_method(snapshot, method, identity);
    if let Some(linked) = by_link(snapshot, &matches, identity, otherwise) {
        return linked;
    }

    let mut found = by_method(snapshot, method, identity);
    if let Some((link, kind)) = matches.contradicted {
        let noted = found.reason.with("linked", &link.userid);
        found.reason = noted.with("differs", kind.field());
    }
    found
}

/// The Confluence field that a method compares.
fn compared(method: MatchingMethod) -> KeyKind {
    match method {
        MatchingMethod::EmailToEmail => KeyKind::Email,
        MatchingMethod::UsernameToJobNumber => KeyKind::Username,
    }
}

fn by_method(snapshot: &Snapshot, method: MatchingMethod, identity: &ConfluenceIdentity) -> Resolution {
    let kind = compared(method);
    let Some(key) = identity.key(kind) else {
        return Resolution {
            status: ResolutionStatus::Unmatched,
            user: None,
            rule: None,
            key: None,
            candidates: Vec::new(),
            reason: reason::missing(identity, kind, method),
        };
    };

    let lookup = Lookup {
        snapshot,
        identity,
        key: &key,
    };
    match method {
        MatchingMethod::EmailToEmail => by_email(&lookup),
        MatchingMethod::UsernameToJobNumber => by_job_number(&lookup),
    }
}

fn by_email(lookup: &Lookup<'_>) -> Resolution {
    let holders = KeyHolders::of(lookup.snapshot.users_by_email_key(lookup.key));
    let rule_of = |user: &User| match user.facts.email.as_deref().and_then(fold_key) {
        Some(email) if email == lookup.key => Rule::Email,
        _ => Rule::OrgEmail,
    };
    decide(lookup, &holders, rule_of, || lookup.no_email())
}

fn by_job_number(lookup: &Lookup<'_>) -> Resolution {
    let holders = KeyHolders::of(lookup.snapshot.users_by_job_number_key(lookup.key));
    decide(lookup, &holders, |_| Rule::JobNumber, || lookup.no_job_number())
}

fn decide(
    lookup: &Lookup<'_>,
    holders: &KeyHolders<'_>,
    rule_of: impl Fn(&User) -> Rule,
    nobody: impl Fn() -> Statement,
) -> Resolution {
    let mut candidates = holders.candidates();
    let back = match (holders.present, holders.gone) {
        ([], [former]) => rehired::joining(lookup.snapshot, former, &mut candidates),
        _ => None,
    };

    let answer = |status, user: Option<&UserId>, rule: Option<Rule>, reason: Statement| Resolution {
        status,
        user: user.cloned(),
        rule,
        key: Some(lookup.key.to_owned()),
        candidates,
        reason,
    };

    match holders.claimants().as_slice() {
        [] => answer(ResolutionStatus::Unmatched, None, None, nobody()),
        [user] => {
            let rule = rule_of(user);
            let (status, reason) = reason::of_one(user, rule.field(), lookup.key, holders, back);
            answer(status, Some(&user.facts.userid), Some(rule), reason)
        }
        several => {
            let rules: Vec<Rule> = several.iter().map(|it| rule_of(it)).collect();
            let mixed = rules.iter().any(|rule| *rule != rules[0]);
            let field = if mixed { "email or org_email" } else { rules[0].field() };
            let reason = reason::of_several(several.len(), field, lookup.key, holders);
            answer(ResolutionStatus::Ambiguous, None, rules.into_iter().min(), reason)
        }
    }
}
