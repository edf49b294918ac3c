//! Who calls, by the `Authorization` header: with a token or an API key.

use axum::http::{HeaderMap, header::AUTHORIZATION};

use super::{
    credential::{Credential, RevocableToken},
    listener::Peer,
    state::HttpState,
};
use crate::{
    auth::{self, Caller},
    graphql::admission::{Code, Refusal},
};

impl HttpState {
    /// The caller; `None` without a token or key, which is enough for `{ __typename }`: the fields guard themselves.
    /// A good token gives the connection a slot among those who are known.
    pub(super) async fn caller(&self, headers: &HeaderMap, peer: Option<&Peer>) -> Result<Option<Caller>, Refusal> {
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
        self.caller_of(text, peer).await.map(Some)
    }

    /// The caller of `Bearer <token>` or `Bearer <key>`.
    pub(super) async fn caller_of(&self, authorization: &str, peer: Option<&Peer>) -> Result<Caller, Refusal> {
        let token = match authorization.trim().split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Err(refuse("the `Authorization` header has to be `Bearer <token>`")),
        };

        // No token begins as a key does.
        let shown = if token.starts_with(auth::KEY_PREFIX) {
            let shown = self.config.api_keys.verify(token, self.clock.now());
            shown.map_err(|error| (error.to_string(), auth::KEY_REFUSED.to_owned()))
        } else {
            let shown = self.verifier.verify(token).await;
            shown.map_err(|error| (error.to_string(), error.to_string()))
        };
        let caller = shown.map_err(|(reason, told)| {
            // Neither repeats the token or the key.
            tracing::info!(reason, "a token or key was refused");
            refuse(&told)
        })?;

        if let Some(peer) = peer {
            peer.connection.shows_token();
        }
        Ok(caller)
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

fn refuse(message: &str) -> Refusal {
    Refusal::new(Code::Unauthenticated, message)
}
