//! The sending half of the engine: claims what is due and keeps a few calls under way.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    context::DeliveryContext,
    ending::Ending,
    not_made::not_made,
    schedule::repetition_by,
    send::{Claimed, attempt},
};
use crate::{
    backoff::Backoff,
    settings::{Api, Settings},
    store::{self, ClaimLimits, StoreError},
};

/// Calls under way at once: enough for DingTalk's 20 calls a second at its usual 150 ms an answer.
const CALLS_UNDER_WAY: usize = 4;

/// How long to leave a database alone that doesn't answer.
const STORE_AWAY: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));

/// How often what time ends is looked for.
const EXPIRE_EVERY: Duration = Duration::from_secs(5);

/// How often rows of the future are looked for, beside the start and whenever the clock was set.
const BRING_BACK_EVERY: Duration = Duration::from_hours(1);
/// Replicas notice that the database's clock was set a few seconds after one another; what they wrote meanwhile is
/// looked at again.
const BRING_BACK_AGAIN: Duration = Duration::from_secs(30);

/// What comes next after claiming.
enum NextStep {
    Send(Box<Claimed>),
    /// Nothing to do for so long, unless somebody wakes us.
    Wait(Duration),
}

pub(super) struct Engine {
    context: Arc<DeliveryContext>,
    /// DingTalk asked us to be silent until then, or can't be reached.
    silent_until: Instant,
    /// The settings that were looked at last.
    settings: Arc<Settings>,
    /// Whether what is held was looked at since the start: its app may have come back while nobody was there.
    has_released: bool,
    /// When dead claims and late messages are looked for next.
    next_expiry: Instant,
    /// When rows of the future are looked for next.
    next_bring_back: Instant,
    /// How often the clock had been set, and by how much, when that was looked at last.
    steps: (u64, TimeDelta),
    /// The database doesn't answer and isn't asked until then.
    store_away_until: Instant,
    store_failures: u32,
    /// Claims that may be on record, although the database's answer to them was lost: no call was made for them.
    unheard: Vec<Uuid>,
    /// Something keeps this process, and perhaps no other one, from sending; it was told.
    is_at_fault: bool,
}

impl Engine {
    pub(super) fn new(context: Arc<DeliveryContext>) -> Self {
        let now = Instant::now();
        let settings = context.settings.current();
        let steps = context.clock.steps();
        Self {
            context,
            silent_until: now,
            settings,
            has_released: false,
            next_expiry: now,
            next_bring_back: now,
            steps,
            store_away_until: now,
            store_failures: 0,
            unheard: Vec::new(),
            is_at_fault: false,
        }
    }

    pub(super) async fn run(mut self, shutdown: &CancellationToken) {
        let ending = Ending::of(shutdown);
        let last_tries = self.context.config.last_tries;
        tokio::select! {
            () = self.send(shutdown, &ending) => {}
            () = ending.count_down(last_tries) => {}
        }
    }

