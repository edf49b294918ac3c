//! The keys that issuers publish: fetched at the start, again before they are old, and when a token names one that
//! isn't known. An issuer whose keys can't be had keeps nobody waiting but its own tokens.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    auth::{Issuers, KeySet, KeySetFault, PublishedKeys, UnusableKey},
    backoff::Backoff,
    dingtalk::{Client, DocumentError},
};

/// Bytes of a set of keys: a hundred of the largest have as many.
const MOST_BYTES: usize = 256 * 1024;
/// For all of it.
const WITHIN: Duration = Duration::from_secs(5);

/// How long keys are taken for new where their issuer says nothing, and whatever it says.
const FRESH_FOR: Duration = Duration::from_hours(1);
const SHORTEST: Duration = Duration::from_mins(5);
const LONGEST: Duration = Duration::from_hours(24);

/// After a failure.
const AGAIN: Backoff = Backoff::new(Duration::from_secs(10), Duration::from_mins(5));

/// For how long keys are in force that can't be fetched any more: a long outage of the issuer's, and no forgotten URL.
const KEPT: Duration = Duration::from_hours(24);

/// Keeps the published keys up to date.
#[derive(Clone)]
pub struct IssuerKeyFollower {
    issuers: Arc<Issuers>,
    client: Client,
}

/// Why there are no keys.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Missed {
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error(transparent)]
    Set(#[from] KeySetFault),
}

/// What is known of one issuer's.
#[derive(Default)]
struct Followed {
    /// When they were fetched last.
    at: Option<Instant>,
    /// Failures in a row.
    failures: u32,
    /// What was told of keys that can't be used.
    unusable: Vec<UnusableKey>,
}

impl IssuerKeyFollower {
    /// One that fetches by `client`.
    pub fn new(issuers: Arc<Issuers>, client: Client) -> Self {
        Self { issuers, client }
    }

    /// Follows the keys of every issuer that publishes them, until `shutdown`.
    pub async fn run(&self, shutdown: CancellationToken) {
        let followed = self.issuers.published().map(|(name, keys)| self.follow(name, keys));
        shutdown.run_until_cancelled(join_all(followed)).await;
        shutdown.cancelled().await;
    }

    async fn follow(&self, name: &str, keys: &PublishedKeys) {
        let mut followed = Followed::default();
        loop {
            keys.begins();
            let fetched = self.fetch(keys).await;
            let next = match fetched {
                Ok((set, unusable, fresh_for)) => {
                    followed.took(name, keys, set, unusable);
                    fresh_for.unwrap_or(FRESH_FOR).clamp(SHORTEST, LONGEST)
                }
                Err(missed) => followed.missed(name, keys, &missed),
            };
            keys.ends();

            tokio::select! {
                () = keys.wanted() => {}
                () = sleep(next) => {}
            }
        }
    }

    async fn fetch(&self, keys: &PublishedKeys) -> Result<(KeySet, Vec<UnusableKey>, Option<Duration>), Missed> {
        let document = self.client.document(keys.url(), MOST_BYTES, WITHIN).await?;
        let read = KeySet::read(&document.body, keys.algorithms())?;
        Ok((read.keys, read.unusable, document.fresh_for))
    }
}

impl Followed {
    fn took(&mut self, issuer: &str, keys: &PublishedKeys, set: KeySet, unusable: Vec<UnusableKey>) {
        if self.failures > 0 {
            tracing::info!(issuer, "an issuer's keys can be fetched again");
        }
        self.failures = 0;
        self.at = Some(Instant::now());

        let number = set.len();
        if keys.publish(set) {
            tracing::info!(issuer, keys = number, "an issuer's keys are other ones from now on");
        }
        if number == 0 {
            tracing::warn!(
                issuer,
                "an issuer publishes no key that can be used: none of its tokens is taken"
            );
        }
        if unusable != self.unusable {
            for why in &unusable {
                tracing::warn!(issuer, "an issuer's key is not used: {why}");
            }
            self.unusable = unusable;
        }
    }

    /// When it is tried again.
    fn missed(&mut self, issuer: &str, keys: &PublishedKeys, missed: &Missed) -> Duration {
        // Said once; every further try would only repeat it.
        if self.failures == 0 {
            tracing::warn!(
                issuer,
                "an issuer's keys can't be fetched: {missed}; those that are known stay for a day"
            );
        }
        let is_over = self.at.is_some_and(|at| at.elapsed() >= KEPT);
        if is_over && keys.publish(KeySet::default()) {
            tracing::error!(
                issuer,
                "an issuer's keys could not be fetched for a day: none of its tokens is taken"
            );
        }
        let next = AGAIN.delay(self.failures);
        self.failures = self.failures.saturating_add(1);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::SigningAlgorithm;

    const KEY: &[u8] =
        br#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a"}]}"#;

    #[tokio::test(start_paused = true)]
    async fn keys_outlive_their_url_for_a_day() {
        let algorithms = SigningAlgorithm::PUBLIC.to_vec();
        let keys = PublishedKeys::new("https://idp.example.com/keys".parse().unwrap(), algorithms);
        let mut followed = Followed::default();
        let missed = Missed::Document(DocumentError::Status(503));
        let is_known = || keys.current().keys.find(Some("a")).is_some();

        // There never were any.
        followed.missed("idp", &keys, &missed);
        let set = KeySet::read(KEY, keys.algorithms()).unwrap();
        followed.took("idp", &keys, set.keys, set.unusable);
        assert!(is_known());

        tokio::time::advance(KEPT - Duration::from_secs(1)).await;
        let waits: Vec<_> = (0..12).map(|_| followed.missed("idp", &keys, &missed)).collect();
        assert!(
            waits[0] <= Duration::from_secs(10) && waits[11] >= Duration::from_mins(2),
            "{waits:?}"
        );
        assert!(waits.iter().all(|it| *it <= Duration::from_mins(5)));
        assert!(is_known());

        tokio::time::advance(Duration::from_secs(1)).await;
        followed.missed("idp", &keys, &missed);
        assert!(!is_known());
        // They come back.
        let set = KeySet::read(KEY, keys.algorithms()).unwrap();
        followed.took("idp", &keys, set.keys, set.unusable);
        assert!(is_known());
    }
}
