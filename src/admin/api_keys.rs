//! API keys: making and revoking them, and keeping this process in step with those in force.

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    audit::Author,
    auth::{ApiKey, ApiKeySecret, ApiKeysHandle, MAX_API_KEYS, NewApiKey},
    catalogue::api_keys as said,
    clock::Clock,
    id::id_at,
    problem::{Problem, ProblemCode},
    store::{KeyCreation, Store, StoreError},
};

/// How often the database is asked whether other keys are in force: what is revoked elsewhere ends here within twice
/// that.
const LOOK_EVERY: Duration = Duration::from_millis(800);

/// Makes and revokes API keys, for every replica. Cheap to clone.
#[derive(Clone)]
pub struct ApiKeyAdmin {
    store: Store,
    keys: ApiKeysHandle,
    clock: Clock,
    /// The operator's longest life of a key.
    longest: Duration,
    /// The mark of the keys that are in force here. Whoever reads them holds it, so that no older ones come after newer
    /// ones.
    read: Arc<Mutex<Option<String>>>,
}

/// A key that was just made, with what is never shown again.
#[derive(Debug)]
pub struct CreatedKey {
    /// As it is listed.
    pub key: ApiKey,
    /// The key itself.
    pub secret: SecretString,
}

/// Why no key was made.
#[derive(Debug, thiserror::Error)]
pub enum KeyCreationError {
    /// What is wrong with the request.
    #[error("{}", .0.iter().map(|it| it.message.to_string()).collect::<Vec<_>>().join("; "))]
    Problems(Vec<Problem>),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoChance,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ApiKeyAdmin {
    /// `keys` is what this process verifies by; `longest`: how long a key may live.
    pub fn new(store: Store, keys: ApiKeysHandle, clock: Clock, longest: Duration) -> Self {
        Self {
            store,
            keys,
            clock,
            longest,
            read: Arc::default(),
        }
    }

    /// The keys in force here.
    pub fn handle(&self) -> &ApiKeysHandle {
        &self.keys
    }

    /// Makes a key, in the name of `by`. This process takes it at once, the others within two seconds.
    pub async fn create(&self, new: NewApiKey, by: impl Into<Author>) -> Result<CreatedKey, KeyCreationError> {
        let by = by.into();
        let now = self.clock.now();
        let problems = new.check(now, self.longest);
        if !problems.is_empty() {
            return Err(KeyCreationError::Problems(problems));
        }

        let secret = ApiKeySecret::make(id_at(now)).ok_or(KeyCreationError::NoChance)?;
        let key = ApiKey {
            id: secret.id,
            name: new.name.trim().to_owned(),
            permissions: new.permissions,
            hash: secret.hash(),
            created_at: now,
            created_by: by.subject.clone(),
            expires_at: new.expires_at,
            last_used_at: None,
            revoked_at: None,
            revoked_by: None,
        };

        if self.store.create_api_key(&key, &by).await? == KeyCreation::TooMany {
            let message = said::API_KEYS_TOO_MANY { most: MAX_API_KEYS };
            let problem = Problem::new(ProblemCode::Conflict, &[], message);
            return Err(KeyCreationError::Problems(vec![problem]));
        }
        let by = by.subject;
        tracing::info!(key = %key.id.simple(), name = key.name, by, expires_at = %key.expires_at, "an API key was made");
        self.taken_up().await;
        Ok(CreatedKey {
            key,
            secret: secret.text(),
        })
    }

    /// Revokes a key, in the name of `by`; as it stands then. This process refuses it when this returns, the others
    /// within two seconds. `None`: there is no such key.
    pub async fn revoke(&self, id: Uuid, by: impl Into<Author>) -> Result<Option<ApiKey>, StoreError> {
        let by = by.into();
        let revoked = self.store.revoke_api_key(id, &by).await?;
        if let Some(key) = &revoked {
            tracing::info!(key = %id.simple(), name = key.name, by = by.subject, "an API key was revoked");
        }
        self.taken_up().await;
        Ok(revoked)
    }

    /// Reads the keys in force, where others are than this process has.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let mut mark = self.read.lock().await;
        if let Some(newest) = self.store.api_keys_in_force(mark.as_deref()).await? {
            self.keys.publish(newest.keys);
            *mark = Some(newest.mark);
        }
        Ok(())
    }

    /// What was changed counts here from now on. It is done; where it can't be read back, the next look tells.
    async fn taken_up(&self) {
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "the API keys can't be read; they are again in a moment");
        }
    }

    /// Follows the keys in force and writes down their use, until `shutdown`.
    ///
    /// While the database is away, the keys that were in force last stay so: nobody can revoke one then either.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut is_away = false;
        while !shutdown.is_cancelled() {
            match self.look(false).await {
                Ok(()) if is_away => {
                    tracing::info!("the API keys can be followed again");
                    is_away = false;
                }
                Ok(()) => {}
                // Said once; every further look would only repeat it.
                Err(error) if !is_away => {
                    tracing::warn!(%error, "the API keys can't be followed; those that were in force last stay so");
                    is_away = true;
                }
                Err(_) => {}
            }

            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }

        if let Err(error) = self.look(true).await {
            tracing::debug!(%error, "the last uses of API keys were not written down");
        }
    }

    /// `all`: also uses that would be written down a moment later.
    async fn look(&self, all: bool) -> Result<(), StoreError> {
        self.refresh().await?;

        let now = self.clock.now();
        let uses = self.keys.unwritten(now, all);
        self.store.note_key_uses(&uses).await?;
        self.keys.written(&uses, now);
        Ok(())
    }
}
