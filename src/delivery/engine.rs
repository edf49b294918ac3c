//! The sending half of the engine: claims what is due and keeps a few calls under way.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{
    task::{JoinError, JoinSet},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{
    budget::{Budget, RECIPIENTS_A_MINUTE},
    send::attempt,
    service::Shared,
};
use crate::{
    backoff::Backoff,
    store::{ClaimedBatch, StoreError},
};

/// Calls under way at once: enough for DingTalk's 20 calls a second at its usual 150 ms an answer.
const CALLS_UNDER_WAY: usize = 4;

/// How long to leave a database alone that doesn't answer.
const STORE_AWAY: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(30));

/// What claiming gave.
enum Claim {
    Batch(Box<ClaimedBatch>),
    /// Nothing to do for so long, unless somebody wakes us.
    Wait(Duration),
}

pub(super) struct Engine {
    shared: Arc<Shared>,
    budget: Budget,
    /// DingTalk asked us to be silent until then, or can't be reached.
    silent_until: DateTime<Utc>,
    /// When dead claims are looked for next.
    next_expiry: DateTime<Utc>,
    /// The database doesn't answer and isn't asked until then.
    store_away_until: DateTime<Utc>,
    store_failures: u32,
}

impl Engine {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let now = shared.clock.now();
        Self {
            shared,
            budget: Budget::new(RECIPIENTS_A_MINUTE),
            silent_until: now,
            next_expiry: now,
            store_away_until: now,
            store_failures: 0,
        }
    }

    pub(super) async fn run(mut self, shutdown: &CancellationToken) {
        let mut under_way = JoinSet::new();
        while !shutdown.is_cancelled() {
            let mut wait = self.shared.config.poll;
            while under_way.len() < CALLS_UNDER_WAY && !shutdown.is_cancelled() {
                match self.claim().await {
                    Ok(Claim::Batch(batch)) => {
                        let shared = self.shared.clone();
                        under_way.spawn(async move { attempt(&shared, *batch).await });
                    }
                    Ok(Claim::Wait(idle)) => {
                        wait = idle;
                        break;
                    }
                    Err(error) => {
                        wait = self.leave_store_alone(&error);
                        break;
                    }
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                Some(ended) = under_way.join_next() => self.ended(ended),
                () = self.shared.wake.notified(), if under_way.len() < CALLS_UNDER_WAY => {}
                () = sleep(wait) => {}
            }
        }
        while let Some(ended) = under_way.join_next().await {
            self.ended(ended);
        }
    }

    async fn claim(&mut self) -> Result<Claim, StoreError> {
        let Shared {
            store,
            config,
            clock,
            owner,
            ..
        } = &*self.shared;
        let poll = config.poll;
        let now = clock.now();
        let silence = self.silent_until.max(self.store_away_until) - now;
        if let Ok(silence) = silence.to_std()
            && !silence.is_zero()
        {
            return Ok(Claim::Wait(silence.min(poll)));
        }
        if self.next_expiry <= now {
            let expired = store.expire_claims().await?;
            if expired > 0 {
                tracing::warn!(
                    recipients = expired,
                    "the outcome of attempts whose process died is unknown"
                );
            }
            self.next_expiry = now + config.claim_ttl / 4;
        }
        let batch = config.batch.clamp(1, 100);
        // A whole batch or nothing: crumbs would cost a metered call each.
        let wait = self.budget.wait_for(batch, now);
        if !wait.is_zero() {
            return Ok(Claim::Wait(wait.min(poll)));
        }
        let claimed = store.claim_batch(batch, owner, config.claim_ttl).await?;
        self.store_failures = 0;
        if let Some(claimed) = claimed {
            self.budget
                .spend(u32::try_from(claimed.recipients.len()).unwrap_or(batch), now);
            return Ok(Claim::Batch(Box::new(claimed)));
        }
        let due = store.next_due().await?;
        let wait = due.map_or(poll, |due| (due - now).to_std().unwrap_or_default());
        // Never a busy loop, should the database's idea of "due" differ from ours by a moment.
        Ok(Claim::Wait(
            wait.clamp(Duration::from_millis(10), poll.max(Duration::from_millis(10))),
        ))
    }

    fn leave_store_alone(&mut self, error: &StoreError) -> Duration {
        let wait = STORE_AWAY.delay(self.store_failures);
        self.store_failures = self.store_failures.saturating_add(1);
        self.store_away_until = self.shared.clock.now() + wait;
        tracing::error!(%error, retry_in_ms = wait.as_millis() as u64, "the outbox could not be read");
        wait
    }

    fn ended(&mut self, ended: Result<Option<Duration>, JoinError>) {
        match ended {
            Ok(Some(pause)) => self.silent_until = self.silent_until.max(self.shared.clock.now() + pause),
            Ok(None) => {}
            // Its recipients become UNKNOWN when the claim expires, which is the truth.
            Err(error) => tracing::error!(%error, "an attempt broke off"),
        }
    }
}
