//! One attempt: a call of `asyncsend_v2`, and the record of how it ended.

use std::{convert::Infallible, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    connection::{connection, remedy},
    context::DeliveryContext,
    ending::Ending,
    follow_up_told::asked_later,
    in_a_row::{failed_in_a_row, too_many_in_a_row},
    not_made::{
        another_app, incomplete, no_turn, nobody, own_fault, redirected_meanwhile, shadowed, switched_off, too_late,
    },
    outcome::{LOOK_AGAIN, accepted, failed, pause_after, unknown},
    schedule::{next_follow_up, repetition_by},
};
use crate::{
    backoff::Backoff,
    catalogue::{Statement, delivery::NO_ANSWER_IN_TIME},
    dingtalk::{Class, Connection, Error, ErrorKind},
    directory::UserId,
    message::AttemptOutcome,
    settings::{Api, DeliveryMode, Settings},
    store::{AttemptResult, ClaimedBatch, Stop, StoreError},
    word::word,
};

/// While the database is away, the outcome is kept and tried again.
const RECORD: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

/// A database that is there and refuses an outcome so often, which takes about four minutes, will not take it any more;
/// and whoever tries keeps others from sending.
const REFUSALS: u32 = 60;

/// A batch, and when it was claimed.
pub(super) struct Claimed {
    pub(super) batch: ClaimedBatch,
    /// Before the claim was asked for.
    pub(super) began: Instant,
    /// What the machine's clock showed then: it goes on while a suspended machine's monotonic one stands still.
    pub(super) machine: DateTime<Utc>,
}

/// Makes the call that `claimed` stands for. The answer: until when to send nothing else, if DingTalk is not to be
/// asked now.
pub(super) async fn attempt(context: &DeliveryContext, claimed: Claimed, ending: &Ending) -> Option<Instant> {
    let deadline = claimed.began + context.config.claim_ttl;
    let (result, pause) = call(context, &claimed, ending).await;
    // DingTalk's time runs from its answer, however long the record takes.
    let silent_until = pause.map(|pause| Instant::now() + pause);
    record(context, &claimed.batch, result, deadline, ending).await;
    silent_until
}

async fn call(context: &DeliveryContext, claimed: &Claimed, ending: &Ending) -> (AttemptResult, Option<Duration>) {
    let batch = &claimed.batch;
    let users: Vec<UserId> = batch.recipients.iter().filter_map(|it| it.userid.clone()).collect();
    let (connection, limit) = match may_call(context, claimed, &users).await {
        Ok(may) => may,
        Err(result) => return (*result, None),
    };

    let gate = CancellationToken::new();
    let session = context.client.with(Arc::new(connection)).until(gate.clone());
    let sending = timeout(limit, session.async_send(&users, &batch.rendered));
    let answer = tokio::select! {
        answer = sending => answer,
        never = close(gate, context, batch, &users, limit, ending) => match never {},
    };

    match answer {
        Ok(Ok(task_id)) => {
            let now = context.clock.now();
            let asked = (batch.follow_up, batch.in_doubt);
            let first = next_follow_up(asked, now, now, context.config.follow_up_every);
            // Where nobody can be asked, the message says that.
            let is_told = session.is_configured(Api::GetSendResult);
            let why = is_told.then(|| asked_later(batch.follow_up, first)).flatten();
            (accepted(task_id, first, why), None)
        }
        // The gate was closed before the request left.
        Ok(Err(error)) if error.class() == Class::Cancelled => {
            let settings = context.settings.current();
            let unwanted = unwanted(&settings, batch, &users, context.clock.now());
            (unwanted.unwrap_or_else(|| no_turn(context.clock.now())), None)
        }
        Ok(Err(error)) => refused(context, batch, &error).await,
        Err(_) => {
            let seconds = limit.as_secs_f64().to_string();
            let result = unknown(NO_ANSWER_IN_TIME { seconds }.into());
            (with_repetition(context, batch, result), None)
        }
    }
}

