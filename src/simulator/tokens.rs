//! Access tokens: 7200 s, the same one while it is valid, renewed by asking again.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::permissions::Permissions;
use super::random::fresh_uuid;
use super::wire::Refusal;

/// How long a token lives after it was last asked for, in seconds.
pub(crate) const LIFETIME: i64 = 7_200;
/// How many requests for a token are remembered one by one.
const REMEMBERED: usize = 100;

#[derive(Debug)]
struct Token {
    text: String,
    expires_at: DateTime<Utc>,
    permissions: Permissions,
}

/// The tokens of the one app, and a record of who asked for them.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    current: Option<Token>,
    asked: u64,
    issued: u64,
    recent: VecDeque<Value>,
}

impl Tokens {
    /// The current token, renewed; a new one with today's permissions when there is none.
    pub(crate) fn issue(&mut self, now: DateTime<Utc>, permissions: &Permissions) -> String {
        let expires_at = now + TimeDelta::seconds(LIFETIME);
        if let Some(token) = self.current.as_mut().filter(|token| token.expires_at > now) {
            token.expires_at = expires_at;
            return token.text.clone();
        }

        self.issued += 1;
        // Not from the seed: after a restart the tokens of before must be unknown, as they would be.
        let text = fresh_uuid().simple().to_string();
        self.current = Some(Token {
            text: text.clone(),
            expires_at,
            permissions: permissions.clone(),
        });
        text
    }

    /// The permissions a token carries; 40000 without a token, 40014 with a wrong or expired one.
    pub(crate) fn check(&self, token: Option<&str>, now: DateTime<Utc>, topapi: bool) -> Result<Permissions, Refusal> {
        let Some(token) = token else {
            return Err(if topapi {
                Refusal::gateway("40000", "access_token is blank")
            } else {
                Refusal::business(40_035, "缺少参数 access_token")
            });
        };

        match self
            .current
            .as_ref()
            .filter(|known| known.text == token && known.expires_at > now)
        {
            Some(known) => Ok(known.permissions.clone()),
            None => Err(Refusal::gateway("40014", "不合法的access_token")),
        }
    }

    /// Makes every token that was issued so far unknown.
    pub(crate) fn expire(&mut self) {
        self.current = None;
    }

    /// Remembers that somebody asked for a token, and how it went.
    pub(crate) fn record(&mut self, now: DateTime<Utc>, path: &str, app_key: &str, granted: bool) {
        self.asked += 1;
        self.recent.truncate(REMEMBERED - 1);
        let app_key: String = app_key.chars().take(64).collect();
        self.recent
            .push_front(json!({"at": now, "path": path, "app_key": app_key, "granted": granted}));
    }

    /// `{total, issued, recent: [{at, path, app_key, granted}]}`, the newest first.
    pub(crate) fn report(&self) -> Value {
        json!({"total": self.asked, "issued": self.issued, "recent": self.recent})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stays_the_same_and_is_renewed_until_two_hours_pass_without_asking() {
        let (mut tokens, start) = (Tokens::default(), DateTime::UNIX_EPOCH);
        let permissions = Permissions::default();
        let first = tokens.issue(start, &permissions);
        assert_eq!(first.len(), 32);

        let later = start + TimeDelta::seconds(7_000);
        assert_eq!(tokens.issue(later, &permissions), first);
        assert!(
            tokens
                .check(Some(&first), start + TimeDelta::seconds(14_199), true)
                .is_ok()
        );
        assert!(
            tokens
                .check(Some(&first), start + TimeDelta::seconds(14_200), true)
                .is_err()
        );
        assert_ne!(tokens.issue(start + TimeDelta::seconds(14_200), &permissions), first);
    }

    #[test]
    fn a_token_keeps_the_permissions_of_the_moment_it_was_issued() {
        let mut tokens = Tokens::default();
        let none = Permissions {
            mobile: false,
            ..Permissions::default()
        };
        let token = tokens.issue(DateTime::UNIX_EPOCH, &none);
        assert_eq!(tokens.issue(DateTime::UNIX_EPOCH, &Permissions::default()), token);
        assert_eq!(tokens.check(Some(&token), DateTime::UNIX_EPOCH, true), Ok(none));
    }
}
