//! Access tokens: one for each (token URL, app key, secret), fetched by one caller while the others wait.
//!
//! DingTalk gives the same token again while it is valid, and renews it; its documentation advises to ask 10 minutes
//! early.

use std::{
    future::Future,
    sync::{Arc, Mutex as SyncMutex},
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Mutex, time::Instant};
use url::Url;

use super::{config::Waits, connection::Connection, error::Error};
use crate::settings::Api;

/// Settings change now and then; older credentials' tokens are of no use.
const REMEMBERED: usize = 8;

/// How long before its end a token is renewed.
const EARLY: Duration = Duration::from_mins(10);

/// A permission granted later is only in a token issued later, so one that lacks a permission is dropped at this age.
const LACKING_PERMISSION: Duration = Duration::from_mins(1);

#[derive(Default)]
pub(super) struct Tokens(SyncMutex<Vec<Arc<Slot>>>);

/// The token of one app.
pub(super) struct Slot {
    url: Option<Url>,
    app_key: String,
    app_secret: SecretString,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    refused: Option<(Instant, Error)>,
    serial: u64,
}

struct Held {
    token: SecretString,
    issued: Instant,
    renew: Instant,
    ends: Instant,
}

/// A token, and which one it is: so that fifty calls that fail with the same token renew it once.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) text: SecretString,
    serial: u64,
}

/// What `gettoken` answered.
pub(super) struct Issued {
    pub(super) token: SecretString,
    pub(super) valid_for: Duration,
}

impl Tokens {
    pub(super) fn slot(&self, connection: &Connection) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let url = connection.urls.get(&Api::GetToken);
        let wanted = |slot: &Arc<Slot>| {
            slot.url.as_ref() == url
                && slot.app_key == connection.app_key
                && slot.app_secret.expose_secret() == connection.app_secret.expose_secret()
        };

        if let Some(slot) = slots.iter().find(|slot| wanted(slot)) {
            return slot.clone();
        }
        if slots.len() >= REMEMBERED {
            slots.remove(0);
        }

        let slot = Arc::new(Slot {
            url: url.cloned(),
            app_key: connection.app_key.clone(),
            app_secret: connection.app_secret.clone(),
            state: Mutex::default(),
        });
        slots.push(slot.clone());
        slot
    }

    /// Somebody says that what was refused is put right: the next call asks again.
    pub(super) async fn forget_refusals(&self) {
        let slots = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
        for slot in slots {
            slot.state.lock().await.refused = None;
        }
    }
}

impl Slot {
    /// The token in force, or a new one by `fetch`; whoever comes meanwhile waits for the same one.
    pub(super) async fn get(
        &self,
        waits: &Waits,
        fetch: impl Future<Output = Result<Issued, Error>> + Send,
    ) -> Result<Token, Error> {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        let serial = state.serial;
        if let Some(held) = state.held.as_ref().filter(|held| now < held.renew) {
            return Ok(Token {
                text: held.token.clone(),
                serial,
            });
        }

        let usable = state
            .held
            .as_ref()
            .filter(|held| now < held.ends)
            .map(|held| held.token.clone());
        // Whoever comes right after a failure is told of it: DingTalk is not hammered.
        if let Some((until, error)) = &state.refused
            && now < *until
        {
            return usable.map(|text| Token { text, serial }).ok_or_else(|| error.clone());
        }

        match fetch.await {
            Ok(issued) => {
                let (now, valid) = (Instant::now(), issued.valid_for);
                let early = EARLY.min(valid / 2);
                state.held = Some(Held {
                    token: issued.token.clone(),
                    issued: now,
                    renew: now + valid - early,
                    ends: now + valid,
                });
                state.refused = None;
                state.serial += 1;
                Ok(Token {
                    text: issued.token,
                    serial: state.serial,
                })
            }
            Err(error) => {
                let until = Instant::now() + waits.token_failure;
                state.refused = Some((until, error.clone()));
                usable.map(|text| Token { text, serial }).ok_or(error)
            }
        }
    }

