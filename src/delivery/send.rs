//! One attempt: a call of `asyncsend_v2`, and the record of how it ended.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout};

use super::{
    connection::{connection, remedy},
    outcome::{accepted, failed, not_sent, pause_after, switched_off, unknown},
    service::Shared,
};
use crate::{
    backoff::Backoff,
    directory::UserId,
    store::{AttemptResult, ClaimedBatch, StoreError},
};

/// While the database is away, the outcome is kept and tried again until the claim is over.
const RECORD: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

/// Makes the attempt that `batch` stands for. The answer: how long to send nothing else, if DingTalk is not to be asked now.
pub(super) async fn attempt(shared: &Shared, batch: ClaimedBatch) -> Option<Duration> {
    let deadline = Instant::now() + shared.config.claim_ttl;
    let (result, pause) = call(shared, &batch).await;
    record(shared, &batch, result, deadline).await;
    pause
}

async fn call(shared: &Shared, batch: &ClaimedBatch) -> (AttemptResult, Option<Duration>) {
    // Looked at again for every attempt: switched off means nothing is sent, queued or not.
    let settings = shared.settings.current();
    if !settings.enabled {
        return (switched_off(), None);
    }
    let connection = match connection(&settings) {
        Ok(connection) => connection,
        Err(missing) => {
            let reason = missing.iter().map(|field| remedy(field)).collect::<Vec<_>>().join(" ");
            return (not_sent(reason), None);
        }
    };
    let users: Vec<UserId> = batch
        .recipients
        .iter()
        .filter_map(|recipient| recipient.userid.clone())
        .collect();
    if users.is_empty() {
        return (not_sent("There is no DingTalk user to send it to.".to_owned()), None);
    }
    let session = shared.client.with(Arc::new(connection));
    // An attempt that outlives its claim could not be recorded any more.
    let limit = shared.config.claim_ttl.mul_f64(0.8);
    match timeout(limit, session.async_send(&users, &batch.message.rendered)).await {
        Ok(Ok(task_id)) => (
            accepted(task_id, shared.clock.now() + shared.config.follow_up_every),
            None,
        ),
        Ok(Err(error)) => (
            failed(&error, batch.former_attempts, shared.clock.now()),
            pause_after(&error),
        ),
        Err(_) => (
            unknown(&format!("No answer came within {} s.", limit.as_secs_f64())),
            None,
        ),
    }
}

async fn record(shared: &Shared, batch: &ClaimedBatch, result: AttemptResult, deadline: Instant) {
    let said = (result.outcome, result.task_id, result.code.clone());
    let mut tries = 0;
    loop {
        match shared.store.finish_attempt(batch.attempt_id, result.clone()).await {
            Ok(()) => {
                tracing::info!(
                    message.id = %batch.message.id,
                    attempt.id = %batch.attempt_id,
                    attempt.recipients = batch.recipients.len(),
                    attempt.outcome = ?said.0,
                    attempt.code = said.2,
                    "attempt ended"
                );
                return;
            }
            Err(StoreError::Unavailable) if Instant::now() < deadline => {
                sleep(RECORD.delay(tries)).await;
                tries += 1;
            }
            Err(error) => {
                // The task id is the evidence that a person needs; the recipients become UNKNOWN when the claim expires.
                tracing::error!(
                    message.id = %batch.message.id,
                    attempt.id = %batch.attempt_id,
                    attempt.outcome = ?said.0,
                    attempt.task_id = said.1,
                    %error,
                    "the outcome of an attempt could not be recorded"
                );
                return;
            }
        }
    }
}
