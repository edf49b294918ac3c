//! A key as its holder has it, and what is kept of it.

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
    rand,
};
use secrecy::SecretString;
use uuid::Uuid;

/// What every key begins with, so that scanners for leaked secrets find one: `dm_[0-9a-f]{32}_[0-9a-f]{64}`. No token
/// begins so: a JWT's first part is the base64 of a JSON object.
pub const KEY_PREFIX: &str = "dm_";

/// Bytes of the secret: 256 bits. Nobody guesses them, so that a fast hash is enough.
const BYTES: usize = 32;

/// Characters of an id: a UUID without hyphens.
const ID_CHARACTERS: usize = 32;

/// A whole key. It shows its id alone.
#[derive(Clone)]
pub struct ApiKeySecret {
    /// The key's id, which is no secret.
    pub id: Uuid,
    secret: [u8; BYTES],
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeySecret({})", self.id.simple())
    }
}

impl ApiKeySecret {
    /// A new key of this id; `None` where the system gives no random bytes.
    pub fn make(id: Uuid) -> Option<Self> {
        let mut secret = [0; BYTES];
        rand::fill(&mut secret).ok()?;
        Some(Self { id, secret })
    }

    /// Reads what somebody shows; `None` where it isn't written as a key is.
    pub fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(KEY_PREFIX)?;
        let (id, rest) = rest.split_at_checked(ID_CHARACTERS)?;
        let secret = rest.strip_prefix('_')?;

        let id: [u8; 16] = unhex(id)?;
        Some(Self {
            id: Uuid::from_bytes(id),
            secret: unhex(secret)?,
        })
    }

    /// The key as its holder writes it down.
    pub fn text(&self) -> SecretString {
        format!("{KEY_PREFIX}{}_{}", self.id.simple(), hex::encode(self.secret)).into()
    }

    /// What is kept of the secret.
    pub fn hash(&self) -> SecretHash {
        let mut hash = [0; BYTES];
        hash.copy_from_slice(digest(&SHA256, &self.secret).as_ref());
        SecretHash(hash)
    }
}

/// SHA-256 of a secret. As a text: 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash([u8; BYTES]);

impl SecretHash {
    /// Whether it is the hash of this key's secret; it takes as long for any.
    pub fn is_of(&self, shown: &ApiKeySecret) -> bool {
        verify_slices_are_equal(&self.0, &shown.hash().0).is_ok()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// A text that is no hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no SHA-256 in hexadecimal digits")]
pub struct NoHash;

impl FromStr for SecretHash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        unhex(text).map(Self).ok_or(NoHash)
    }
}

/// Small digits alone: each value has one text.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let is_small = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    hex::decode_to_slice(text, &mut bytes).ok().filter(|()| is_small)?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn key() -> ApiKeySecret {
        ApiKeySecret::make(Uuid::from_u128(7)).unwrap()
    }

    #[test]
    fn what_is_written_down_is_read_back_and_fits_its_hash_alone() {
        let (one, other) = (key(), key());
        let text = one.text();
        let read = ApiKeySecret::read(text.expose_secret()).unwrap();
        assert_eq!(read.id, one.id);
        assert!(one.hash().is_of(&read));
        assert!(!one.hash().is_of(&other), "two keys of one secret");

        let kept: SecretHash = one.hash().to_string().parse().unwrap();
        assert!(kept.is_of(&read));
    }

    #[test]
    fn the_form_is_what_a_scanner_looks_for() {
        let text = key().text();
        let text = text.expose_secret();
        assert_eq!(text.len(), 3 + 32 + 1 + 64);
        assert!(text.starts_with("dm_00000000000000000000000000000007_"), "{text}");
        let digits = text[3..].replace('_', "");
        assert!(digits.bytes().all(|byte| b"0123456789abcdef".contains(&byte)), "{text}");
    }

    #[test]
    fn nothing_else_is_read_as_a_key() {
        let text = key().text();
        let good = text.expose_secret();
        for wrong in [
            "",
            "dm_",
            "eyJhbGciOiJIUzI1NiJ9.e30.x",
            &good[1..],
            &good[..good.len() - 1],
            &format!("{good}0"),
            &good.to_uppercase(),
            &format!("{}{}", &good[..36], good[36..].to_uppercase()),
            &good.replacen('_', "-", 2),
            &format!("{}é", &good[..good.len() - 2]),
            &format!("dm_{}", "é".repeat(49)),
            &format!("{} ", &good[..good.len() - 1]),
        ] {
            assert!(ApiKeySecret::read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn neither_the_key_nor_its_hash_shows_itself_where_it_is_debugged() {
        let key = key();
        let shown = format!("{key:?} {:?}", key.hash());
        let secret = hex::encode(key.secret);
        assert!(
            !shown.contains(&secret) && !shown.contains(&key.hash().to_string()),
            "{shown}"
        );
    }
}
