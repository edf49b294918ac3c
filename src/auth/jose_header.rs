//! The first part of a token: what it says of its signature.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use super::{
    issuer::{Current, IssuerKey, LONGEST_KEY_ID, PublishedKeys},
    refusal::TokenError,
};

/// A token's first part.
#[derive(Debug, Deserialize)]
pub(super) struct JoseHeader {
    alg: String,
    crit: Option<serde::de::IgnoredAny>,
    kid: Option<serde_json::Value>,
}

impl JoseHeader {
    pub(super) fn read(part: &str) -> Result<Self, TokenError> {
        let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::NotJwt)?;
        serde_json::from_slice(&json).map_err(|_| TokenError::NotJwt)
    }

    /// Whether it asks for this algorithm and nothing else. RFC 7515: extensions that the header calls critical and
    /// nobody knows refuse the token.
    pub(super) fn asks_for(&self, algorithm: &str) -> bool {
        self.alg == algorithm && self.crit.is_none()
    }

    pub(super) fn check(&self, key: &IssuerKey) -> Result<(), TokenError> {
        let algorithm = key.algorithm();
        let fits = self.asks_for(algorithm.as_str());
        fits.then_some(()).ok_or(TokenError::IssuersAlgorithm(algorithm))
    }

    /// The key of an issuer's that it names. Nobody is asked for a key that could sign nothing.
    pub(super) fn key<'k>(&self, current: &'k Current, published: &PublishedKeys) -> Result<&'k IssuerKey, TokenError> {
        let algorithms = published.algorithms();
        if !algorithms.iter().any(|algorithm| self.asks_for(algorithm.as_str())) {
            return Err(TokenError::IssuersAlgorithms);
        }

        let id = match &self.kid {
            None => None,
            Some(serde_json::Value::String(id)) if id.len() <= LONGEST_KEY_ID => Some(id.as_str()),
            Some(_) => return Err(TokenError::KeyId),
        };
        let key = match (id, current.keys.find(id)) {
            (_, Some(key)) => key,
            // Of several it has to name one.
            (None, None) if !current.keys.is_empty() => return Err(TokenError::KeyId),
            _ => return Err(TokenError::KeyUnknown),
        };
        self.check(key).map(|()| key)
    }
}