    /// DingTalk refused `token`. Whether asking for another makes sense: not where this one was only just issued.
    pub(super) async fn refused(&self, token: &Token, waits: &Waits) -> bool {
        let mut state = self.state.lock().await;
        if state.serial != token.serial {
            return true;
        }

        let is_young = |held: &Held| held.issued.elapsed() < waits.token_renewal;
        if state.held.as_ref().is_some_and(is_young) {
            return false;
        }
        state.held = None;
        true
    }

    /// `token` lacks a permission: the next call asks for another, unless this one is fresh.
    pub(super) async fn lacks_permission(&self, token: &Token) {
        let mut state = self.state.lock().await;
        let old = |held: &Held| held.issued.elapsed() >= LACKING_PERMISSION;
        if state.serial == token.serial && state.held.as_ref().is_some_and(old) {
            state.held = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use super::*;
    use crate::dingtalk::ErrorKind;

    struct Source {
        start: Instant,
        asked: AtomicU32,
        fails: std::sync::atomic::AtomicBool,
    }

    impl Source {
        fn new() -> Self {
            Self {
                start: Instant::now(),
                asked: AtomicU32::default(),
                fails: std::sync::atomic::AtomicBool::default(),
            }
        }

        /// The token that `slot` gives `minutes` after the start, by its number.
        async fn ask(&self, slot: &Slot, minutes: u64) -> Result<String, ErrorKind> {
            let at = self.start + Duration::from_mins(minutes);
            tokio::time::advance(at - Instant::now()).await;

            let fetch = async {
                let number = self.asked.fetch_add(1, Relaxed) + 1;
                if self.fails.load(Relaxed) {
                    let api = Api::GetToken;
                    return Err(Error {
                        api,
                        kind: ErrorKind::Unavailable,
                        code: None,
                        message: String::new(),
                        retry_after: None,
                    });
                }
                Ok(Issued {
                    token: number.to_string().into(),
                    valid_for: Duration::from_secs(7200),
                })
            };

            let token = slot.get(&Waits::default(), fetch).await.map_err(|error| error.kind)?;
            if minutes % 2 == 1 {
                slot.lacks_permission(&token).await;
            }
            Ok(token.text.expose_secret().to_owned())
        }
    }

    fn slot() -> Arc<Slot> {
        let urls = std::collections::BTreeMap::new();
        let connection = Connection {
            app_key: "k".into(),
            app_secret: "s".into(),
            agent_id: None,
            urls,
            off: std::collections::BTreeMap::new(),
        };

        let tokens = Tokens::default();
        let slot = tokens.slot(&connection);
        assert!(Arc::ptr_eq(&slot, &tokens.slot(&connection)));
        let other = Connection {
            app_secret: "t".into(),
            ..connection
        };
        assert!(
            !Arc::ptr_eq(&slot, &tokens.slot(&other)),
            "another secret is another token"
        );

        slot
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_ten_minutes_before_its_end() {
        let (source, slot) = (Source::new(), slot());
        for (minutes, token) in [(0, "1"), (108, "1"), (110, "2"), (218, "2"), (400, "3")] {
            assert_eq!(
                source.ask(&slot, minutes).await.as_deref(),
                Ok(token),
                "after {minutes} minutes"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_early_renewal_that_fails_leaves_the_token_in_use_until_its_end() {
        let (source, slot) = (Source::new(), slot());
        assert_eq!(source.ask(&slot, 0).await.as_deref(), Ok("1"));

        source.fails.store(true, Relaxed);
        for minutes in [112, 112, 112, 118] {
            assert_eq!(
                source.ask(&slot, minutes).await.as_deref(),
                Ok("1"),
                "after {minutes} minutes"
            );
        }

        assert_eq!(source.asked.load(Relaxed), 3, "a failed renewal isn't repeated at once");
        assert_eq!(source.ask(&slot, 120).await, Err(ErrorKind::Unavailable));
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_lacks_a_permission_is_replaced_once_it_is_a_minute_old() {
        let (source, slot) = (Source::new(), slot());
        assert_eq!(source.ask(&slot, 0).await.as_deref(), Ok("1"));
        assert_eq!(source.ask(&slot, 3).await.as_deref(), Ok("1"));
        assert_eq!(source.ask(&slot, 3).await.as_deref(), Ok("2"));
        assert_eq!(source.ask(&slot, 3).await.as_deref(), Ok("2"), "this one is fresh");
    }
}
