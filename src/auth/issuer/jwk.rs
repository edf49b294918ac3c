//! One key as an issuer publishes it (RFC 7517, 7518, 8037), taken for a signature's key and nothing else.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::IgnoredAny};

use super::{
    algorithm::SigningAlgorithm,
    key::{IssuerKey, KeyNumbers},
};

/// Bits of an RSA modulus.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;

/// Bytes of a key's id.
pub(super) const LONGEST_ID: usize = 512;

/// Why a published key is left out; in words for the operator, without anything of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKey {
    /// No JWK.
    #[error("one is written as no key is")]
    NoKey,
    /// `kty` is `oct`.
    #[error("one is a shared secret, which is none once it is published")]
    Secret,
    /// It has `d`.
    #[error("one has its private part with it, which everybody knows now")]
    Private,
    /// `use` or `key_ops`.
    #[error("one is not for signatures")]
    Use,
    /// `alg`, or the operator's list.
    #[error("one is for an algorithm that isn't taken")]
    Algorithm,
    /// Another `kty` or `crv`.
    #[error("one is none of RSA, P-256 and Ed25519")]
    Kind,
    /// RSA that could be broken, or that nobody can reckon with.
    #[error("one is RSA with less than 2,048 bits, more than 8,192, or an exponent that isn't safe")]
    Weak,
    /// `kid` is too long.
    #[error("one has an id of more than {LONGEST_ID} bytes")]
    Id,
    /// Another has its `kid`.
    #[error("several have the same id, and none of these is taken")]
    Doubled,
}

/// A JWK's members. A member of another form makes it no key.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<IgnoredAny>,
}

/// The key that `json` is, for one of `algorithms`, with its id.
pub(super) fn read(json: &str, algorithms: &[SigningAlgorithm]) -> Result<(Option<String>, IssuerKey), UnusableKey> {
    let jwk: Jwk = serde_json::from_str(json).map_err(|_| UnusableKey::NoKey)?;
    if jwk.kty == "oct" {
        return Err(UnusableKey::Secret);
    }
    if jwk.d.is_some() {
        return Err(UnusableKey::Private);
    }
    if jwk.kid.as_ref().is_some_and(|kid| kid.len() > LONGEST_ID) {
        return Err(UnusableKey::Id);
    }

    let is_for_signatures = jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
    let may_verify = |operations: &Vec<String>| operations.iter().any(|it| it == "verify");
    if !is_for_signatures || !jwk.key_ops.as_ref().is_none_or(may_verify) {
        return Err(UnusableKey::Use);
    }

    let numbers = jwk.numbers()?;
    let key = IssuerKey::of_numbers(&numbers).ok_or(UnusableKey::NoKey)?;
    let algorithm = key.algorithm();
    let is_named = jwk.alg.as_deref().is_none_or(|alg| alg == algorithm.as_str());
    if !is_named || !algorithms.contains(&algorithm) {
        return Err(UnusableKey::Algorithm);
    }
    Ok((jwk.kid, key))
}

impl Jwk {
    fn numbers(&self) -> Result<KeyNumbers, UnusableKey> {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => self.rsa(),
            ("EC", Some("P-256")) => Ok(KeyNumbers::P256 {
                x: whole(&self.x)?,
                y: whole(&self.y)?,
            }),
            ("OKP", Some("Ed25519")) => Ok(KeyNumbers::Ed25519 { x: whole(&self.x)? }),
            _ => Err(UnusableKey::Kind),
        }
    }

    fn rsa(&self) -> Result<KeyNumbers, UnusableKey> {
        let (n, e) = (number(&self.n)?, number(&self.e)?);
        let bits = n
            .first()
            .map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);

        // 1 leaves a message as it is; an even one has no inverse; a large one is slow, and nobody has it.
        let exponent = e.iter().try_fold(0_u32, |all, byte| {
            let shifted = all.checked_mul(256)?;
            shifted.checked_add(u32::from(*byte))
        });
        let is_safe = exponent.is_some_and(|exponent| exponent >= 3 && exponent % 2 == 1);
        if RSA_BITS.contains(&bits) && is_safe {
            Ok(KeyNumbers::Rsa { n, e })
        } else {
            Err(UnusableKey::Weak)
        }
    }
}

fn bytes(member: &Option<String>) -> Result<Vec<u8>, UnusableKey> {
    let text = member.as_deref().ok_or(UnusableKey::NoKey)?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| UnusableKey::NoKey)
}

/// A whole number without the zeros in front that some write there.
fn number(member: &Option<String>) -> Result<Vec<u8>, UnusableKey> {
    let bytes = bytes(member)?;
    Ok(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

/// As long as the curve's numbers are.
fn whole(member: &Option<String>) -> Result<[u8; 32], UnusableKey> {
    bytes(member)?.try_into().map_err(|_| UnusableKey::NoKey)
}
