//! The following-up half of the engine: asks DingTalk what became of the sends that it accepted.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{
    budget::{Allowance, MessageCount},
    connection::connection,
    context::DeliveryContext,
    follow_up_told::asked_later,
    metering::MeteredCall,
    outcome::{LOOK_AGAIN, stop_for},
    result::{ReceiverState, receiver_states},
    schedule::{is_asked_once, next_follow_up},
    send::stop_sending,
};
use crate::{
    backoff::Backoff,
    catalogue::Statement,
    dingtalk::{Class, Error, ErrorKind, Session},
    message::{CallPurpose, FollowUpPolicy, RecipientState},
    settings::Api,
    store::{FollowUpTask, Lease, StoreError},
};

/// Only one replica asks: every question is metered.
const LEASE: &str = "delivery.follow_up";
/// A holder that died is succeeded after so long.
const LEASE_TTL: Duration = Duration::from_secs(60);
/// So often the lease is renewed while a round goes on.
const RENEW_EVERY: Duration = Duration::from_secs(15);
/// Sends looked at in a round.
const ROUND: u32 = 200;
/// For so long a send is one process's to ask about: longer than a call goes on that DingTalk throttles.
const CLAIMED_FOR: TimeDelta = TimeDelta::minutes(15);
/// How long not to ask at all after an error that has to do with the app, not with one send.
const PAUSES: Backoff = Backoff::new(Duration::from_secs(60), Duration::from_hours(1));
/// So many sends in a row whose question is refused in the same way are no fault of theirs.
const IN_A_ROW: u32 = 3;

/// Delivery takes DingTalk seconds; after this it is worth asking how far it is.
const LATE: TimeDelta = TimeDelta::seconds(45);

pub(super) struct FollowUps {
    context: Arc<DeliveryContext>,
    lease: Option<Lease>,
    renewed: Instant,
    silent_until: Instant,
    /// Recalls go on meanwhile.
    no_questions_until: Instant,
    /// The settings that were looked at last.
    version: i64,
    /// Pauses since the last answer.
    pauses: u32,
    /// The code that the last questions were refused with, and how many those were.
    refused: Option<(String, u32)>,
    /// Of the month.
    messages: MessageCount,
}

impl FollowUps {
    pub(super) fn new(context: Arc<DeliveryContext>) -> Self {
        let now = Instant::now();
        let version = context.settings.current().version;
        Self {
            context,
            lease: None,
            renewed: now,
            silent_until: now,
            no_questions_until: now,
            version,
            pauses: 0,
            refused: None,
            messages: MessageCount::default(),
        }
    }

