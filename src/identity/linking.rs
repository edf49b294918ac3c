//! Linking by hand: what a request would change, or what is wrong with it. No I/O; the store's compare-and-set does the
//! rest.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ConfluenceIdentity, IdentityLink, Links, confluence::MOST_TEXT, rehired};
use crate::{
    catalogue::links as said,
    directory::{Snapshot, UserId},
    id::id_at,
    problem::{Problem, ProblemCode},
};

/// Characters of a reason at most.
const MOST_REASON: usize = 500;

/// Whom to link with whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkRequest {
    /// The Confluence user; at least one key.
    pub identity: ConfluenceIdentity,
    /// The DingTalk user's `userid`.
    pub userid: String,
    /// Why; for people.
    pub reason: Option<String>,
    /// Whether a link that leads to somebody else may be led to this one instead.
    pub replace: bool,
}

/// Who changes links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linker<'a> {
    /// The token's subject.
    pub name: &'a str,
    /// Whether they may read links. Whoever may not touches only what they themselves changed last: were a link of
    /// others led elsewhere, left as it stands or refused by whom it leads to, each attempt would tell them that.
    pub reads: bool,
}

impl<'a> Linker<'a> {
    /// Somebody who may read links, too.
    pub const fn reading(name: &'a str) -> Self {
        Self { name, reads: true }
    }

    fn may_touch(&self, link: &IdentityLink) -> bool {
        self.reads || link.by == self.name
    }
}

/// What happened to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkAction {
    /// It is new.
    Linked,
    /// It leads to somebody else, or has other keys or another reason.
    Relinked,
    /// It is gone.
    Unlinked,
}

/// One change of one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkChange {
    /// What happens.
    pub action: LinkAction,
    /// The link as it shall stand, or as it stood; `at` and `by` are the change's.
    pub link: IdentityLink,
    /// Why, in the words of whoever changed it. The link's own reason may be an older one, which somebody else gave.
    pub reason: Option<String>,
    /// To whom it led before.
    pub before: Option<UserId>,
    /// Whether it came from an imported file.
    pub imported: bool,
}

/// One line of the links' history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkHistoryEntry {
    /// Its place.
    pub id: i64,
    /// What happened, to which link, when, by whom and why.
    pub change: LinkChange,
}

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkPlan {
    /// A link is made or changed.
    Change(LinkChange),
    /// This link says it already.
    Unchanged(IdentityLink),
}

impl LinkPlan {
    /// The change, where there is one.
    pub fn change(self) -> Option<LinkChange> {
        match self {
            Self::Change(change) => Some(change),
            Self::Unchanged(_) => None,
        }
    }

    /// The id of the link that stands then.
    pub(super) fn id(&self) -> Uuid {
        match self {
            Self::Change(change) => change.link.id,
            Self::Unchanged(link) => link.id,
        }
    }
}

impl Links {
    /// What `request` comes to.
    pub fn plan(
        &self,
        snapshot: &Snapshot,
        request: LinkRequest,
        by: Linker<'_>,
        at: DateTime<Utc>,
    ) -> Result<LinkPlan, Problem> {
        let LinkRequest {
            identity,
            userid,
            reason,
            replace,
        } = tidy(request)?;

        let existing = self.link_to_change(&identity, by)?;
        let merged = existing.map_or_else(|| identity.clone(), |it| it.identity.updated_by(&identity));

        if let Some(existing) = existing
            && existing.userid.as_str() == userid
            && existing.identity == merged
            && (reason.is_none() || existing.reason == reason)
        {
            return Ok(LinkPlan::Unchanged(IdentityLink::clone(existing)));
        }

        let userid = present(snapshot, &userid)?;
        if let Some(existing) = existing.filter(|it| it.userid != userid && !replace) {
            let message = said::LINK_LEADS_ELSEWHERE {
                user: &existing.userid,
                by: &existing.by,
                wanted: &userid,
            };
            return Err(Problem::new(ProblemCode::Conflict, &["identity"], message));
        }

        // Why somebody was linked says nothing of whoever is linked in their place.
        let kept = existing
            .filter(|it| it.userid == userid && is_extended_by(&it.identity, &merged))
            .and_then(|it| it.reason.clone());

        Ok(LinkPlan::Change(LinkChange {
            action: if existing.is_some() {
                LinkAction::Relinked
            } else {
                LinkAction::Linked
            },
            before: existing.map(|it| it.userid.clone()),
            link: IdentityLink {
                id: existing.map_or_else(|| id_at(at), |it| it.id),
                identity: merged,
                userid,
                reason: reason.clone().or(kept),
                at,
                by: by.name.to_owned(),
            },
            reason,
            imported: false,
        }))
    }

