//! One turn of the engine.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use tokio::time::Instant;

use super::{
    causes::by_cause,
    context::MatchingContext,
    grounds::Grounds,
    why::{Look, why},
};
use crate::{directory::Epoch, identity::KnownIdentities, store::StoreError};

/// Identities written in one transaction.
const BATCH: usize = 2_000;
/// Changes recorded in one transaction.
const CHANGES: usize = 500;
/// Judging that is quicker than this needs no rest.
const WORTH_A_REST: Duration = Duration::from_millis(50);
/// Between two clearings of what nobody asks for any more.
const FORGET_EVERY: Duration = Duration::from_hours(1);

/// What the last turn left.
#[derive(Default)]
pub(super) struct Rounds {
    /// The database's, whose known identities these are.
    epoch: Option<Epoch>,
    /// By what the known identities were judged.
    judged: Option<Look>,
    /// At which links and which known identities the links' own identities were looked through.
    looked_through: Option<(i64, i64)>,
    /// Judging takes a tenth of the time at most: it rests nine times as long as it took.
    rests_until: Option<Instant>,
    forgot: Option<Instant>,
}

impl Rounds {
    pub(super) async fn turn(&mut self, context: &MatchingContext) -> Result<(), StoreError> {
        self.follow(context).await?;
        if self.remember(context).await? {
            self.follow(context).await?;
        }
        if self.watch(context).await? {
            self.follow(context).await?;
        }
        self.forget(context).await
    }

    /// Takes over what other replicas, or this one, wrote.
    pub(super) async fn follow(&mut self, context: &MatchingContext) -> Result<(), StoreError> {
        let (store, identities) = (&context.store, &context.identities);
        let epoch = store.epoch().await?;
        if self.epoch.as_ref() != Some(&epoch) {
            if self.epoch.is_some() {
                // The database lacks some of what is known here, or has it otherwise.
                identities.memory.publish(KnownIdentities::default());
                self.judged = None;
                self.looked_through = None;
            }
            self.epoch = Some(epoch);
        }

        let present = store.identity_versions().await?;
        if present.links > identities.links.current().version() {
            identities.links.publish(store.load_links().await?);
        }

        // The rows come some thousands at once.
        loop {
            let known = identities.memory.known();
            if known.version() >= present.known {
                return Ok(());
            }
            let (version, rows) = store.load_known(known.version()).await?;
            identities.memory.publish(known.with(version, rows));
        }
    }

    /// Writes whom callers asked for, and whom links name; whether anything was written.
    async fn remember(&mut self, context: &MatchingContext) -> Result<bool, StoreError> {
        let memory = &context.identities.memory;
        let mut written = false;
        loop {
            let notes = memory.take_notes(BATCH);
            if notes.is_empty() {
                break;
            }

            let grounds = Grounds::of(context);
            let rows = grounds.asked(&memory.known(), &notes, context.clock.now());
            if let Err(error) = context.store.save_known(&rows).await {
                memory.put_back(notes);
                return Err(error);
            }
            written = true;
        }

        let versions = || (context.identities.links.current().version(), memory.known().version());
        let present = versions();
        if self.looked_through != Some(present) {
            let (grounds, known, now) = (Grounds::of(context), memory.known(), context.clock.now());
            let rows = tokio::task::spawn_blocking(move || grounds.relinked(&known, now)).await;
            let rows = rows.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            for batch in rows.chunks(BATCH) {
                context.store.save_known(batch).await?;
                written = true;
            }
            self.looked_through = Some(present);
        }
        Ok(written)
    }

    /// Judges the known identities anew if anything changed, and records who is somebody else; whether anybody is.
    async fn watch(&mut self, context: &MatchingContext) -> Result<bool, StoreError> {
        let now = Look {
            grounds: Grounds::of(context),
            known: context.identities.memory.known(),
        };

        let began = Instant::now();
        let is_seen = self
            .judged
            .as_ref()
            .is_some_and(|last| last.stands_at() == now.stands_at());
        if is_seen || self.rests_until.is_some_and(|until| began < until) {
            return Ok(false);
        }

        // A hundred thousand identities take some hundred milliseconds: not on a thread that answers requests.
        let (looked, before) = (now.clone(), self.judged.clone());
        let judged = tokio::task::spawn_blocking(move || {
            let changes = looked.judge().into_iter();
            let explained = changes.map(|change| (why(before.as_ref(), &looked, &change), change));
            explained.collect::<Vec<_>>()
        });
        let changes = judged.await.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let took = began.elapsed();
        self.rests_until = (took > WORTH_A_REST).then(|| began + took * 10);

        let mut recorded = 0;
        for (cause, changes) in by_cause(&context.store, self.judged.as_ref(), &now, changes).await? {
            for batch in changes.chunks(CHANGES) {
                recorded += context.store.record_outcomes(batch, cause.clone()).await?;
            }
        }

        if recorded > 0 {
            tracing::info!(
                identities = recorded,
                "Confluence identities are somebody else than they were"
            );
        }

        self.judged = Some(now);
        Ok(recorded > 0)
    }

    async fn forget(&mut self, context: &MatchingContext) -> Result<(), StoreError> {
        let (memory, clock) = (&context.identities.memory, &context.clock);
        if self.forgot.is_some_and(|at| at.elapsed() < FORGET_EVERY) {
            return Ok(());
        }

        let cutoff = match memory.keep() {
            // Off means that nothing is kept but what links name, from the moment that it is off.
            None => clock.now(),
            // What is forgotten by a clock that is ahead is gone.
            Some(_) if !clock.may_forget() => return Ok(()),
            Some(keep) => {
                let keep = TimeDelta::from_std(keep).unwrap_or(TimeDelta::days(36_500));
                clock
                    .earliest()
                    .checked_sub_signed(keep)
                    .unwrap_or(DateTime::UNIX_EPOCH)
            }
        };

        context.store.forget_known(cutoff).await?;
        memory.publish(memory.known().since(cutoff));
        self.forgot = Some(Instant::now());
        Ok(())
    }
}
