//! The tokens that this server's secret signs.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::{AUDIENCE, ISSUER, permission::Permission};
use crate::{clock::Clock, id::random_id};

/// The claims of a token that is issued here.
#[derive(Debug, Serialize)]
struct IssuedClaims<'t> {
    iss: &'static str,
    aud: &'static str,
    sub: &'t str,
    exp: i64,
    nbf: i64,
    iat: i64,
    jti: &'t str,
    permissions: Vec<&'static str>,
}

/// A token that was just issued.
pub struct IssuedToken {
    /// Itself.
    pub token: String,
    /// Its `jti`.
    pub id: String,
}

/// Issues tokens. Cheap to clone.
#[derive(Clone)]
pub struct TokenIssuer {
    key: EncodingKey,
    clock: Clock,
}

impl TokenIssuer {
    /// An issuer that signs with `secret`.
    pub fn new(secret: &SecretString, clock: Clock) -> Self {
        Self {
            key: EncodingKey::from_secret(secret.expose_secret().as_bytes()),
            clock,
        }
    }

    /// A token for `subject` that ends after `valid_for`.
    pub fn issue(&self, subject: &str, permissions: &[Permission], valid_for: Duration) -> String {
        self.issue_with_id(subject, permissions, valid_for).token
    }

    /// The same, with the id by which it can be revoked.
    pub fn issue_with_id(&self, subject: &str, permissions: &[Permission], valid_for: Duration) -> IssuedToken {
        let now = self.clock.now().timestamp();
        let id = random_id().to_string();
        let claims = IssuedClaims {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: subject,
            exp: now.saturating_add_unsigned(valid_for.as_secs()),
            nbf: now,
            iat: now,
            jti: &id,
            permissions: permissions.iter().map(|permission| permission.as_str()).collect(),
        };

        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.key);
        IssuedToken {
            token: token.expect("HS256 over plain claims always signs"),
            id,
        }
    }
}
