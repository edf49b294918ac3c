//! The keys of an issuer that publishes them at a URL: what is known of them now, and asking for them anew.
//!
//! Whoever fetches them does so elsewhere. A token whose key is unknown asks for that at most once in [`BETWEEN`],
//! however many there are: strangers write what they like into a token's header.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, Semaphore, watch},
    time::{Instant, timeout},
};
use url::Url;

use super::{algorithm::SigningAlgorithm, key_set::KeySet};

/// An unknown key has the keys fetched at most so often.
pub const BETWEEN: Duration = Duration::from_secs(5);

/// How long a token with an unknown key waits for them.
const PATIENCE: Duration = Duration::from_secs(3);

/// So many tokens wait at a time; the next are refused at once.
const WAITING: usize = 256;

/// The keys, shared by whoever verifies with them and whoever fetches them. Cheap to clone.
#[derive(Clone)]
pub struct PublishedKeys(Arc<Shared>);

struct Shared {
    url: Url,
    algorithms: Vec<SigningAlgorithm>,
    current: watch::Sender<Current>,
    asked: Mutex<Asked>,
    wanted: Notify,
    /// How many times they were fetched, or it was tried.
    rounds: watch::Sender<u64>,
    waiting: Semaphore,
}

/// The keys as they stand. Their generation is another whenever they are.
#[derive(Debug, Clone, Default)]
pub struct Current {
    /// Which ones of all that there were.
    pub generation: u64,
    /// The keys.
    pub keys: Arc<KeySet>,
}

#[derive(Default)]
struct Asked {
    is_under_way: bool,
    last: Option<Instant>,
}

impl fmt::Debug for PublishedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A query may hold what nobody else shall know.
        write!(f, "PublishedKeys({})", self.0.url.host_str().unwrap_or_default())
    }
}

impl PublishedKeys {
    /// Keys for these algorithms that are published at `url`; none is known before they are fetched.
    pub fn new(url: Url, algorithms: Vec<SigningAlgorithm>) -> Self {
        Self(Arc::new(Shared {
            url,
            algorithms,
            current: watch::Sender::default(),
            asked: Mutex::default(),
            wanted: Notify::new(),
            rounds: watch::Sender::default(),
            waiting: Semaphore::new(WAITING),
        }))
    }

    /// Where they are.
    pub fn url(&self) -> &Url {
        &self.0.url
    }

    /// What their signatures may be made with.
    pub fn algorithms(&self) -> &[SigningAlgorithm] {
        &self.0.algorithms
    }

    /// The keys as they stand.
    pub fn current(&self) -> Current {
        self.0.current.borrow().clone()
    }

    /// Puts these keys in force, and no others; false: they are those that were.
    pub fn publish(&self, keys: KeySet) -> bool {
        self.0.current.send_if_modified(|current| {
            let is_new = !current.keys.is(&keys);
            if is_new {
                current.generation += 1;
                current.keys = Arc::new(keys);
            }
            is_new
        })
    }

    /// Has them fetched, unless that was done a moment ago, and waits for it, though not for long. True: they are as
    /// new as they can be.
    pub async fn renewed(&self) -> bool {
        let mut rounds = self.0.rounds.subscribe();
        if !self.ask() {
            return rounds.has_changed().unwrap_or(false);
        }
        let Ok(_place) = self.0.waiting.try_acquire() else {
            return false;
        };
        timeout(PATIENCE, rounds.changed()).await.is_ok()
    }

    /// Whether they are being fetched now.
    fn ask(&self) -> bool {
        let mut asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.is_under_way {
            return true;
        }
        if asked.last.is_some_and(|last| last.elapsed() < BETWEEN) {
            return false;
        }
        asked.is_under_way = true;
        asked.last = Some(Instant::now());
        self.0.wanted.notify_one();
        true
    }

    /// Returns when somebody wants them fetched.
    pub async fn wanted(&self) {
        self.0.wanted.notified().await;
    }

    /// They are fetched from now on.
    pub fn begins(&self) {
        let mut asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_under_way = true;
        asked.last = Some(Instant::now());
    }

    /// They were fetched, or couldn't be.
    pub fn ends(&self) {
        self.0.asked.lock().unwrap_or_else(PoisonError::into_inner).is_under_way = false;
        self.0.rounds.send_modify(|rounds| *rounds += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> PublishedKeys {
        let url = "https://idp.example.com/keys?secret=1".parse().unwrap();
        PublishedKeys::new(url, vec![SigningAlgorithm::EdDsa])
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_ask_they_are_fetched_once_in_a_while() {
        let keys = keys();
        let (fetched, counted) = (Arc::new(Mutex::new(0)), keys.clone());
        let counter = fetched.clone();
        tokio::spawn(async move {
            loop {
                counted.wanted().await;
                counted.begins();
                *counter.lock().unwrap() += 1;
                tokio::time::sleep(Duration::from_millis(200)).await;
                counted.ends();
            }
        });

        for _ in 0..20 {
            let asking = (0..50).map(|_| keys.renewed());
            let renewed = futures_util::future::join_all(asking).await;
            assert!(renewed.iter().all(|it| *it == renewed[0]), "they all hear the same");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let times = *fetched.lock().unwrap();
        assert!((4..=5).contains(&times), "{times} times in 20 s");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_long_and_no_more_than_a_few_wait() {
        let keys = keys();
        let began = Instant::now();
        // Nobody fetches them.
        let asking = (0..WAITING + 10).map(|_| keys.renewed());
        let renewed = futures_util::future::join_all(asking).await;
        assert!(!renewed.contains(&true));
        assert_eq!(began.elapsed().as_secs(), PATIENCE.as_secs());
    }

    #[test]
    fn a_generation_ends_with_its_keys() {
        let keys = keys();
        let read = |x: &str| {
            let json = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}]}}"#);
            KeySet::read(json.as_bytes(), keys.algorithms()).unwrap().keys
        };
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        assert!(keys.publish(read(x)));
        assert!(!keys.publish(read(x)), "the same");
        assert_eq!(keys.current().generation, 1);
        assert!(keys.publish(KeySet::default()));
        assert_eq!(keys.current().generation, 2);
        assert!(!format!("{keys:?}").contains("secret"));
    }
}
