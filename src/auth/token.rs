//! HS256 bearer tokens: issued by `dingmirror token` (or by a caller that holds the shared secret), checked at the edge.
//!
//! The library checks signature, algorithm, issuer and audience; the times are checked here against the [`Clock`], because
//! the library reads the system's and leaves `nbf` alone by default.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{caller::Caller, permission::Permission};
use crate::clock::Clock;

/// `iss` of every token.
pub const ISSUER: &str = "dingmirror";

/// `aud` of every token.
pub const AUDIENCE: &str = "dingmirror";

/// The clocks of the issuer and of this server may differ by this much.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// HMAC-SHA256 is as strong as its key: anything shorter than its output can be guessed more easily than the hash.
pub const MIN_SECRET_BYTES: usize = 32;

/// The claims. Permissions that this version does not know are ignored, so that newer tokens work on older servers.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: String,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(default)]
    permissions: Vec<String>,
}

/// RFC 7519: one audience, or a list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
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
        let claims = Claims {
            iss: ISSUER.into(),
            aud: Audience::One(AUDIENCE.into()),
            sub: subject.into(),
            exp: now.saturating_add_unsigned(valid_for.as_secs()),
            nbf: Some(now),
            iat: Some(now),
            permissions: permissions.iter().map(ToString::to_string).collect(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.key)
            .expect("HS256 over plain claims always signs")
    }
}

/// Checks tokens. Cheap to clone.
#[derive(Clone)]
pub struct TokenVerifier {
    keys: Arc<[DecodingKey]>,
    validation: Arc<Validation>,
    clock: Clock,
}

impl TokenVerifier {
    /// A verifier of tokens signed with `secret`.
    pub fn new(secret: &SecretString, clock: Clock) -> Self {
        Self::with_secrets(std::slice::from_ref(secret), clock)
    }

    /// A verifier that takes any of several secrets, so that one can be replaced without a moment in which tokens fail.
    pub fn with_secrets(secrets: &[SecretString], clock: Clock) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        let keys = secrets
            .iter()
            .map(|secret| DecodingKey::from_secret(secret.expose_secret().as_bytes()))
            .collect();
        Self {
            keys,
            validation: Arc::new(validation),
            clock,
        }
    }

    /// Who sent `token` (without the `Bearer ` before it).
    pub fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        let mut refusal = TokenError::Invalid;
        for key in self.keys.iter() {
            match jsonwebtoken::decode::<Claims>(token, key, &self.validation) {
                Ok(data) => return self.caller(data.claims),
                // Another secret may fit: what a token that does fit lacks is told in preference to "invalid".
                Err(error) => {
                    let told = TokenError::from_library(error.kind());
                    if told != TokenError::Invalid {
                        refusal = told;
                    }
                }
            }
        }
        Err(refusal)
    }

    fn caller(&self, claims: Claims) -> Result<Caller, TokenError> {
        let now = self.clock.now();
        let expires_at = DateTime::<Utc>::from_timestamp(claims.exp, 0).ok_or(TokenError::Claim("exp"))?;
        if expires_at + LEEWAY <= now {
            return Err(TokenError::Expired);
        }
        if let Some(not_before) = claims.nbf
            && DateTime::<Utc>::from_timestamp(not_before, 0).ok_or(TokenError::Claim("nbf"))? - LEEWAY > now
        {
            return Err(TokenError::NotYetValid);
        }
        if claims.sub.trim().is_empty() {
            return Err(TokenError::Claim("sub"));
        }
        let permissions = claims
            .permissions
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect::<BTreeSet<_>>();
        Ok(Caller {
            subject: claims.sub,
            permissions,
            expires_at,
        })
    }
}

/// Why a token was refused; the text is fit for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a JWT, another algorithm, or another signature.
    #[error("the token is not a JWT signed with this server's secret")]
    Invalid,
    /// `exp` has passed.
    #[error("the token has expired: get a new one, say with `dingmirror token`")]
    Expired,
    /// `nbf` is to come.
    #[error("the token is not valid yet: compare the clocks of this server and its issuer")]
    NotYetValid,
    /// A claim is missing or not what it must be.
    #[error("the token lacks the `{0}` claim, or has a wrong one")]
    Claim(&'static str),
}

