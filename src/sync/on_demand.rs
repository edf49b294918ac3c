//! Reading one record because a caller asks for it.

use std::sync::Arc;

use super::{SyncEngine, refresh::RefreshError};
use crate::{
    catalogue::Statement,
    dingtalk::{Connection, Error},
    directory::{Cause, DeptId, RecordId, Revision, UserId},
    store::StoreError,
};

/// What reading a record on request came to.
#[derive(Debug, Clone)]
pub struct OnDemand {
    /// The mirror's revision that it made; `None` where nothing differed.
    pub revision: Option<Revision>,
    /// Why DingTalk did not tell: outside the contact scope, or no answer. The mirror is as it was.
    pub untold: Option<Error>,
    /// Whether DingTalk says that it is gone, and its removal waits for approval.
    pub held: bool,
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum OnDemandError {
    /// Settings that are missing.
    #[error("{0}")]
    NotConfigured(Statement),
    /// DingTalk refuses, or can't be reached: the error says what to do.
    #[error(transparent)]
    DingTalk(Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SyncEngine {
    /// Reads one person now, and whatever department of theirs the mirror doesn't know.
    pub async fn refresh_user(&self, id: UserId, who: &str) -> Result<OnDemand, OnDemandError> {
        self.refresh(RecordId::User(id), who).await
    }

    /// Reads one department now; of one that is gone, also whoever and whatever was in it.
    pub async fn refresh_department(&self, id: DeptId, who: &str) -> Result<OnDemand, OnDemandError> {
        self.refresh(RecordId::Department(id), who).await
    }

    async fn refresh(&self, record: RecordId, who: &str) -> Result<OnDemand, OnDemandError> {
        let inner = &self.0;
        let settings = inner.settings.current();
        let connection = Connection::from_settings(&settings)
            .map_err(|missing| OnDemandError::NotConfigured(settings.incomplete(&missing)))?;
        let session = inner.client.with(Arc::new(connection));

        let refreshed = self
            .refresher(&session, &settings, None)
            .refresh([record.clone()].into(), Cause::Request(who.to_owned()), None)
            .await
            .map_err(|error| match error {
                RefreshError::DingTalk(error) => OnDemandError::DingTalk(error),
                RefreshError::Store(error) => OnDemandError::Store(error),
            })?;

        let untold = refreshed.untold.into_iter().find(|(untold, _)| *untold == record);
        Ok(OnDemand {
            revision: refreshed.revision,
            untold: untold.map(|(_, error)| error),
            held: refreshed.held,
        })
    }
}