    pub(super) async fn run(mut self, shutdown: &CancellationToken) {
        while !shutdown.is_cancelled() {
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = sleep(self.context.config.follow_up_every) => {}
                () = self.context.recalled.notified() => {}
            }
            if let Err(error) = self.round(shutdown).await {
                tracing::error!(%error, "sends could not be followed up");
            }
        }
        self.release_lease().await;
    }

    pub(super) fn context(&self) -> Arc<DeliveryContext> {
        self.context.clone()
    }

    async fn release_lease(&mut self) {
        if let Some(lease) = self.lease.take()
            && let Err(error) = self.context.store.release_lease(&lease).await
        {
            tracing::warn!(%error, "the lease of following up was not released, and expires by itself");
        }
    }

    async fn round(&mut self, shutdown: &CancellationToken) -> Result<(), StoreError> {
        let context = self.context.clone();
        let now = context.clock.now();
        let settings = self.context.settings.current();
        if settings.version != self.version {
            // Whatever it was, somebody may have put it right.
            (self.version, self.pauses, self.refused) = (settings.version, 0, None);
            self.no_questions_until = Instant::now();
        }

        let (None, Ok(connection)) = (self.context.fault(), connection(&settings)) else {
            // Another process may be able to.
            self.release_lease().await;
            return Ok(());
        };

        let app = connection.app_key.clone();
        let session = self.context.client.with(Arc::new(connection));
        if self.silent_until > Instant::now() || !self.hold_lease().await? {
            return Ok(());
        }
        // Whatever stops sending would refuse these questions, too, or they are metered and there is no quota left.
        if self.context.store.sending_stopped(now).await?.is_some() {
            return Ok(());
        }

        let passing = self.take_back(&session, &app, shutdown).await?;
        if let Some(error) = passing {
            self.be_silent(&error).await;
            return Ok(());
        }

        // Without its URL following up is off, which the message says.
        if !session.is_configured(Api::GetSendResult) || self.no_questions_until > Instant::now() {
            return Ok(());
        }

        let mut tasks = self.context.store.tasks_to_follow_up(ROUND, now, &app).await?;
        if tasks.is_empty() {
            return Ok(());
        }
        // What is in doubt comes first: there may not be calls for all.
        tasks.sort_by_key(|task| !task.in_doubt);

        let mut allowance = Allowance::of(&context, &tasks, &mut self.messages, now).await?;
        for task in &tasks {
            if shutdown.is_cancelled() || !self.still_holds_lease().await? {
                break;
            }
            if let Some(why) = allowance.refuse(task) {
                self.leave_unasked(task, why).await?;
                continue;
            }
            if !self.follow_up(&session, task, shutdown).await? {
                break;
            }
        }
        Ok(())
    }

    /// There is no call for this question now: it is put off, or what is known has to do.
    async fn leave_unasked(&self, task: &FollowUpTask, why: Statement) -> Result<(), StoreError> {
        let DeliveryContext {
            store, clock, config, ..
        } = &*self.context;
        let now = clock.now();
        if !store.claim_follow_up(task, now + CLAIMED_FOR).await? {
            return Ok(());
        }

        let asked = (task.policy, task.in_doubt);
        let again_at = next_follow_up(asked, task.accepted_at, now, config.follow_up_every);
        let why = again_at
            .and_then(|at| asked_later(task.policy, Some(at)))
            .unwrap_or(why);
        store.leave_unasked(task, again_at, &why).await
    }

    /// Asks what became of one send, and records the answer; whether to ask about the next one.
    async fn follow_up(
        &mut self,
        session: &Session,
        task: &FollowUpTask,
        shutdown: &CancellationToken,
    ) -> Result<bool, StoreError> {
        let context = self.context.clone();
        let until = context.clock.now() + CLAIMED_FOR;
        if !context.store.claim_follow_up(task, until).await? {
            return Ok(true);
        }

        let call = MeteredCall::begin(&context, session, CallPurpose::FollowUp).await?;
        // Asking is a read: cutting it short at shutdown loses nothing.
        let result = tokio::select! {
            () = shutdown.cancelled() => {
                call.end(&context).await;
                context.store.put_follow_up_back(task, until, task.due_at).await?;
                return Ok(false);
            }
            result = call.session.get_send_result(task.task_id) => result,
        };

        let is_answered = result.is_ok();
        let (states, then) = match result {
            Ok(result) => {
                (self.pauses, self.refused) = (0, None);
                (receiver_states(&result), Then::Next)
            }
            Err(error) => {
                tracing::warn!(call.id = %task.call_id, task.id = task.task_id, %error, "a send has no result");
                let then = self.after(&error);
                if then == Then::Pause {
                    call.end(&context).await;
                    self.pause(task, until, &error).await?;
                    return Ok(false);
                }
                (Vec::new(), then)
            }
        };

        // The round may have begun long ago.
        let now = context.clock.now();
        let asked = (task.policy, task.in_doubt);
        let is_enough = is_answered && is_asked_once(task.policy, task.in_doubt);
        let again_at = if then == Then::Never || is_enough || is_final(task, &states) {
            None
        } else {
            next_follow_up(asked, task.accepted_at, now, context.config.follow_up_every)
        };
        let progress = progress(&call.session, task, &states, now).await;
        call.end(&context).await;
        context
            .store
            .record_follow_up(task, &states, progress, again_at)
            .await?;

        // This one has lost its turn, lest it block the others for ever; those wait for the next round.
        Ok(then != Then::Break)
    }

    /// Asks nothing for a while. This send has lost its turn: were it the next one again, the others would wait for it
    /// for ever.
    async fn pause(&mut self, task: &FollowUpTask, until: DateTime<Utc>, error: &Error) -> Result<(), StoreError> {
        let again_at = self.context.clock.now() + self.leave_alone(error).await;
        let store = &self.context.store;
        if error.code.is_some() {
            // Asked, and so metered.
            store.record_follow_up(task, &[], None, Some(again_at)).await
        } else {
            store.put_follow_up_back(task, until, again_at).await.map(|_| ())
        }
    }

    /// What an error of one question means for it and for the next ones.
    fn after(&mut self, error: &Error) -> Then {
        match error.class() {
            // There is no result for this send, and there will be none.
            Class::Content => Then::Never,
            Class::Request | Class::Unknown | Class::Gone | Class::Scope | Class::Recipient => {
                let code = error.code.clone().unwrap_or_default();
                let before = self.refused.take().filter(|(former, _)| *former == code);
                let so_far = before.map_or(0, |(_, n)| n) + 1;
                self.refused = Some((code, so_far));
                if so_far >= IN_A_ROW { Then::Pause } else { Then::Next }
            }
            Class::Transient if error.kind == ErrorKind::Unavailable => Then::Break,
            Class::Undecodable | Class::UnknownOutcome => Then::Next,
            Class::Application
            | Class::Token
            | Class::NextDay
            | Class::Throttled
            | Class::Banned
            | Class::Transient
            | Class::Cancelled => Then::Pause,
        }
    }

    /// Asks no more questions for a while, longer each time, after what the next one would meet as well: each of them
    /// is metered. How long.
    async fn leave_alone(&mut self, error: &Error) -> Duration {
        let pause = error.retry_after.unwrap_or_else(|| PAUSES.delay(self.pauses));
        let pause = pause.max(self.context.config.follow_up_every);
        self.pauses = self.pauses.saturating_add(1);
        self.no_questions_until = Instant::now() + pause;
        self.take_notice(error).await;
        pause
    }

    /// Doesn't call DingTalk at all for as long as it asks for.
    async fn be_silent(&mut self, error: &Error) {
        let pause = error.retry_after.unwrap_or_default();
        self.silent_until = Instant::now() + pause.max(self.context.config.follow_up_every);
        self.take_notice(error).await;
    }

    /// What an error means for the other calls, and for the other processes.
    async fn take_notice(&mut self, error: &Error) {
        match error.kind {
            // One for all calls.
            ErrorKind::QuotaExhausted => {
                stop_sending(&self.context, &stop_for(error, self.context.clock.now())).await;
            }
            // Another process may come from an address that DingTalk allows.
            ErrorKind::IpNotAllowed if self.context.store.is_shared() => {
                self.context.stop_here(LOOK_AGAIN, &error.message);
                self.release_lease().await;
            }
            // Or have a way to DingTalk.
            ErrorKind::NotSent => self.release_lease().await,
            _ => {}
        }
    }

    /// A round may take longer than the lease lasts, and so may one answer.
    pub(super) async fn still_holds_lease(&mut self) -> Result<bool, StoreError> {
        Ok(self.renewed.elapsed() < RENEW_EVERY || self.hold_lease().await?)
    }

    async fn hold_lease(&mut self) -> Result<bool, StoreError> {
        let store = &self.context.store;
        if let Some(lease) = &self.lease {
            if store.renew_lease(lease, LEASE_TTL).await? {
                self.renewed = Instant::now();
                return Ok(true);
            }
            self.lease = None;
        }
        self.lease = store.acquire_lease(LEASE, &self.context.owner, LEASE_TTL).await?;
        self.renewed = Instant::now();
        Ok(self.lease.is_some())
    }
}

