//! The Confluence identities that are known: asked for before, or linked by hand.

use std::{ops::Bound, sync::Arc};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{ConfluenceIdentity, Resolution, ResolutionStatus};
use crate::{
    directory::{Revision, UserId},
    page::in_order,
};

/// What an identity came to: whoever hears of changes hears of a change of this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchOutcome {
    /// The status.
    pub status: ResolutionStatus,
    /// The DingTalk user, where the status has one.
    pub user: Option<UserId>,
}

impl From<&Resolution> for MatchOutcome {
    fn from(found: &Resolution) -> Self {
        Self {
            status: found.status,
            user: found.user.clone(),
        }
    }
}

/// What an outcome was judged by. A process that lags behind in any of it must not overrule one that doesn't.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JudgedBy {
    /// The directory's revision.
    pub revision: Revision,
    /// The links' version.
    pub links: i64,
    /// The settings' version.
    pub settings: i64,
}

impl JudgedBy {
    /// Whether whoever stands at `self` has seen everything that `other` had.
    pub fn covers(&self, other: &Self) -> bool {
        self.revision >= other.revision && self.links >= other.links && self.settings >= other.settings
    }
}

/// An identity that is somebody else than it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeChange {
    /// The identity.
    pub id: Uuid,
    /// What it was: if that doesn't stand there any more, somebody else has recorded the change.
    pub before: MatchOutcome,
    /// What it is.
    pub after: MatchOutcome,
    /// By what that was judged.
    pub judged_by: JudgedBy,
}

/// A Confluence identity that was asked for or linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownIdentity {
    /// Its id.
    pub id: Uuid,
    /// What is known of it, the latest first.
    pub identity: ConfluenceIdentity,
    /// When it was first asked for.
    pub first_seen: DateTime<Utc>,
    /// When it was last asked for, to about a day.
    pub last_seen: DateTime<Utc>,
    /// Whether a link by hand names it: then it is kept however long nobody asks.
    pub linked: bool,
    /// What it came to when that last changed.
    pub outcome: MatchOutcome,
    /// By what that was judged.
    pub judged_by: JudgedBy,
}

/// The known identities. Immutable; a change makes a new one that shares the rest.
#[derive(Debug, Clone, Default)]
pub struct KnownIdentities {
    version: i64,
    bytes: usize,
    by_id: imbl::OrdMap<Uuid, Arc<KnownIdentity>>,
    by_key: imbl::HashMap<String, Uuid>,
    by_user: imbl::HashMap<UserId, imbl::OrdSet<Uuid>>,
}

impl KnownIdentities {
    /// The store's version that it shows.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Bytes of all of their texts.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The identity `id`.
    pub fn get(&self, id: Uuid) -> Option<&Arc<KnownIdentity>> {
        self.by_id.get(&id)
    }

    /// The identity with this surest key.
    pub fn by_key(&self, key: &str) -> Option<&Arc<KnownIdentity>> {
        self.by_id.get(self.by_key.get(key)?)
    }

    /// All of them by id, which is about the order in which they were first seen.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<KnownIdentity>> {
        self.by_id.values()
    }

    /// Those between two ids, by id.
    pub fn between(&self, from: Bound<Uuid>, to: Bound<Uuid>) -> impl DoubleEndedIterator<Item = &Arc<KnownIdentity>> {
        let between = in_order(&from, &to).then(|| self.by_id.range((from, to)));
        between.into_iter().flatten().map(|(_, known)| known)
    }

    /// Those whose outcome names this DingTalk user, by id.
    pub fn of_user(&self, userid: &str) -> impl DoubleEndedIterator<Item = &Arc<KnownIdentity>> + Clone {
        let ids = self.by_user.get(userid).into_iter().flatten();
        ids.filter_map(|id| self.by_id.get(id))
    }

    /// This one with the rows that changed up to `version`.
    #[must_use]
    pub fn with(&self, version: i64, changed: impl IntoIterator<Item = KnownIdentity>) -> Self {
        let mut next = self.clone();
        next.version = version;

        for known in changed {
            next.remove(known.id);
            if let Some(key) = known.identity.surest_key() {
                next.by_key.insert(key, known.id);
            }
            if let Some(user) = &known.outcome.user {
                next.by_user.entry(user.clone()).or_default().insert(known.id);
            }
            next.bytes += known.identity.bytes();
            next.by_id.insert(known.id, Arc::new(known));
        }

        next
    }

    /// This one without what nobody asked for since `cutoff` and no link names.
    #[must_use]
    pub fn since(&self, cutoff: DateTime<Utc>) -> Self {
        let mut next = self.clone();
        let forgotten = self.iter().filter(|known| !known.linked && known.last_seen < cutoff);
        for known in forgotten {
            next.remove(known.id);
        }
        next
    }

    fn remove(&mut self, id: Uuid) {
        let Some(known) = self.by_id.remove(&id) else { return };
        self.bytes -= known.identity.bytes();

        // Another row may have the key by now.
        if let Some(key) = known.identity.surest_key()
            && self.by_key.get(&key) == Some(&id)
        {
            self.by_key.remove(&key);
        }

        if let Some(user) = &known.outcome.user
            && let Some(mut ids) = self.by_user.remove(user)
        {
            ids.remove(&id);
            if !ids.is_empty() {
                self.by_user.insert(user.clone(), ids);
            }
        }
    }
}