    /// The link that has keys of `identity`, if any, or why it can't be changed.
    fn link_to_change(
        &self,
        identity: &ConfluenceIdentity,
        by: Linker<'_>,
    ) -> Result<Option<&Arc<IdentityLink>>, Problem> {
        let sharing = self.sharing_a_key(identity);
        // Before the checks below: they tell of the links, which this caller may not read.
        if !sharing.iter().all(|link| by.may_touch(link)) {
            return Err(of_others());
        }

        match sharing.as_slice() {
            [] => Ok(None),
            [only] => {
                consistent(only, identity)?;
                Ok(Some(*only))
            }
            several => Err(contested(several.len())),
        }
    }

    /// Taking the link `id` away.
    pub fn plan_removal(
        &self,
        id: Uuid,
        reason: Option<String>,
        by: Linker<'_>,
        at: DateTime<Utc>,
    ) -> Result<LinkChange, Problem> {
        let reason = text("reason", reason, MOST_REASON)?;
        let gone = || Problem::new(ProblemCode::NotFound, &["id"], said::LINK_NOT_FOUND {});

        let link = self.get(id).filter(|link| by.may_touch(link)).ok_or_else(gone)?;
        Ok(LinkChange {
            action: LinkAction::Unlinked,
            before: Some(link.userid.clone()),
            link: IdentityLink {
                reason: reason.clone(),
                at,
                by: by.name.to_owned(),
                ..IdentityLink::clone(link)
            },
            reason,
            imported: false,
        })
    }

    /// The links after this change.
    #[must_use]
    pub fn changed(mut self, version: i64, changes: &[LinkChange]) -> Self {
        for change in changes {
            match change.action {
                LinkAction::Unlinked => drop(self.remove(change.link.id)),
                LinkAction::Linked | LinkAction::Relinked => self.put(change.link.clone()),
            }
        }
        self.at_version(version)
    }
}

/// What is around a text came with the clipboard, and a blank one is none.
fn text(field: &'static str, value: Option<String>, most: usize) -> Result<Option<String>, Problem> {
    let value = value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let Some(text) = &value else { return Ok(None) };

    if text.chars().count() > most {
        let message = said::TEXT_LONGER { field, most };
        return Err(Problem::new(ProblemCode::TooLong, &[field], message));
    }
    if text.chars().any(char::is_control) {
        let message = said::TEXT_CONTROL_CHARACTER { field };
        return Err(Problem::new(ProblemCode::Invalid, &[field], message));
    }
    Ok(value)
}

fn tidy(request: LinkRequest) -> Result<LinkRequest, Problem> {
    let identity = ConfluenceIdentity {
        username: text("username", request.identity.username, MOST_TEXT)?,
        user_key: text("userKey", request.identity.user_key, MOST_TEXT)?,
        account_id: text("accountId", request.identity.account_id, MOST_TEXT)?,
        email: text("email", request.identity.email, MOST_TEXT)?,
        display_name: text("displayName", request.identity.display_name, MOST_TEXT)?,
    };
    if identity.surest_key().is_none() {
        let message = said::IDENTITY_WITHOUT_KEY {};
        return Err(Problem::new(ProblemCode::Required, &["identity"], message));
    }

    Ok(LinkRequest {
        identity,
        reason: text("reason", request.reason, MOST_REASON)?,
        ..request
    })
}

/// Whether every key of `old` is one of `new`, too.
fn is_extended_by(old: &ConfluenceIdentity, new: &ConfluenceIdentity) -> bool {
    old.keys().all(|(kind, key)| new.key(kind) == Some(key))
}

fn of_others() -> Problem {
    Problem::new(ProblemCode::Conflict, &["identity"], said::LINK_OF_OTHERS {})
}

fn contested(count: usize) -> Problem {
    Problem::new(ProblemCode::Conflict, &["identity"], said::LINKS_CONTEST { count })
}

/// A surer key that differs makes it another account that happens to share a name.
fn consistent(existing: &IdentityLink, identity: &ConfluenceIdentity) -> Result<(), Problem> {
    let differs = super::KeyKind::ALL.into_iter().find_map(|kind| {
        let (asked, linked) = (identity.key(kind)?, existing.identity.key(kind)?);
        Some((kind, asked != linked))
    });

    match differs {
        Some((kind, true)) => {
            let message = said::LINK_OF_ANOTHER {
                user: &existing.userid,
                field: kind.field(),
            };
            Err(Problem::new(ProblemCode::Conflict, &[kind.field()], message))
        }
        _ => Ok(()),
    }
}

fn present(snapshot: &Snapshot, userid: &str) -> Result<UserId, Problem> {
    if userid.is_empty() {
        let blank = said::LINKED_USER_BLANK {};
        return Err(Problem::new(ProblemCode::Required, &["userId"], blank));
    }

    match snapshot.user(userid) {
        Some(user) if user.standing.is_present() => Ok(user.facts.userid.clone()),
        Some(user) => {
            let message = said::LINKED_USER_GONE {
                user: userid,
                rehired: rehired(snapshot, user),
            };
            Err(Problem::new(ProblemCode::Invalid, &["userId"], message))
        }
        None => {
            let message = said::LINKED_USER_UNKNOWN { user: userid };
            Err(Problem::new(ProblemCode::NotFound, &["userId"], message))
        }
    }
}
