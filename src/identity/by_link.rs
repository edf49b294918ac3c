//! The first rule: a link made by hand.

use std::sync::Arc;

use super::{
    ConfluenceIdentity, IdentityLink, KeyKind, Resolution, ResolutionStatus,
    link::LinkMatches,
    reason::{self, shown},
    rehired,
    rule::Rule,
};
use crate::directory::{RecordState, Snapshot, User, UserId};

/// The answer where a link applies. `otherwise`: what the method would have said, for whoever has to put the link
/// right.
pub(super) fn by_link(
    snapshot: &Snapshot,
    matches: &LinkMatches<'_>,
    identity: &ConfluenceIdentity,
    otherwise: impl Fn() -> Resolution,
) -> Option<Resolution> {
    let (first, kind) = *matches.applying.first()?;
    let mut people: Vec<&UserId> = matches.applying.iter().map(|(link, _)| &link.userid).collect();
    people.sort();
    people.dedup();
    let mut candidates: Vec<UserId> = people.iter().map(|id| (*id).clone()).collect();
    let answer = |status, user, candidates, reason| Resolution {
        status,
        user,
        rule: Some(Rule::Link),
        key: identity.key(kind).map(Into::into),
        candidates,
        reason,
    };

    if people.len() > 1 {
        let names: Vec<String> = matches.applying.iter().map(|(link, kind)| told(link, *kind)).collect();
        let reason = format!(
            "{}, so nobody is chosen: remove all links but one.",
            names.join("; and ")
        );
        return Some(answer(ResolutionStatus::Ambiguous, None, candidates, reason));
    }

    let told = told(first, kind);
    let Some(user) = snapshot.user(first.userid.as_str()) else {
        let reason = format!("{told}, whom the mirror does not have: wait for the next sync, or link anew.");
        return Some(answer(ResolutionStatus::Unmatched, None, candidates, reason));
    };

    let status = ResolutionStatus::of(user);
    let reason = match user.standing.state {
        RecordState::Gone => not_followed(&told, snapshot, user, otherwise, &mut candidates),
        RecordState::Held => format!("{told}, but their removal from the mirror waits for approval."),
        RecordState::Active if status == ResolutionStatus::Inactive => {
            format!("{told}, who has never logged in to DingTalk, so they would not see a notification.")
        }
        RecordState::Active => format!("{told}."),
    };

    Some(answer(status, Some(first.userid.clone()), candidates, reason))
}

/// Why a link to somebody who is gone isn't followed, and what to do. Who was hired again joins the `candidates`.
fn not_followed(
    told: &str,
    snapshot: &Snapshot,
    former: &User,
    otherwise: impl Fn() -> Resolution,
    candidates: &mut Vec<UserId>,
) -> String {
    let gone = reason::gone(former.standing.cause);
    let other = otherwise();
    let back = rehired::told(snapshot, former, candidates);
    let hint = match (&other.user, other.status) {
        // The same `unionid` is surer than what the method says.
        _ if !back.is_empty() => back,
        (Some(id), ResolutionStatus::Matched) if *id != former.facts.userid => {
            format!(" The matching method would say {id}: remove the link, or link anew.")
        }
        _ => " Remove the link, or link anew.".to_owned(),
    };
    format!("{told}, but {gone}: the link is not followed.{hint}")
}

/// What is said after the method's own reason where a link was met and does not apply.
pub(super) fn passed_over(matches: &LinkMatches<'_>) -> Option<String> {
    let (link, kind) = matches.contradicted?;
    Some(format!(
        " A link by hand to DingTalk user {} shares a key, but is of another {}, so it does not apply.",
        link.userid,
        kind.field()
    ))
}

fn told(link: &Arc<IdentityLink>, kind: KeyKind) -> String {
    format!(
        "Linked by hand by {} on {}, by {}, to DingTalk user {}",
        shown(&link.by),
        link.at.format("%Y-%m-%d"),
        kind.field(),
        link.userid
    )
}