/// How far DingTalk is with a send whose result doesn't name everybody yet, some time after it took it. Every question
/// is metered, so nobody asks while it is normal that somebody is missing.
async fn progress(session: &Session, task: &FollowUpTask, states: &[ReceiverState], now: DateTime<Utc>) -> Option<u8> {
    let late = now - task.accepted_at > LATE;
    // Where questions are counted, that one isn't worth it.
    if !late
        || task.policy != FollowUpPolicy::Live
        || states.len() >= task.recipients as usize
        || !session.is_configured(Api::GetSendProgress)
    {
        return None;
    }

    match session.get_send_progress(task.task_id).await {
        Ok(progress) => Some(progress.percent.min(100)),
        Err(error) => {
            tracing::debug!(task.id = task.task_id, %error, "a send tells no progress");
            None
        }
    }
}

/// Whether nothing more can become of the send: everybody has read it, or was told why it didn't come.
fn is_final(task: &FollowUpTask, states: &[ReceiverState]) -> bool {
    let settled = states
        .iter()
        .filter(|(_, state, _)| *state != RecipientState::DeliveredUnread)
        .count();
    settled >= task.recipients as usize
}

/// What comes after a question that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// The next send's; this one is asked about again when it is due.
    Next,
    /// The next round: DingTalk is busy.
    Break,
    /// Nothing for a while: the next question would meet the same.
    Pause,
    /// The next send's; this one is not asked about any more.
    Never,
}

/// Whether the next recall would meet the same error.
pub(super) fn concerns_the_app(error: &Error) -> bool {
    match error.class() {
        Class::Application | Class::Token | Class::NextDay | Class::Throttled | Class::Banned | Class::Cancelled => {
            true
        }
        Class::Transient => error.kind == ErrorKind::NotSent,
        Class::Content
        | Class::Request
        | Class::Unknown
        | Class::Gone
        | Class::Scope
        | Class::Recipient
        | Class::Undecodable
        | Class::UnknownOutcome => false,
    }
}
