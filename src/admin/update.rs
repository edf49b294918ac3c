//! The one way by which settings change.

use std::sync::Arc;

use super::tester;
use crate::{
    audit::Author,
    clock::Clock,
    directory::SnapshotHandle,
    identity::{Identities, Rehearsal},
    problem::Problem,
    settings::{AllowedHosts, OpenedSettings, Sealer, Settings, SettingsHandle, SettingsPatch, StoredSettings},
    store::{Store, StoreError},
};

/// Changes the settings, for every replica. Cheap to clone.
#[derive(Clone)]
pub struct Admin {
    store: Store,
    settings: SettingsHandle,
    sealer: Sealer,
    allowed_hosts: Arc<AllowedHosts>,
    snapshots: SnapshotHandle,
    identities: Identities,
    clock: Clock,
}

/// Why the settings stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// What is wrong with which field, everything at once.
    #[error("the settings are not valid: {}", .0.iter().map(|problem| problem.message.to_string()).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Problem>),
    /// Somebody else was faster: read again, then decide again.
    #[error("the settings changed meanwhile: they are at version {actual}")]
    VersionConflict {
        /// The version in force.
        actual: i64,
    },
    /// Another matching method would make known Confluence identities other people: that wants a rehearsal's token.
    #[error("{changes_person} Confluence identities would be other people: rehearse the matching method first")]
    NotRehearsed {
        /// How many.
        changes_person: usize,
        /// Whether a token was given, and was one of other settings or another revision.
        stale: bool,
    },
    /// The database.
    #[error(transparent)]
    Store(StoreError),
}

impl Admin {
    /// `settings` is what this process reads; the other replicas follow the database.
    pub fn new(
        store: Store,
        settings: SettingsHandle,
        sealer: Sealer,
        allowed_hosts: AllowedHosts,
        snapshots: SnapshotHandle,
        identities: Identities,
        clock: Clock,
    ) -> Self {
        Self {
            store,
            settings,
            sealer,
            allowed_hosts: Arc::new(allowed_hosts),
            snapshots,
            identities,
            clock,
        }
    }

    /// Applies `patch` to version `expected_version`. A patch that changes nothing takes no version.
    pub async fn update(
        &self,
        expected_version: i64,
        patch: SettingsPatch,
        by: impl Into<Author>,
    ) -> Result<Arc<Settings>, UpdateError> {
        self.update_rehearsed(expected_version, patch, None, by).await
    }

    /// [`Self::update`] with the token of a rehearsal, which a change of the matching method needs where somebody would
    /// be another person.
    pub async fn update_rehearsed(
        &self,
        expected_version: i64,
        patch: SettingsPatch,
        token: Option<&str>,
        by: impl Into<Author>,
    ) -> Result<Arc<Settings>, UpdateError> {
        let by = by.into();
        let stored = self.store.load_settings().await?;
        if stored.version != expected_version {
            return Err(UpdateError::VersionConflict { actual: stored.version });
        }

        let now = self.clock.now();
        let before = self.read(&stored);
        let unknown = tester::unknown(&patch, &before, &self.snapshots.current());
        let after = match (patch.apply(&before, &self.allowed_hosts, now), unknown) {
            (Ok(after), None) => after,
            (applied, unknown) => {
                let errors = applied.err().into_iter().flatten().chain(unknown);
                return Err(UpdateError::Invalid(errors.collect()));
            }
        };

        if after.matching_method != before.matching_method {
            self.rehearsed(&before, &after, token).await?;
        }

        let mut row = stored.patched(&patch, &after, &self.sealer);
        let history = before.audit(&after, &patch, stored.app_secret_sealed.is_some(), now, &by.subject);
        // Compared as stored, too: clearing a secret that can't be opened is a change, though it counted as not set.
        if history.is_empty() && row == stored {
            return Ok(self.put_in_force(before));
        }

        row.updated_at = Some(now);
        row.updated_by = Some(by.subject.clone());
        let saved = self.store.save_settings(expected_version, row, history, by).await?;
        Ok(self.put_in_force(self.read(&saved)))
    }

    /// Back to the defaults, secret cleared. `token`: as in [`Self::update_rehearsed`].
    pub async fn reset(
        &self,
        expected_version: i64,
        token: Option<&str>,
        by: impl Into<Author>,
    ) -> Result<Arc<Settings>, UpdateError> {
        self.update_rehearsed(expected_version, SettingsPatch::to_defaults(), token, by)
            .await
    }

    /// Whether nobody would be another person, or whoever changes the method has seen who would.
    async fn rehearsed(&self, before: &Settings, after: &Settings, token: Option<&str>) -> Result<(), UpdateError> {
        let (snapshot, links) = (self.snapshots.current(), self.identities.links.current());
        let (known, before, method) = (self.identities.memory.known(), before.clone(), after.matching_method);

        let rehearsal =
            tokio::task::spawn_blocking(move || Rehearsal::run(&snapshot, &links, &before, method, &known)).await;
        let rehearsal = rehearsal.map_err(|error| UpdateError::Store(StoreError::Corrupt(error.to_string())))?;

        if rehearsal.changes_person.is_empty() || token == Some(rehearsal.token().as_str()) {
            return Ok(());
        }
        Err(UpdateError::NotRehearsed {
            changes_person: rehearsal.changes_person.len(),
            stale: token.is_some(),
        })
    }

    /// Stored row -> settings in force (defaults filled in, secret opened; a secret that can't be opened counts as not
    /// set, a URL whose host isn't allowed any more as not configured, and both are logged).
    pub fn open(&self, stored: StoredSettings) -> Settings {
        let OpenedSettings {
            settings,
            secret_unreadable,
            not_allowed,
        } = stored.open(&self.sealer, &self.allowed_hosts);

        if secret_unreadable {
            tracing::warn!(
                "the stored appSecret was sealed with another DINGMIRROR_SECRET_KEY: set that key, or appSecret again"
            );
        }

        // Before anybody has filled the form in, a default that can't be called is nothing to warn of: it is told as
        // missing.
        if !not_allowed.is_empty() && settings.version > 0 {
            let fields: Vec<_> = not_allowed.iter().map(|api| api.field()).collect();
            tracing::warn!(
                settings.fields = fields.join(", "),
                settings.allowed_hosts = %self.allowed_hosts,
                "these URLs, set or by default, are at hosts that DINGMIRROR_ALLOWED_HOSTS doesn't name: they are not called"
            );
        }
        settings
    }

    /// As `open`, without the warnings: they were given when these settings came into force.
    fn read(&self, stored: &StoredSettings) -> Settings {
        stored.open(&self.sealer, &self.allowed_hosts).settings
    }

    fn put_in_force(&self, settings: Settings) -> Arc<Settings> {
        let made = Arc::new(settings.clone());
        self.settings.publish(settings);
        made
    }
}

impl From<StoreError> for UpdateError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::VersionConflict { actual, .. } => Self::VersionConflict { actual },
            error => Self::Store(error),
        }
    }
}
