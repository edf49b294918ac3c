//! The first rule: a link made by hand.

use std::borrow::Cow;

use super::{
    ConfluenceIdentity, IdentityLink, KeyKind, Resolution, ResolutionStatus,
    link::LinkMatches,
    reason::{self, shown},
    rehired,
    rule::Rule,
};
use crate::{
    catalogue::{Statement, matching as said},
    directory::{RecordState, Snapshot, User, UserId},
};

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
        let linked = |at: usize| {
            matches
                .applying
                .get(at)
                .map(|(link, kind)| Told::of(link, *kind).linked())
        };
        let reason = said::LINKS_DISAGREE {
            first: linked(0),
            second: linked(1),
            more: matches.applying.len().saturating_sub(2),
        };
        return Some(answer(ResolutionStatus::Ambiguous, None, candidates, reason.into()));
    }

    let told = Told::of(first, kind);
    let Some(user) = snapshot.user(first.userid.as_str()) else {
        let Told { by, on, field, user } = told;
        let reason = said::LINKED_UNKNOWN { by, on, field, user };
        return Some(answer(ResolutionStatus::Unmatched, None, candidates, reason.into()));
    };

    let status = ResolutionStatus::of(user);
    let reason = match user.standing.state {
        RecordState::Gone => not_followed(told, snapshot, user, otherwise, &mut candidates),
        RecordState::Held => {
            let Told { by, on, field, user } = told;
            said::LINKED_HELD { by, on, field, user }.into()
        }
        RecordState::Active if status == ResolutionStatus::Inactive => {
            let Told { by, on, field, user } = told;
            said::LINKED_INACTIVE { by, on, field, user }.into()
        }
        RecordState::Active => told.linked(),
    };

    Some(answer(status, Some(first.userid.clone()), candidates, reason))
}

/// Why a link to somebody who is gone isn't followed, and what to do. Who was hired again joins the `candidates`.
fn not_followed(
    told: Told<'_>,
    snapshot: &Snapshot,
    former: &User,
    otherwise: impl Fn() -> Resolution,
    candidates: &mut Vec<UserId>,
) -> Statement {
    let Told { by, on, field, user } = told;
    let other = otherwise();
    // The same `unionid` is surer than what the method says.
    let rehired = rehired::joining(snapshot, former, candidates);
    let is_other = |id: &&UserId| other.status == ResolutionStatus::Matched && **id != former.facts.userid;
    let matched = other.user.as_ref().filter(is_other);

    said::LINKED_GONE {
        by,
        on,
        field,
        user,
        cause: reason::cause(former.standing.cause),
        rehired,
        matched,
    }
    .into()
}

/// Who made a link, when, by which key it was met, and whom it leads to.
struct Told<'a> {
    by: Cow<'a, str>,
    on: String,
    field: &'static str,
    user: &'a UserId,
}

impl<'a> Told<'a> {
    fn of(link: &'a IdentityLink, kind: KeyKind) -> Self {
        Self {
            by: shown(&link.by),
            on: link.at.format("%Y-%m-%d").to_string(),
            field: kind.field(),
            user: &link.userid,
        }
    }

    fn linked(self) -> Statement {
        let Self { by, on, field, user } = self;
        said::LINKED { by, on, field, user }.into()
    }
}
