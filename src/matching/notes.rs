//! From notes and links to rows.

use chrono::{DateTime, Utc};

use super::grounds::Grounds;
use crate::{
    id::id_at,
    identity::{ConfluenceIdentity, KnownIdentities, KnownIdentity, MatchOutcome},
};

impl Grounds {
    /// The row of an identity that was asked for now, or linked.
    fn row(&self, known: &KnownIdentities, noted: &ConfluenceIdentity, now: DateTime<Utc>) -> Option<KnownIdentity> {
        let before = known.by_key(&noted.surest_key()?);
        // Without blank fields: in the database they would stand in the place of what another process learned.
        let identity = before
            .map(|it| it.identity.clone())
            .unwrap_or_default()
            .updated_by(noted);

        let found = self.resolve(&identity);
        Some(KnownIdentity {
            id: before.map_or_else(|| id_at(now), |it| it.id),
            first_seen: before.map_or(now, |it| it.first_seen),
            last_seen: now,
            linked: before.is_some_and(|it| it.linked),
            outcome: MatchOutcome::from(&found),
            judged_by: self.judged_by(),
            identity,
        })
    }

    /// Rows of those who were asked for.
    pub(super) fn asked(
        &self,
        known: &KnownIdentities,
        notes: &[ConfluenceIdentity],
        now: DateTime<Utc>,
    ) -> Vec<KnownIdentity> {
        notes.iter().filter_map(|noted| self.row(known, noted, now)).collect()
    }

    /// Rows of links whose identity is not known as linked, and of identities that no link names any more.
    pub(super) fn relinked(&self, known: &KnownIdentities, now: DateTime<Utc>) -> Vec<KnownIdentity> {
        let is_known = |identity: &ConfluenceIdentity| {
            let known = identity.surest_key().and_then(|key| known.by_key(&key));
            known.is_some_and(|it| it.linked)
        };

        let links = self.links.iter().filter(|link| !is_known(&link.identity));
        let linked = links.filter_map(|link| {
            Some(KnownIdentity {
                linked: true,
                ..self.row(known, &link.identity, now)?
            })
        });

        let names = |it: &KnownIdentity| {
            let key = it.identity.surest_key();
            let links = self.links.sharing_a_key(&it.identity);
            links.iter().any(|link| link.identity.surest_key() == key)
        };
        let unlinked = known.iter().filter(|it| it.linked && !names(it));
        let unlinked = unlinked.map(|it| KnownIdentity {
            linked: false,
            last_seen: now,
            ..KnownIdentity::clone(it)
        });

        linked.chain(unlinked).collect()
    }
}
