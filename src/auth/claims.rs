//! The claims of a token whose signature was found good.
//!
//! Each one is read by itself, so that what is wrong with it can be said. The library's own reader takes all of them at
//! once: a claim of another form reads like a wrong signature there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{
    AUDIENCE, ISSUER,
    caller::LEEWAY,
    issuer::{Granted, Issuer},
    numeric_date,
    permission::Permission,
    refusal::TokenError,
};

/// What a token says, each claim of the right form. The times are not compared with anything yet.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) subject: String,
    pub(super) permissions: BTreeSet<Permission>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) not_before: Option<DateTime<Utc>>,
    pub(super) issued_at: Option<DateTime<Utc>>,
    /// How much the clocks of the issuer and of this server may differ.
    pub(super) leeway: TimeDelta,
    /// Who signed it, where that was not this server.
    pub(super) issuer: Option<Arc<str>>,
}

impl Claims {
    /// Reads the payload of one of this server's own tokens, the JSON itself.
    pub(super) fn read(payload: &[u8]) -> Result<Self, TokenError> {
        let raw = RawClaims::read(payload)?;
        for (name, wanted) in [("iss", ISSUER), ("aud", AUDIENCE)] {
            if !raw.required::<OneOrMany>(name)?.has(wanted) {
                return Err(TokenError::Wrong(name));
            }
        }

        // Permissions that this version doesn't know are left out, so that newer tokens work on older servers.
        let permissions: Vec<String> = raw.optional("permissions")?.unwrap_or_default();
        let permissions = permissions.iter().filter_map(|text| text.parse().ok()).collect();
        raw.claims(permissions, LEEWAY)
    }

    /// Reads the payload of a token of `issuer`, whose `iss` it has.
    pub(super) fn of_issuer(payload: &[u8], issuer: &Issuer) -> Result<Self, TokenError> {
        let raw = RawClaims::read(payload)?;
        let audience = raw.required::<OneOrMany>("aud")?;
        if !issuer.audiences.iter().any(|wanted| audience.has(wanted)) {
            return Err(TokenError::IssuersAudience);
        }

        let permissions = raw.granted(&issuer.granted)?;
        let claims = raw.claims(permissions, issuer.leeway)?;
        Ok(Self {
            subject: issuer.subject(&claims.subject),
            issuer: Some(issuer.name.as_str().into()),
            ..claims
        })
    }
}

/// The `iss` of a payload that nobody has looked at yet, by which the key is found that its signature is checked with.
/// One text alone: of a list each could be meant.
pub(super) fn claimed_issuer(payload: &[u8]) -> Option<String> {
    RawClaims::read(payload).ok()?.optional("iss").ok()?
}

/// The claims as they stand in the token. A claim that is null counts as absent.
struct RawClaims(BTreeMap<String, Box<RawValue>>);

impl RawClaims {
    fn read(payload: &[u8]) -> Result<Self, TokenError> {
        serde_json::from_slice(payload)
            .map(Self)
            .map_err(|_| TokenError::Payload)
    }

    /// What is asked of every token.
    fn claims(&self, permissions: BTreeSet<Permission>, leeway: TimeDelta) -> Result<Claims, TokenError> {
        let subject: String = self.required("sub")?;
        if subject.trim().is_empty() {
            return Err(TokenError::Wrong("sub"));
        }

        Ok(Claims {
            subject,
            permissions,
            expires_at: self.time("exp")?.ok_or(TokenError::Missing("exp"))?,
            not_before: self.time("nbf")?,
            issued_at: self.time("iat")?,
            leeway,
            issuer: None,
        })
    }

    /// What a token of an issuer opens. Words of its claim that are no permissions are other programs'.
    fn granted(&self, granted: &Granted) -> Result<BTreeSet<Permission>, TokenError> {
        let mut permissions = granted.always.clone();
        let named = granted.by_claim.as_deref().and_then(|name| self.claim(name));
        if let Some(named) = named {
            let named: OneOrMany = serde_json::from_str(named.get()).map_err(|_| TokenError::IssuersPermissions)?;
            permissions.extend(named.words().filter_map(|word| word.parse::<Permission>().ok()));
        }
        Ok(permissions)
    }

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
    /// Of one text the words in it, as of OAuth's `scope`.
    fn words(&self) -> impl Iterator<Item = &str> {
        let texts = match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts.as_slice(),
        };
        texts.iter().flat_map(|text| text.split_whitespace())
    }

    fn has(&self, wanted: &str) -> bool {
        match self {
            Self::One(text) => text == wanted,
            Self::Many(texts) => texts.iter().any(|text| text == wanted),
        }
    }
}