/// By what the call is made and how long it may take, or why it isn't.
async fn may_call(
    context: &DeliveryContext,
    claimed: &Claimed,
    users: &[UserId],
) -> Result<(Connection, Duration), Box<AttemptResult>> {
    let settings = context.settings.current();
    if let Some(result) = held_back(&settings, users) {
        return Err(Box::new(result));
    }

    // Whoever can call DingTalk does it instead.
    if let Some(fault) = settings.own_fault() {
        return Err(Box::new(own_fault(fault, context.clock.now())));
    }

    let connection = match connection(&settings) {
        Ok(connection) => connection,
        Err(missing) => {
            let lacks = missing.iter().map(|field| remedy(&settings, field));
            let (result, stop) = incomplete(Statement::several(lacks), context.clock.now());
            stop_sending(context, &stop).await;
            return Err(Box::new(result));
        }
    };

    // Changed since it was claimed; whoever claims it next holds it. An empty field stops sending before that is asked.
    let app = &claimed.batch.app;
    if app.is_some() && *app != settings.app_key {
        return Err(Box::new(another_app(context.clock.now())));
    }

    let by_machine = (context.clock.machine() - claimed.machine).to_std().unwrap_or_default();
    let passed = claimed.began.elapsed().max(by_machine);
    match time_left(passed, context.config.claim_ttl) {
        Some(limit) => Ok((connection, limit)),
        None => Err(Box::new(too_late(context.clock.now()))),
    }
}

/// What an error means for the batch, and for all others. Beside it: for how long to send nothing.
async fn refused(context: &DeliveryContext, batch: &ClaimedBatch, error: &Error) -> (AttemptResult, Option<Duration>) {
    let now = context.clock.now();
    let (result, stop) = match too_many_in_a_row(context, batch, error).await {
        Some(threshold) => {
            let (result, stop) = failed_in_a_row(error, threshold, batch.recipients.len(), now);
            (result, Some(stop))
        }
        None => failed(error, batch.recipients.len(), batch.former_attempts, now),
    };

    match stop {
        // Another process may come from an address that DingTalk allows.
        Some(_) if error.kind == ErrorKind::IpNotAllowed && context.store.is_shared() => {
            context.stop_here(LOOK_AGAIN, &error.message);
            let at_once = AttemptResult {
                not_before: Some(now),
                ..result
            };
            return (at_once, None);
        }
        Some(stop) => stop_sending(context, &stop).await,
        None => {}
    }
    (with_repetition(context, batch, result), pause_after(error))
}

/// Closes the gate to DingTalk once the call should not be made any more: it may wait for a token and for DingTalk's
/// limits for minutes. One whose request is on its way isn't touched.
async fn close(
    gate: CancellationToken,
    context: &DeliveryContext,
    batch: &ClaimedBatch,
    users: &[UserId],
    limit: Duration,
    ending: &Ending,
) -> Infallible {
    let mut settings = context.settings.subscribe();
    let is_unwanted = async {
        while unwanted(&settings.borrow_and_update(), batch, users, context.clock.now()).is_none() {
            // Nobody is left who could change them.
            if settings.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };

    tokio::select! {
        () = is_unwanted => {}
        () = ending.begins() => {}
        // What is left is for the answer.
        () = sleep(limit.mul_f64(0.75)) => {}
    }

    // The call goes on and says itself whether its request had left.
    gate.cancel();
    std::future::pending().await
}

/// Why a claimed batch is not to be sent by these settings.
fn unwanted(settings: &Settings, batch: &ClaimedBatch, users: &[UserId], now: DateTime<Utc>) -> Option<AttemptResult> {
    held_back(settings, users).or_else(|| {
        let is_another = batch.app.is_some() && batch.app != settings.app_key;
        is_another.then(|| another_app(now))
    })
}

/// How long the call may take: an attempt that outlives its claim would be taken for dead. `None`: the process stood
/// still between the claim and the call, and somebody else may be sending by now.
fn time_left(passed: Duration, claim_ttl: Duration) -> Option<Duration> {
    let left = claim_ttl.mul_f64(0.8).saturating_sub(passed);
    (!left.is_zero()).then_some(left)
}

/// Why no call is made. Looked at again for every attempt: switched off means nothing is sent, queued or not.
fn held_back(settings: &Settings, users: &[UserId]) -> Option<AttemptResult> {
    match settings.delivery_mode {
        DeliveryMode::Off => Some(switched_off()),
        DeliveryMode::Shadow => Some(shadowed()),
        DeliveryMode::Redirect
            if users
                .iter()
                .any(|user| Some(user.as_str()) != settings.redirect_to.as_deref()) =>
        {
            Some(redirected_meanwhile())
        }
        DeliveryMode::Redirect | DeliveryMode::On if users.is_empty() => Some(nobody()),
        DeliveryMode::Redirect | DeliveryMode::On => None,
    }
}

fn with_repetition(context: &DeliveryContext, batch: &ClaimedBatch, result: AttemptResult) -> AttemptResult {
    if result.outcome != AttemptOutcome::Unknown {
        return result;
    }
    let former = batch.recipients.iter().map(|it| it.repeats).max().unwrap_or(0);
    AttemptResult {
        repetition: Some(repetition_by(&context.clock, batch.started_at, former, &context.config)),
        ..result
    }
}

/// Tells every replica. Should the database be away, the next call meets the same answer.
pub(super) async fn stop_sending(context: &DeliveryContext, stop: &Stop) {
    match context.store.stop_sending(stop).await {
        Ok(true) => tracing::error!(until = %stop.until, code = stop.code, "sending is stopped: {}", stop.reason),
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "that sending has to stop could not be recorded"),
    }
}

