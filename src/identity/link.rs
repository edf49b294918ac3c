//! Links by hand: from a Confluence user to a DingTalk user, whatever the matching method says.

use std::{ops::Bound, sync::Arc};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{ConfluenceIdentity, KeyKind};
use crate::{directory::UserId, page::in_order};

/// A link by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityLink {
    /// Its id; it stays when the link is led to somebody else.
    pub id: Uuid,
    /// The Confluence user, with at least one key.
    pub identity: ConfluenceIdentity,
    /// The DingTalk user.
    pub userid: UserId,
    /// Why, in the words of whoever linked.
    pub reason: Option<String>,
    /// When it was last changed.
    pub at: DateTime<Utc>,
    /// Who changed it last: the token's subject.
    pub by: String,
}

/// Every link, found by any of its keys. Immutable; a change makes a new one.
#[derive(Debug, Clone, Default)]
pub struct Links {
    version: i64,
    by_id: imbl::OrdMap<Uuid, Arc<IdentityLink>>,
    /// A key belongs to one link; the store's compare-and-set keeps it so.
    by_key: [imbl::HashMap<String, Uuid>; KeyKind::ALL.len()],
    by_user: imbl::HashMap<UserId, imbl::OrdSet<Uuid>>,
}

/// What the links say of an identity.
#[derive(Debug, Default)]
pub(super) struct LinkMatches<'a> {
    /// Links that apply, each once, with the surest key that they share with the identity.
    pub(super) applying: Vec<(&'a Arc<IdentityLink>, KeyKind)>,
    /// A link that shares a key, but whose surer key is another one.
    pub(super) contradicted: Option<(&'a Arc<IdentityLink>, KeyKind)>,
}

impl Links {
    /// The links as the store has them at `version`.
    pub fn new(version: i64, links: impl IntoIterator<Item = IdentityLink>) -> Self {
        let mut made = Self {
            version,
            ..Self::default()
        };
        for link in links {
            made.put(link);
        }
        made
    }

    pub(super) fn at_version(mut self, version: i64) -> Self {
        self.version = version;
        self
    }

    /// Goes up with each change.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The link `id`.
    pub fn get(&self, id: Uuid) -> Option<&Arc<IdentityLink>> {
        self.by_id.get(&id)
    }

    /// Every link, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<IdentityLink>> {
        self.by_id.values()
    }

    /// The links between two ids, by id.
    pub fn between(&self, from: Bound<Uuid>, to: Bound<Uuid>) -> impl DoubleEndedIterator<Item = &Arc<IdentityLink>> {
        let between = in_order(&from, &to).then(|| self.by_id.range((from, to)));
        between.into_iter().flatten().map(|(_, link)| link)
    }

    /// The links to this DingTalk user.
    pub fn of_user(&self, userid: &str) -> impl Iterator<Item = &Arc<IdentityLink>> {
        let ids = self.by_user.get(userid).into_iter().flatten();
        ids.filter_map(|id| self.by_id.get(id))
    }

    /// Links that have any of the identity's keys, each once, by id.
    pub fn sharing_a_key(&self, identity: &ConfluenceIdentity) -> Vec<&Arc<IdentityLink>> {
        let mut ids: Vec<Uuid> = identity
            .keys()
            .filter_map(|(kind, key)| self.by_key[kind as usize].get(&*key).copied())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.iter().filter_map(|id| self.by_id.get(id)).collect()
    }

    /// Puts a link in, in the place of the one with its id.
    pub(super) fn put(&mut self, link: IdentityLink) {
        self.remove(link.id);
        for (kind, key) in link.identity.keys() {
            self.by_key[kind as usize].insert(key.into(), link.id);
        }
        self.by_user.entry(link.userid.clone()).or_default().insert(link.id);
        self.by_id.insert(link.id, Arc::new(link));
    }

    pub(super) fn remove(&mut self, id: Uuid) -> Option<Arc<IdentityLink>> {
        let link = self.by_id.remove(&id)?;
        for (kind, key) in link.identity.keys() {
            if self.by_key[kind as usize].get(&*key) == Some(&id) {
                self.by_key[kind as usize].remove(&*key);
            }
        }

        if let Some(mut ids) = self.by_user.remove(&link.userid) {
            ids.remove(&id);
            if !ids.is_empty() {
                self.by_user.insert(link.userid.clone(), ids);
            }
        }

        Some(link)
    }

    /// What they say of this identity. The surest key that both have decides: a link of the same user name does not
    /// apply to somebody with another user key, for names are given to others.
    pub(super) fn matches(&self, identity: &ConfluenceIdentity) -> LinkMatches<'_> {
        let mut matches = LinkMatches::default();
        if self.is_empty() {
            return matches;
        }

        for link in self.sharing_a_key(identity) {
            let both = KeyKind::ALL
                .into_iter()
                .find_map(|kind| Some((kind, identity.key(kind)?, link.identity.key(kind)?)));
            match both {
                Some((kind, asked, linked)) if asked == linked => matches.applying.push((link, kind)),
                Some((kind, ..)) => matches.contradicted = Some((link, kind)),
                None => {}
            }
        }
        matches
    }
}