impl TokenError {
    fn from_library(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidIssuer => Self::Claim("iss"),
            ErrorKind::InvalidAudience => Self::Claim("aud"),
            ErrorKind::MissingRequiredClaim(claim) | ErrorKind::InvalidClaimFormat(claim) => {
                ["exp", "iss", "aud", "sub", "nbf"]
                    .into_iter()
                    .find(|c| c == claim)
                    .map_or(Self::Invalid, Self::Claim)
            }
            _ => Self::Invalid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn clock() -> Clock {
        Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).unwrap())
    }

    fn verifier() -> TokenVerifier {
        TokenVerifier::new(&SECRET.into(), clock())
    }

    fn sign(claims: &serde_json::Value, algorithm: Algorithm) -> String {
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    fn claims() -> serde_json::Value {
        serde_json::json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "plugin", "exp": 1_800_000_100, "permissions": ["directory:read"],
        })
    }

    #[test]
    fn an_issued_token_says_who_and_what() {
        let token = TokenIssuer::new(&SECRET.into(), clock()).issue(
            "plugin",
            &[Permission::MessageSend, Permission::DirectoryRead],
            Duration::from_secs(60),
        );
        let caller = verifier().verify(&token).unwrap();
        assert_eq!(caller.subject, "plugin");
        assert!(caller.may(Permission::MessageSend) && !caller.may(Permission::SettingsWrite));
        assert_eq!(caller.expires_at.timestamp(), 1_800_000_060);
    }

    #[test]
    fn a_wrong_or_missing_claim_is_named() {
        let with = |name: &str, value: serde_json::Value| {
            let mut claims = claims();
            claims[name] = value;
            verifier().verify(&sign(&claims, Algorithm::HS256))
        };
        let without = |name: &str| {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(name);
            verifier().verify(&sign(&claims, Algorithm::HS256))
        };
        assert!(with("aud", serde_json::json!(["other", AUDIENCE])).is_ok());
        assert_eq!(with("iss", "other".into()), Err(TokenError::Claim("iss")));
        assert_eq!(with("aud", "other".into()), Err(TokenError::Claim("aud")));
        assert_eq!(with("sub", "  ".into()), Err(TokenError::Claim("sub")));
        assert_eq!(with("exp", 1_799_999_000.into()), Err(TokenError::Expired));
        assert_eq!(with("exp", i64::MAX.into()), Err(TokenError::Claim("exp")));
        assert_eq!(with("nbf", 1_800_000_900.into()), Err(TokenError::NotYetValid));
        for claim in ["iss", "aud", "sub", "exp"] {
            assert!(without(claim).is_err(), "{claim} is required");
        }
        assert_eq!(
            with("permissions", serde_json::json!(["future:verb"]))
                .unwrap()
                .permissions
                .len(),
            0
        );
    }

    #[test]
    fn another_secret_another_algorithm_and_no_token_are_refused() {
        let other = TokenVerifier::new(&"f".repeat(32).into(), clock());
        assert_eq!(
            other.verify(&sign(&claims(), Algorithm::HS256)),
            Err(TokenError::Invalid)
        );
        assert_eq!(
            verifier().verify(&sign(&claims(), Algorithm::HS512)),
            Err(TokenError::Invalid)
        );
        for text in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "ünicode"] {
            assert_eq!(verifier().verify(text), Err(TokenError::Invalid));
        }
    }

    #[test]
    fn an_old_secret_goes_on_working_beside_a_new_one() {
        let both = TokenVerifier::with_secrets(&["n".repeat(32).into(), SECRET.into()], clock());
        assert!(both.verify(&sign(&claims(), Algorithm::HS256)).is_ok());
        let mut expired = claims();
        expired["exp"] = 1_799_999_000.into();
        assert_eq!(both.verify(&sign(&expired, Algorithm::HS256)), Err(TokenError::Expired));
    }
}
