//! What the engine works with.

use crate::{clock::Clock, directory::SnapshotHandle, identity::Identities, settings::SettingsHandle, store::Store};

/// What every part of a turn works with. Cheap to clone.
#[derive(Clone)]
pub(super) struct MatchingContext {
    pub(super) store: Store,
    pub(super) snapshots: SnapshotHandle,
    pub(super) settings: SettingsHandle,
    pub(super) identities: Identities,
    pub(super) clock: Clock,
}
