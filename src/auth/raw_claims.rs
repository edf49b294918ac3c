//! The claims of a token as they stand in it, each read by itself, so that what is wrong with it can be said.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{numeric_date, refusal::TokenError};

/// The claims by name. A claim that is null counts as absent.
pub(super) struct RawClaims(BTreeMap<String, Box<RawValue>>);

impl RawClaims {
    pub(super) fn read(payload: &[u8]) -> Result<Self, TokenError> {
        serde_json::from_slice(payload)
            .map(Self)
            .map_err(|_| TokenError::Payload)
    }

    pub(super) fn claim(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).map(|raw| &**raw).filter(|raw| raw.get() != "null")
    }

    pub(super) fn optional<T: DeserializeOwned>(&self, name: &'static str) -> Result<Option<T>, TokenError> {
        let read = |raw: &RawValue| serde_json::from_str(raw.get()).map_err(|_| TokenError::Wrong(name));
        self.claim(name).map(read).transpose()
    }

    pub(super) fn required<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, TokenError> {
        self.optional(name)?.ok_or(TokenError::Missing(name))
    }

    pub(super) fn time(&self, name: &'static str) -> Result<Option<DateTime<Utc>>, TokenError> {
        let read = |raw: &RawValue| numeric_date::read(raw).ok_or(TokenError::Wrong(name));
        self.claim(name).map(read).transpose()
    }

    /// `jti`: a text, and of issuers that know it less well whatever stands there, as it is written.
    pub(super) fn id(&self) -> Option<String> {
        let raw = self.claim("jti")?.get();
        Some(serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned()))
    }

    /// `sub`, which is never blank.
    pub(super) fn subject(&self) -> Result<String, TokenError> {
        let subject: String = self.required("sub")?;
        if subject.trim().is_empty() {
            return Err(TokenError::Wrong("sub"));
        }
        Ok(subject)
    }
}

/// RFC 7519: one audience, or a list. Issuers of some libraries are lists, too.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    /// Of one text the words in it, as of OAuth's `scope`.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let texts = match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts.as_slice(),
        };
        texts.iter().flat_map(|text| text.split_whitespace())
    }

    pub(super) fn has(&self, wanted: &str) -> bool {
        match self {
            Self::One(text) => text == wanted,
            Self::Many(texts) => texts.iter().any(|text| text == wanted),
        }
    }
}