    async fn send(&mut self, shutdown: &CancellationToken, ending: &Ending) {
        let mut under_way = JoinSet::new();
        let mut settings = self.context.settings.subscribe();
        while !shutdown.is_cancelled() {
            let mut wait = self.context.config.poll;
            if let Err(error) = self.look_around().await {
                wait = self.leave_store_alone(&error);
            }

            while under_way.len() < CALLS_UNDER_WAY && !shutdown.is_cancelled() {
                match self.claim().await {
                    Ok(NextStep::Send(batch)) => {
                        let (context, ending) = (self.context.clone(), ending.clone());
                        under_way.spawn(async move { attempt(&context, *batch, &ending).await });
                    }
                    Ok(NextStep::Wait(idle)) => {
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
                // With every place taken it could claim nothing: the wake is kept until one is free.
                () = self.context.wake.notified(), if under_way.len() < CALLS_UNDER_WAY => {}
                // The handle lives as long as we do.
                Ok(()) = settings.changed() => {}
                () = sleep(wait) => {}
            }
        }

        // Another process may send these at once; the calls under way may take their time.
        ending.while_time_is_left(self.give_back()).await;
        while let Some(ended) = under_way.join_next().await {
            self.ended(ended);
        }
    }

    async fn claim(&mut self) -> Result<NextStep, StoreError> {
        let context = self.context.clone();
        let DeliveryContext {
            store,
            config,
            clock,
            owner,
            settings,
            ..
        } = &*context;
        let poll = config.poll;
        let in_force = settings.current();

        // What this process can't do by its own fault it leaves to the others.
        if self.leaves_it_to_others() {
            return Ok(NextStep::Wait(poll));
        }

        let began = Instant::now();
        let silence = self
            .silent_until
            .max(self.store_away_until)
            .saturating_duration_since(began);
        if !silence.is_zero() {
            return Ok(NextStep::Wait(silence.min(poll)));
        }

        let machine = clock.machine();
        let limits = ClaimLimits {
            batch: config.batch.clamp(1, 100),
            pace: config.pace,
            ttl: config.claim_ttl,
            settings_version: Some(in_force.version),
            normal_calls: config.quota.normal_calls(),
            coalesce_window: config.coalesce_window,
            app: in_force.app_key.clone(),
        };

        self.give_back().await?;
        let claimed = store.claim_batch(owner, &limits).await?;
        self.store_failures = 0;

        // Never a busy loop, should the database's idea of "due" differ from ours by a moment.
        let least = Duration::from_millis(10);
        let wait = match claimed {
            store::Claim::Batch(batch) => {
                return Ok(NextStep::Send(Box::new(Claimed {
                    batch: *batch,
                    began,
                    machine,
                })));
            }
            store::Claim::Later(wait) => wait,
            store::Claim::Unheard(call) => {
                self.unheard.push(call);
                return Err(StoreError::Unavailable);
            }
            // The follower hears of them within a second.
            store::Claim::NewSettings => poll,
            store::Claim::Nothing => {
                let due = store.next_due().await?;
                due.map_or(poll, |due| (due - clock.now()).to_std().unwrap_or_default())
            }
        };
        Ok(NextStep::Wait(wait.clamp(least, poll.max(least))))
    }

    /// Nobody was sent to by a claim whose answer was lost: its recipients are due again, where it is on record.
    async fn give_back(&mut self) -> Result<(), StoreError> {
        while let Some(call) = self.unheard.last() {
            let result = not_made(self.context.clock.now());
            match self.context.store.finish_attempt(*call, result).await {
                // The claim never arrived.
                Ok(()) | Err(StoreError::Corrupt(_)) => {}
                Err(error) => return Err(error),
            }
            self.unheard.pop();
        }
        Ok(())
    }

    /// Whether it must not send, and says so once.
    fn leaves_it_to_others(&mut self) -> bool {
        let fault = self.context.fault();
        if fault.is_some() != self.is_at_fault {
            match &fault {
                Some(fault) => tracing::error!("nothing is sent from here: {fault}"),
                None => tracing::info!("this process sends again"),
            }
        }
        self.is_at_fault = fault.is_some();
        self.is_at_fault
    }

    /// What is to be done whether or not there is anybody to send to, or DingTalk is to be left alone.
    async fn look_around(&mut self) -> Result<(), StoreError> {
        let now = Instant::now();
        if self.store_away_until > now {
            return Ok(());
        }

        // The clock comes first: the sweep would end what was planned by its former time.
        self.keep_to_the_clock(now).await?;
        self.sweep(now).await?;

        // Whatever sending was stopped for, somebody may have put it right. If not, the next call stops it again.
        let settings = self.context.settings.current();
        if settings.version != self.settings.version {
            self.context.go_on_here();
            if let Some(stop) = self.context.store.resume_sending(None).await? {
                tracing::info!(code = stop.code, "sending goes on: the settings were changed");
            }

            // Who asked for silence gets it, whatever else was changed.
            let asked_by = [Api::GetToken, Api::AsyncSend];
            if asked_by
                .iter()
                .any(|api| settings.urls.get(api) != self.settings.urls.get(api))
            {
                self.silent_until = now;
            }
            self.settings = settings;
            self.has_released = false;
        }

        if !self.has_released {
            self.release_own().await?;
            self.has_released = true;
        }
        Ok(())
    }

    /// Has those sent that are held for the app that the settings name.
    async fn release_own(&self) -> Result<(), StoreError> {
        let Some(app) = &self.settings.app_key else {
            return Ok(());
        };
        let back = self.context.store.release_held(Some(app), app, None).await?;
        if !back.is_empty() {
            tracing::info!(
                messages = back.len(),
                "the settings name the app again that these were resolved for: they are sent"
            );
        }
        Ok(())
    }

    /// The clock was set, or may have been while nobody was there: what was planned by its former time is planned anew.
    async fn keep_to_the_clock(&mut self, now: Instant) -> Result<(), StoreError> {
        let DeliveryContext {
            store, config, clock, ..
        } = &*self.context;
        let steps = clock.steps();
        let was_set = steps != self.steps;
        if !was_set && self.next_bring_back > now {
            return Ok(());
        }

        let by = steps.1 - self.steps.1;
        if by > TimeDelta::zero() {
            let messages = store.put_off(by, config.claim_ttl).await?;
            tracing::warn!(
                by_seconds = by.num_seconds(),
                messages,
                "the clock was set forward: what waits ends later by as much"
            );
        }

        // What was put off isn't put off again, should the rest fail and be tried again.
        self.steps = steps;
        self.next_bring_back = now;
        let rows = store.bring_back(config.claim_ttl).await?;
        if rows > 0 {
            tracing::warn!(
                rows,
                "a clock was ahead that is set right by now: what it had planned for later counts from now"
            );
        }

        self.next_bring_back = now + if was_set { BRING_BACK_AGAIN } else { BRING_BACK_EVERY };
        Ok(())
    }

    /// Ends what is over: claims of the dead, messages that come too late.
    async fn sweep(&mut self, now: Instant) -> Result<(), StoreError> {
        let context = self.context.clone();
        let DeliveryContext {
            store, config, clock, ..
        } = &*context;

        if self.next_expiry <= now {
            let stop = store.sending_stopped(clock.now()).await?;
            let ttl = config.claim_ttl;
            let expired = store
                .expire(
                    |started_at, former| repetition_by(clock, started_at, former, config),
                    stop.as_ref().map(|it| &it.reason),
                )
                .await?;

            if expired.claims > 0 {
                let recipients = expired.claims;
                tracing::warn!(
                    recipients,
                    "the outcome of attempts that nobody recorded in time is unknown"
                );
            }
            if expired.unsent > 0 {
                tracing::warn!(recipients = expired.unsent, "messages were not sent in time");
            }

            self.next_expiry = now + EXPIRE_EVERY.min(ttl / 4);
        }
        Ok(())
    }

    fn leave_store_alone(&mut self, error: &StoreError) -> Duration {
        let wait = STORE_AWAY.delay(self.store_failures);
        self.store_failures = self.store_failures.saturating_add(1);
        self.store_away_until = Instant::now() + wait;
        tracing::error!(%error, retry_in_ms = wait.as_millis() as u64, "the outbox could not be read");
        wait
    }

    fn ended(&mut self, ended: Result<Option<Instant>, JoinError>) {
        match ended {
            Ok(Some(until)) => self.silent_until = self.silent_until.max(until),
            Ok(None) => {}
            // Its recipients become UNKNOWN when the claim expires, which is the truth.
            Err(error) => tracing::error!(%error, "an attempt broke off"),
        }
    }
}
