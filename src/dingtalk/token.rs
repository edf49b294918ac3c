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

/// The tokens of the apps that were asked for last.
#[derive(Default)]
pub(super) struct TokenCache(SyncMutex<Vec<Arc<AppToken>>>);

/// The token of one app.
pub(super) struct AppToken {
    url: Option<Url>,
    app_key: String,
    app_secret: SecretString,
    state: Mutex<AppTokenState>,
}

#[derive(Default)]
struct AppTokenState {
    cached: Option<CachedToken>,
    refused: Option<(Instant, Error)>,
    serial: u64,
}

struct CachedToken {
    token: SecretString,
    issued: Instant,
    renew: Instant,
    ends: Instant,
}

/// A token, and which one it is: so that fifty calls that fail with the same token renew it once.
#[derive(Clone)]
pub(super) struct AccessToken {
    pub(super) text: SecretString,
    serial: u64,
}

/// What `gettoken` answered.
pub(super) struct GrantedToken {
    pub(super) token: SecretString,
    pub(super) valid_for: Duration,
}

impl TokenCache {
    pub(super) fn app_token(&self, connection: &Connection) -> Arc<AppToken> {
        let mut app_tokens = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let url = connection.urls.get(&Api::GetToken);
        let wanted = |app_token: &Arc<AppToken>| {
            app_token.url.as_ref() == url
                && app_token.app_key == connection.app_key
                && app_token.app_secret.expose_secret() == connection.app_secret.expose_secret()
        };

        if let Some(app_token) = app_tokens.iter().find(|app_token| wanted(app_token)) {
            return app_token.clone();
        }
        if app_tokens.len() >= REMEMBERED {
            app_tokens.remove(0);
        }

        let app_token = Arc::new(AppToken {
            url: url.cloned(),
            app_key: connection.app_key.clone(),
            app_secret: connection.app_secret.clone(),
            state: Mutex::default(),
        });
        app_tokens.push(app_token.clone());
        app_token
    }

    /// Somebody says that what was refused is put right: the next call asks again.
    pub(super) async fn forget_refusals(&self) {
        let app_tokens = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
        for app_token in app_tokens {
            app_token.state.lock().await.refused = None;
        }
    }
}

impl AppToken {
    /// The token in force, or a new one by `fetch`; whoever comes meanwhile waits for the same one.
    pub(super) async fn get(
        &self,
        waits: &Waits,
        fetch: impl Future<Output = Result<GrantedToken, Error>> + Send,
    ) -> Result<AccessToken, Error> {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        let serial = state.serial;
        if let Some(cached) = state.cached.as_ref().filter(|cached| now < cached.renew) {
            return Ok(AccessToken {
                text: cached.token.clone(),
                serial,
            });
        }

        let usable = state
            .cached
            .as_ref()
            .filter(|cached| now < cached.ends)
            .map(|cached| cached.token.clone());
        // Whoever comes right after a failure is told of it: DingTalk is not hammered.
        if let Some((until, error)) = &state.refused
            && now < *until
        {
            return usable
                .map(|text| AccessToken { text, serial })
                .ok_or_else(|| error.clone());
        }

        match fetch.await {
            Ok(issued) => {
                let (now, valid) = (Instant::now(), issued.valid_for);
                let early = EARLY.min(valid / 2);
                state.cached = Some(CachedToken {
                    token: issued.token.clone(),
                    issued: now,
                    renew: now + valid - early,
                    ends: now + valid,
                });
                state.refused = None;
                state.serial += 1;
                Ok(AccessToken {
                    text: issued.token,
                    serial: state.serial,
                })
            }
            Err(error) => {
                let until = Instant::now() + waits.token_failure;
                state.refused = Some((until, error.clone()));
                usable.map(|text| AccessToken { text, serial }).ok_or(error)
            }
        }
    }

    /// DingTalk refused `token`. Whether asking for another makes sense: not where this one was only just issued.
    pub(super) async fn refused(&self, token: &AccessToken, waits: &Waits) -> bool {
        let mut state = self.state.lock().await;
        if state.serial != token.serial {
            return true;
        }

        let is_young = |cached: &CachedToken| cached.issued.elapsed() < waits.token_renewal;
        if state.cached.as_ref().is_some_and(is_young) {
            return false;
        }
        state.cached = None;
        true
    }

    /// `token` lacks a permission: the next call asks for another, unless this one is fresh.
    pub(super) async fn lacks_permission(&self, token: &AccessToken) {
        let mut state = self.state.lock().await;
        let old = |cached: &CachedToken| cached.issued.elapsed() >= LACKING_PERMISSION;
        if state.serial == token.serial && state.cached.as_ref().is_some_and(old) {
            state.cached = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use super::*;
    use crate::{catalogue::Statement, dingtalk::ErrorKind};

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

        /// The token that `app_token` gives `minutes` after the start, by its number.
        async fn ask(&self, app_token: &AppToken, minutes: u64) -> Result<String, ErrorKind> {
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
                        message: Statement::other(""),
                        retry_after: None,
                    });
                }
                Ok(GrantedToken {
                    token: number.to_string().into(),
                    valid_for: Duration::from_secs(7200),
                })
            };

            let token = app_token
                .get(&Waits::default(), fetch)
                .await
                .map_err(|error| error.kind)?;
            if minutes % 2 == 1 {
                app_token.lacks_permission(&token).await;
            }
            Ok(token.text.expose_secret().to_owned())
        }
    }

    fn app_token() -> Arc<AppToken> {
        let urls = std::collections::BTreeMap::new();
        let connection = Connection {
            app_key: "k".into(),
            app_secret: "s".into(),
            agent_id: None,
            urls,
            off: std::collections::BTreeMap::new(),
        };

        let tokens = TokenCache::default();
        let app_token = tokens.app_token(&connection);
        assert!(Arc::ptr_eq(&app_token, &tokens.app_token(&connection)));
        let other = Connection {
            app_secret: "t".into(),
            ..connection
        };
        assert!(
            !Arc::ptr_eq(&app_token, &tokens.app_token(&other)),
            "another secret is another token"
        );

        app_token
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_ten_minutes_before_its_end() {
        let (source, app_token) = (Source::new(), app_token());
        for (minutes, token) in [(0, "1"), (108, "1"), (110, "2"), (218, "2"), (400, "3")] {
            assert_eq!(
                source.ask(&app_token, minutes).await.as_deref(),
                Ok(token),
                "after {minutes} minutes"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_early_renewal_that_fails_leaves_the_token_in_use_until_its_end() {
        let (source, app_token) = (Source::new(), app_token());
        assert_eq!(source.ask(&app_token, 0).await.as_deref(), Ok("1"));

        source.fails.store(true, Relaxed);
        for minutes in [112, 112, 112, 118] {
            assert_eq!(
                source.ask(&app_token, minutes).await.as_deref(),
                Ok("1"),
                "after {minutes} minutes"
            );
        }

        assert_eq!(source.asked.load(Relaxed), 3, "a failed renewal isn't repeated at once");
        assert_eq!(source.ask(&app_token, 120).await, Err(ErrorKind::Unavailable));
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_lacks_a_permission_is_replaced_once_it_is_a_minute_old() {
        let (source, app_token) = (Source::new(), app_token());
        assert_eq!(source.ask(&app_token, 0).await.as_deref(), Ok("1"));
        assert_eq!(source.ask(&app_token, 3).await.as_deref(), Ok("1"));
        assert_eq!(source.ask(&app_token, 3).await.as_deref(), Ok("2"));
        assert_eq!(source.ask(&app_token, 3).await.as_deref(), Ok("2"), "this one is fresh");
    }
}