/// Records how the call ended, as soon as the database takes it. An answer in hand, and the task id in it, is evidence
/// for as long as anybody asks: it is not given up when the claim is over, but at a shutdown, which has to end. Then it
/// stands in the log.
async fn record(
    context: &DeliveryContext,
    batch: &ClaimedBatch,
    result: AttemptResult,
    deadline: Instant,
    ending: &Ending,
) {
    let said = (result.outcome, result.task_id, result.code.clone());
    let recorded = ending
        .while_time_is_left(try_to_record(context, batch, result, deadline, ending))
        .await;
    let error = match recorded.unwrap_or(Err(StoreError::Unavailable)) {
        Ok(()) => {
            tracing::info!(
                call.id = %batch.call_id,
                call.messages = batch.messages.len(),
                call.recipients = batch.recipients.len(),
                call.outcome = word(&said.0),
                call.code = said.2,
                "a call ended"
            );
            return;
        }
        Err(error) => error,
    };

    let messages: Vec<_> = batch.messages.iter().map(ToString::to_string).collect();
    let messages = messages.join(" ");
    // The task id is the evidence that a person needs; the recipients are UNKNOWN when the claim has expired.
    tracing::error!(
        call.id = %batch.call_id,
        call.messages = messages,
        call.outcome = word(&said.0),
        call.task_id = said.1,
        %error,
        "the outcome of a call could not be recorded"
    );
}

/// Goes on trying; the error is the last one.
async fn try_to_record(
    context: &DeliveryContext,
    batch: &ClaimedBatch,
    result: AttemptResult,
    deadline: Instant,
    ending: &Ending,
) -> Result<(), StoreError> {
    let (mut tries, mut refusals) = (0, 0);
    loop {
        let error = match context.store.finish_attempt(batch.call_id, result.clone()).await {
            Ok(()) => return Ok(()),
            // Also files that vanished, which somebody may put back; and a right that is missing, or a table, may come
            // back: the answer in hand is evidence meanwhile.
            Err(error @ (StoreError::Unavailable | StoreError::Connect(_) | StoreError::Fault { .. })) => error,
            Err(error) => return Err(error),
        };

        if Instant::now() >= deadline {
            // A full disk answers every question: only a database that takes other writes refuses this one.
            refusals += u32::from(context.store.prove_write().await.is_ok());
            if ending.has_begun() || refusals >= REFUSALS {
                return Err(error);
            }
        }

        let pause = sleep(RECORD.delay(tries));
        if ending.has_begun() {
            pause.await;
        } else {
            // One that begins meanwhile wants to know at once.
            ending.until_it_begins(pause).await;
        }
        tries += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_stood_still_since_its_claim_makes_no_call() {
        let ttl = Duration::from_mins(5);
        let left = |passed: Duration| time_left(passed, ttl);
        assert_eq!(left(Duration::ZERO), Some(Duration::from_mins(4)));
        assert_eq!(left(Duration::from_secs(1)), Some(Duration::from_secs(239)));
        assert_eq!(left(Duration::from_mins(4)), None);
        assert_eq!(left(Duration::from_hours(24)), None);
    }
}
