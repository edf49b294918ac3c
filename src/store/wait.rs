//! Waiting for a database that is not there yet, as where machines or containers start together.

use std::time::Duration;

use secrecy::SecretString;
use tokio::time::{Instant, sleep};

use super::{connect::Target, error::StoreError, postgres};

/// Pause between tries.
const PAUSE: Duration = Duration::from_millis(500);

/// How often the log tells what is waited for.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// A try is given up after so long: a server that is starting may take a connection and say nothing.
const LONGEST_TRY: Duration = Duration::from_secs(5);

/// And the last one, which begins as the time ends, after so long.
const SHORTEST_TRY: Duration = Duration::from_secs(1);

/// Waits until Postgres takes connections, `patience` at most, and says in the log what it waits for. Without patience
/// it doesn't look at all. The embedded database is there, or another process has it, which is no matter of time.
///
/// # Errors
/// What is in the way when the time is over, or at once what doesn't pass by waiting: a wrong password, say.
pub async fn wait_for(target: &Target, patience: Duration) -> Result<(), StoreError> {
    let Target::Postgres { url, .. } = target else {
        return Ok(());
    };
    if patience.is_zero() {
        return Ok(());
    }

    let began = Instant::now();
    let mut told: Option<Instant> = None;
    loop {
        let rest = patience.saturating_sub(began.elapsed());
        let Some(why) = in_the_way(url, rest.clamp(SHORTEST_TRY, LONGEST_TRY)).await? else {
            if told.is_some() {
                tracing::info!(waited_ms = ms(began.elapsed()), "the database is there");
            }
            return Ok(());
        };

        let rest = patience.saturating_sub(began.elapsed());
        if rest.is_zero() {
            return Err(StoreError::Connect(format!(
                "{why}; it was waited for {} s (DINGMIRROR_WAIT_FOR_DATABASE)",
                patience.as_secs_f32()
            )));
        }
        if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            tracing::warn!(
                why,
                waited_ms = ms(began.elapsed()),
                rest_ms = ms(rest),
                "waiting for the database"
            );
            told = Some(Instant::now());
        }
        sleep(PAUSE.min(rest)).await;
    }
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What is in the way for now; an error where it stays so.
async fn in_the_way(url: &SecretString, longest: Duration) -> Result<Option<String>, StoreError> {
    match postgres::look(url, longest).await {
        Ok(()) => Ok(None),
        Err(absence) if absence.may_come => Ok(Some(absence.why)),
        Err(absence) => Err(StoreError::Connect(absence.why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_has_no_patience_does_not_look() {
        let target = Target::Postgres {
            url: "postgres://me@127.0.0.1:1/ding".to_owned().into(),
            max_connections: 2,
        };
        assert!(wait_for(&target, Duration::ZERO).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_text_that_is_no_url_is_not_waited_for() {
        let target = Target::Postgres {
            url: "postgres://me:hunter2@db.example:port/ding".to_owned().into(),
            max_connections: 2,
        };
        let began = Instant::now();
        let told = wait_for(&target, Duration::from_mins(1)).await.unwrap_err().to_string();
        assert!(told.contains("DATABASE_URL") && !told.contains("hunter2"), "{told}");
        assert!(began.elapsed() < Duration::from_secs(1));
    }
}
