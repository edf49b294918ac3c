//! The tokens that this server's secret signs.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::{AUDIENCE, ISSUER, permission::Permission};
use crate::clock::Clock;

/// The claims of a token that is issued here.
#[derive(Debug, Serialize)]
struct IssuedClaims<'t> {
    iss: &'static str,
    aud: &'static str,
    sub: &'t str,
    exp: i64,
    nbf: i64,
    iat: i64,
    permissions: Vec<&'static str>,
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
        let now = self.clock.now().timestamp();
        let claims = IssuedClaims {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: subject,
            exp: now.saturating_add_unsigned(valid_for.as_secs()),
            nbf: now,
            iat: now,
            permissions: permissions.iter().map(|permission| permission.as_str()).collect(),
        };

        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.key)
            .expect("HS256 over plain claims always signs")
    }
}
