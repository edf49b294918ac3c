//! Tokens: revoking them, and keeping this process in step with those that are revoked.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::{
    audit::Author,
    auth::{MAX_LIFETIME, MAX_REVOCATIONS, NewRevocation, Revocation, RevocationsHandle, Revoked},
    catalogue::tokens as said,
    clock::Clock,
    id::id_at,
    problem::{Problem, ProblemCode},
    store::{RevocationOutcome, Store, StoreError},
};

/// How often the database is asked whether others are revoked: a token that is revoked elsewhere is refused here within
/// twice that.
const LOOK_EVERY: Duration = Duration::from_millis(800);

/// Beyond the longest life of a token: clocks differ, and so do replicas' configurations for a while.
const SLACK: TimeDelta = TimeDelta::days(1);

/// Nobody waits for a longer one.
const LONGEST: TimeDelta = TimeDelta::days(36_500);

/// Revokes tokens, for every replica. Cheap to clone.
#[derive(Clone)]
pub struct TokenAdmin {
    store: Store,
    revocations: RevocationsHandle,
    clock: Clock,
    /// How long a token may live.
    longest: Duration,
    /// The mark of those that are in force here. Whoever reads them holds it, so that no older ones come after newer
    /// ones.
    read: Arc<Mutex<Option<String>>>,
}

/// Why nothing was revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevocationError {
    /// What is wrong with the request.
    #[error("{}", .0.iter().map(|it| it.message.to_string()).collect::<Vec<_>>().join("; "))]
    Problems(Vec<Problem>),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TokenAdmin {
    /// `revocations` is what this process verifies by; `longest`: how long a token may live.
    pub fn new(store: Store, revocations: RevocationsHandle, clock: Clock, longest: Duration) -> Self {
        Self {
            store,
            revocations,
            clock,
            longest,
            read: Arc::default(),
        }
    }

    /// What is revoked here.
    pub fn handle(&self) -> &RevocationsHandle {
        &self.revocations
    }

    /// Revokes tokens, in the name of `by`; as it stands then. This process refuses them when this returns, the others
    /// within two seconds.
    pub async fn revoke(&self, new: NewRevocation, by: impl Into<Author>) -> Result<Revocation, RevocationError> {
        let author = by.into();
        let by = author.subject.as_str();
        let now = self.clock.now();
        let revoked = new.check(now).map_err(RevocationError::Problems)?;
        let longest = TimeDelta::from_std(self.longest.max(MAX_LIFETIME)).map_or(LONGEST, |it| it.min(LONGEST));
        let revocation = Revocation {
            id: id_at(now),
            revoked,
            revoked_at: now,
            revoked_by: by.to_owned(),
            over_at: now + longest + SLACK,
        };

        let revocation = match self.store.revoke_tokens(&revocation, author.clone()).await? {
            RevocationOutcome::Done(revocation) => revocation,
            RevocationOutcome::TooMany => {
                let message = said::REVOCATIONS_TOO_MANY { most: MAX_REVOCATIONS };
                let problem = Problem::new(ProblemCode::Conflict, &[], message);
                return Err(RevocationError::Problems(vec![problem]));
            }
        };
        match &revocation.revoked {
            Revoked::Token(token) => tracing::info!(token = token.id, issuer = token.issuer, by, "a token was revoked"),
            Revoked::Subject { subject, issued_before } => {
                tracing::info!(subject, %issued_before, by, "somebody's tokens were revoked");
            }
        }

        // It is done; where it can't be read back, the next look tells.
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "the revoked tokens can't be read; they are again in a moment");
        }
        Ok(revocation)
    }

    /// Reads what is revoked, where that is something else than this process has.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let mut mark = self.read.lock().await;
        if let Some(newest) = self.store.revocations_in_force(mark.as_deref()).await? {
            self.revocations.publish(newest.revocations);
            *mark = Some(newest.mark);
        }
        Ok(())
    }

    /// Follows what is revoked until `shutdown`.
    ///
    /// While the database is away, nobody can revoke anything either.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut is_away = false;
        while !shutdown.is_cancelled() {
            match self.refresh().await {
                Ok(()) if is_away => {
                    tracing::info!("the revoked tokens can be followed again");
                    is_away = false;
                }
                Ok(()) => {}
                // Said once; every further look would only repeat it.
                Err(error) if !is_away => {
                    tracing::warn!(%error, "the revoked tokens can't be followed; those that are known stay revoked");
                    is_away = true;
                }
                Err(_) => {}
            }

            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}
