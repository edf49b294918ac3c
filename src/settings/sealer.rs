//! How appSecret is kept: encrypted and authenticated, so that a copy of the database doesn't give it away.

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
    rand,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};

/// What the ciphertext is bound to: it can't be passed off as another secret.
const CONTEXT: &[u8] = b"dingmirror appSecret v1";

/// AES-256-GCM with a key derived from DINGMIRROR_SECRET_KEY (or from a 0600 file in the data directory, made by the
/// composition root) by HKDF-SHA256. Cheap to clone.
#[derive(Clone)]
pub struct Sealer(Arc<LessSafeKey>);

impl Sealer {
    /// `key`: any text with enough randomness, say 32 bytes in base64. White space around it doesn't count, as files
    /// end with it.
    pub fn new(key: &SecretString) -> Self {
        let extracted = Salt::new(HKDF_SHA256, b"dingmirror sealer v1").extract(key.expose_secret().trim().as_bytes());
        let info = [CONTEXT];
        let derived = extracted
            .expand(&info, &AES_256_GCM)
            .expect("a key is far shorter than HKDF's limit");
        Self(Arc::new(LessSafeKey::new(UnboundKey::from(derived))))
    }

    /// base64 of nonce, ciphertext and tag; different each time.
    pub fn seal(&self, secret: &SecretString) -> String {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).expect("the operating system gives random bytes");
        let mut sealed = secret.expose_secret().as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(CONTEXT), &mut sealed)
            .expect("a secret is far shorter than the cipher's limit");
        STANDARD.encode([nonce.as_slice(), &sealed].concat())
    }

    /// `None`: sealed with another key, or not sealed by this at all.
    pub fn open(&self, sealed: &str) -> Option<SecretString> {
        let bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, rest) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = rest.to_vec();
        let secret = self.0.open_in_place(nonce, Aad::from(CONTEXT), &mut rest).ok()?;
        Some(std::str::from_utf8(secret).ok()?.into())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealer(key: &str) -> Sealer {
        Sealer::new(&key.into())
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_with_the_same_key_only(secret in ".{0,80}") {
            let sealed = sealer("key one\n").seal(&secret.as_str().into());
            let opened = sealer("key one").open(&sealed);
            prop_assert_eq!(opened.as_ref().map(|s| s.expose_secret()), Some(secret.as_str()));
            prop_assert!(sealer("key two").open(&sealed).is_none());
        }

        #[test]
        fn rubbish_does_not_open(text in ".{0,80}") {
            prop_assert!(sealer("key").open(&text).is_none());
        }
    }

    #[test]
    fn a_changed_bit_is_noticed_and_two_seals_differ() {
        let sealer = sealer("key");
        let sealed = sealer.seal(&"hunter2".into());
        let mut bytes = STANDARD.decode(&sealed).expect("base64");
        bytes[14] ^= 1;
        assert!(sealer.open(&STANDARD.encode(bytes)).is_none());
        assert_ne!(sealed, sealer.seal(&"hunter2".into()));
        assert_eq!(format!("{sealer:?}"), "Sealer");
    }
}
