//! Who calls, by the `Authorization` header.

use axum::http::{HeaderMap, header::AUTHORIZATION};

use super::{listener::Peer, state::HttpState};
use crate::{
    auth::Caller,
    graphql::admission::{Code, Refusal},
};

impl HttpState {
    /// The caller; `None` without a token, which is enough for `{ __typename }`: the fields guard themselves.
    /// A good token gives the connection a slot among those who are known.
    pub(super) fn caller(&self, headers: &HeaderMap, peer: Option<&Peer>) -> Result<Option<Caller>, Refusal> {
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
        self.caller_of(text, peer).map(Some)
    }

    /// The caller of `Bearer <token>`.
    pub(super) fn caller_of(&self, authorization: &str, peer: Option<&Peer>) -> Result<Caller, Refusal> {
        let token = match authorization.trim().split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Err(refuse("the `Authorization` header has to be `Bearer <token>`")),
        };

        let caller = self.verifier.verify(token).map_err(|error| {
            // Its text never repeats the token.
            tracing::info!(reason = %error, "a token was refused");
            refuse(&error.to_string())
        })?;

        if let Some(peer) = peer {
            peer.connection.shows_token();
        }
        Ok(caller)
    }

    /// How long the caller's token is still taken.
    pub(super) fn time_left(&self, caller: &Caller) -> std::time::Duration {
        (caller.refused_from() - self.clock.now()).to_std().unwrap_or_default()
    }
}

fn refuse(message: &str) -> Refusal {
    Refusal::new(Code::Unauthenticated, message)
}
