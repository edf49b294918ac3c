//! Who calls, by the `Authorization` header: with a token or an API key.

use std::{net::IpAddr, time::Duration};

use axum::{
    http::{HeaderMap, header::AUTHORIZATION},
    response::Response,
};

use super::{
    credential::{Credential, RevocableToken},
    listener::Peer,
    response::{too_many, unauthenticated},
    state::HttpState,
};
use crate::{
    auth::{self, Caller, KeyError, TokenError},
    graphql::admission::{Code, Refusal},
};

/// From where something was shown.
#[derive(Clone, Copy, Default)]
pub(super) struct Sender<'r> {
    /// The other end of the connection.
    pub(super) peer: Option<&'r Peer>,
    /// The client's address, by the proxies that are trusted: what is refused is counted by it.
    pub(super) source: Option<IpAddr>,
}

/// Why somebody is no caller.
#[derive(Debug)]
pub(super) enum NoCaller {
    /// What is wrong with what they have shown.
    Refused(Refusal),
    /// They have shown too much that was wrong: they may try again after a while.
    TooMany(Refusal, Duration),
}

impl NoCaller {
    /// The answer over HTTP.
    pub(super) fn response(self) -> Response {
        match self {
            Self::Refused(refusal) => unauthenticated(refusal),
            Self::TooMany(refusal, wait) => too_many(refusal, wait),
        }
    }

    /// The words alone.
    pub(super) fn message(self) -> String {
        match self {
            Self::Refused(refusal) | Self::TooMany(refusal, _) => refusal.message,
        }
    }
}

/// A token or a key that is refused.
struct Shown {
    /// For the log.
    reason: String,
    /// For whoever has shown it.
    told: String,
    /// It shows nothing that was ever good.
    is_guess: bool,
}

impl HttpState {
    /// The caller; `None` without a token or key, which is enough for `{ __typename }`: the fields guard themselves.
    /// A good token gives the connection a slot among those who are known.
    pub(super) async fn caller(&self, headers: &HeaderMap, from: Sender<'_>) -> Result<Option<Caller>, NoCaller> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(refuse("there are two `Authorization` headers"));
        }

        let text = value
            .to_str()
            .map_err(|_| refuse("the `Authorization` header is not plain text"))?;
        self.caller_of(text, from).await.map(Some)
    }

    /// The caller of `Bearer <token>` or `Bearer <key>`.
    pub(super) async fn caller_of(&self, authorization: &str, from: Sender<'_>) -> Result<Caller, NoCaller> {
        let token = match authorization.trim().split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Err(refuse("the `Authorization` header has to be `Bearer <token>`")),
        };

        // No token begins as a key does.
        let shown = if token.starts_with(auth::KEY_PREFIX) {
            let shown = self.config.api_keys.verify(token, self.clock.now());
            shown.map_err(Shown::of_key)
        } else {
            self.verifier.verify(token).await.map_err(Shown::of_token)
        };
        let caller = shown.map_err(|shown| self.refused(shown, from.source))?;

        if let Some(peer) = from.peer {
            peer.connection.shows_token();
        }
        Ok(caller)
    }

    /// Counts it, and says so.
    fn refused(&self, shown: Shown, address: Option<IpAddr>) -> NoCaller {
        let Shown { reason, told, is_guess } = shown;
        let source = address.map(tracing::field::display);
        let consequence = self.refusals.count(address, is_guess);
        if consequence.is_logged {
            // Neither repeats the token or the key.
            tracing::info!(reason, source, "a token or key was refused");
        }
        if consequence.is_last {
            tracing::info!(
                source,
                "more tokens and keys of this address are not told of for a while"
            );
        }

        match consequence.wait {
            None => refuse(&told),
            Some(wait) => {
                let message = "too many tokens or keys from this address were refused: wait, and show a good one";
                NoCaller::TooMany(Refusal::new(Code::RateLimited, message), wait)
            }
        }
    }

    /// What ends whatever runs for this caller.
    pub(super) fn credential_of(&self, caller: &Caller) -> Credential {
        Credential {
            time_left: (caller.refused_from() - self.clock.now()).to_std().unwrap_or_default(),
            key: caller.key.map(|id| (self.config.api_keys.clone(), id)),
            token: caller.token.clone().map(|mark| RevocableToken {
                revocations: self.verifier.revocations().clone(),
                subject: caller.subject.clone(),
                mark,
            }),
        }
    }
}

impl Shown {
    fn of_key(error: KeyError) -> Self {
        Self {
            reason: error.to_string(),
            told: auth::KEY_REFUSED.to_owned(),
            is_guess: !matches!(error, KeyError::Expired(_)),
        }
    }

    /// A token that was signed well, and whose time is over or to come, is nobody's guess: its holder gets a new one.
    fn of_token(error: TokenError) -> Self {
        Self {
            reason: error.to_string(),
            told: error.to_string(),
            is_guess: !matches!(error, TokenError::Expired | TokenError::NotYetValid),
        }
    }
}

fn refuse(message: &str) -> NoCaller {
    NoCaller::Refused(Refusal::new(Code::Unauthenticated, message))
}
