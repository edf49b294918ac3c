//! The claims of a token whose signature was found good.
//!
//! Each one is read by itself, so that what is wrong with it can be said. The library's own reader takes all of them at
//! once: a claim of another form reads like a wrong signature there.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{AUDIENCE, ISSUER, numeric_date, permission::Permission, refusal::TokenError};

/// What a token says, each claim of the right form. The times are not compared with anything yet.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) subject: String,
    pub(super) permissions: BTreeSet<Permission>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) not_before: Option<DateTime<Utc>>,
    pub(super) issued_at: Option<DateTime<Utc>>,
}

impl Claims {
    /// Reads a token's payload, the JSON itself.
    pub(super) fn read(payload: &[u8]) -> Result<Self, TokenError> {
        let raw = serde_json::from_slice(payload).map_err(|_| TokenError::Payload)?;
        let raw = RawClaims(raw);

        for (name, wanted) in [("iss", ISSUER), ("aud", AUDIENCE)] {
            if !raw.required::<OneOrMany>(name)?.has(wanted) {
                return Err(TokenError::Wrong(name));
            }
        }

        let subject: String = raw.required("sub")?;
        if subject.trim().is_empty() {
            return Err(TokenError::Wrong("sub"));
        }
        let expires_at = raw.time("exp")?.ok_or(TokenError::Missing("exp"))?;

        // Permissions that this version doesn't know are left out, so that newer tokens work on older servers.
        let permissions: Vec<String> = raw.optional("permissions")?.unwrap_or_default();
        Ok(Self {
            subject,
            permissions: permissions.iter().filter_map(|text| text.parse().ok()).collect(),
            expires_at,
            not_before: raw.time("nbf")?,
            issued_at: raw.time("iat")?,
        })
    }
}

/// The claims as they stand in the token. A claim that is null counts as absent.
struct RawClaims(BTreeMap<String, Box<RawValue>>);

impl RawClaims {
    fn claim(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).map(|raw| &**raw).filter(|raw| raw.get() != "null")
    }

    fn optional<T: DeserializeOwned>(&self, name: &'static str) -> Result<Option<T>, TokenError> {
        let read = |raw: &RawValue| serde_json::from_str(raw.get()).map_err(|_| TokenError::Wrong(name));
        self.claim(name).map(read).transpose()
    }

    fn required<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, TokenError> {
        self.optional(name)?.ok_or(TokenError::Missing(name))
    }

    fn time(&self, name: &'static str) -> Result<Option<DateTime<Utc>>, TokenError> {
        let read = |raw: &RawValue| numeric_date::read(raw).ok_or(TokenError::Wrong(name));
        self.claim(name).map(read).transpose()
    }
}

/// RFC 7519: one audience, or a list. Issuers of some libraries are lists, too.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn has(&self, wanted: &str) -> bool {
        match self {
            Self::One(text) => text == wanted,
            Self::Many(texts) => texts.iter().any(|text| text == wanted),
        }
    }
}
