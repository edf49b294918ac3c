//! What identities are judged by at one moment.

use std::sync::Arc;

use super::context::MatchingContext;
use crate::{
    directory::Snapshot,
    identity::{ConfluenceIdentity, JudgedBy, Links, Resolution, resolve},
    settings::Settings,
};

/// What an identity is judged by at one moment.
#[derive(Clone)]
pub(super) struct Grounds {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) links: Arc<Links>,
    pub(super) settings: Arc<Settings>,
}

impl Grounds {
    pub(super) fn of(context: &MatchingContext) -> Self {
        Self {
            snapshot: context.snapshots.current(),
            links: context.identities.links.current(),
            settings: context.settings.current(),
        }
    }

    pub(super) fn resolve(&self, identity: &ConfluenceIdentity) -> Resolution {
        resolve(&self.snapshot, &self.links, self.settings.matching_method, identity)
    }

    pub(super) fn judged_by(&self) -> JudgedBy {
        JudgedBy {
            revision: self.snapshot.revision(),
            links: self.links.version(),
            settings: self.settings.version,
        }
    }
}
