//! The encryption of pushed events: AES-256-CBC with blocks of 32 bytes as padding, SHA-1 over the sorted texts as
//! signature.
//!
//! From DingTalk's page on HTTP push and its published sample code; the tests hold its vectors.

use aws_lc_rs::{
    cipher::{AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey},
    constant_time::verify_slices_are_equal,
    digest::{SHA1_FOR_LEGACY_USE_ONLY, digest},
    iv::FixedLength,
};
use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::{ExposeSecret, SecretBox, SecretString};

/// The plain text is filled up to a multiple of this.
const BLOCK: usize = 32;
/// Random bytes in front of the message.
const RANDOM: usize = 16;
/// Of the number that says how long the message is.
const LENGTH: usize = 4;

/// Token and key of the subscription. `Debug` shows neither.
#[derive(Debug, Clone)]
pub struct EventKeys {
    token: SecretString,
    key: std::sync::Arc<SecretBox<[u8; 32]>>,
}

/// A push's plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecryptedPush {
    /// The event's JSON.
    pub message: String,
    /// For whom it was encrypted: the app key, or the CorpId.
    pub owner: String,
}

/// The text can't be opened with this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text can't be decrypted with this key")]
pub struct DecryptError;

/// DingTalk's 43rd character carries two bits that are usually not zero; some of its libraries leave the padding out.
fn base64() -> GeneralPurpose {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&base64::alphabet::STANDARD, lenient)
}

impl EventKeys {
    /// `token`: 3 to 63 letters and digits. `aes_key` (EncodingAESKey): 43 letters and digits. The error says which is
    /// wrong.
    pub fn new(token: &str, aes_key: &str) -> Result<Self, String> {
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !(3..=63).contains(&token.len()) || !is_plain(token) {
            return Err("the token has 3 to 63 letters and digits".into());
        }

        let wrong = || "the AES key has exactly 43 letters and digits".to_owned();
        if aes_key.len() != 43 || !is_plain(aes_key) {
            return Err(wrong());
        }

        let key: [u8; 32] = base64()
            .decode(aes_key)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(wrong)?;
        Ok(Self {
            token: token.into(),
            key: std::sync::Arc::new(SecretBox::new(Box::new(key))),
        })
    }

    /// The signature of these texts, lower-case hex.
    pub fn sign(&self, timestamp: &str, nonce: &str, encrypt: &str) -> String {
        let mut parts = [self.token.expose_secret(), timestamp, nonce, encrypt];
        parts.sort_unstable();
        hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes()))
    }

    /// Whether `signature` is that of these texts.
    pub fn verify(&self, signature: &str, timestamp: &str, nonce: &str, encrypt: &str) -> bool {
        let right = self.sign(timestamp, nonce, encrypt);
        verify_slices_are_equal(signature.to_ascii_lowercase().as_bytes(), right.as_bytes()).is_ok()
    }

    /// Decrypts a push. Line breaks in it, which one of DingTalk's libraries makes, are skipped.
    pub fn open(&self, encrypt: &str) -> Result<DecryptedPush, DecryptError> {
        let compact: String = encrypt.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let mut bytes = base64().decode(compact).map_err(|_| DecryptError)?;
        let key = UnboundCipherKey::new(&AES_256, self.key.expose_secret()).map_err(|_| DecryptError)?;
        let key = DecryptingKey::cbc(key).map_err(|_| DecryptError)?;
        let iv = DecryptionContext::Iv128(FixedLength::from(self.iv()));
        let plain = key.decrypt(&mut bytes, iv).map_err(|_| DecryptError)?;
        opened(plain).ok_or(DecryptError)
    }

    /// Encrypts `message` for `owner`.
    pub fn seal(&self, message: &str, owner: &str, random: [u8; RANDOM]) -> String {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        let mut plain = Vec::with_capacity(RANDOM + LENGTH + message.len() + owner.len() + BLOCK);
        plain.extend_from_slice(&random);
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(message.as_bytes());
        plain.extend_from_slice(owner.as_bytes());
        let fill = BLOCK - plain.len() % BLOCK;
        plain.resize(plain.len() + fill, fill as u8);

        let key = UnboundCipherKey::new(&AES_256, self.key.expose_secret()).and_then(EncryptingKey::cbc);
        let iv = EncryptionContext::Iv128(FixedLength::from(self.iv()));
        key.and_then(|key| key.less_safe_encrypt(&mut plain, iv))
            .expect("a key of 32 bytes encrypts whole blocks");
        base64().encode(plain)
    }

    /// DingTalk takes the key's first bytes.
    fn iv(&self) -> [u8; 16] {
        let mut iv = [0; 16];
        iv.copy_from_slice(&self.key.expose_secret()[..16]);
        iv
    }
}

fn opened(plain: &[u8]) -> Option<DecryptedPush> {
    // DingTalk's Java library takes another last byte for "no padding".
    let fill = usize::from(*plain.last()?);
    let plain = match fill {
        1..=BLOCK => plain.get(..plain.len().checked_sub(fill)?)?,
        _ => plain,
    };

    let length: [u8; LENGTH] = plain.get(RANDOM..RANDOM + LENGTH)?.try_into().ok()?;
    let rest = plain.get(RANDOM + LENGTH..)?;
    let (message, owner) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(length)).ok()?)?;

    Some(DecryptedPush {
        // Half of a character in one name must not cost the event.
        message: String::from_utf8_lossy(message).into_owned(),
        owner: String::from_utf8(owner.to_vec()).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Vector {
        token: &'static str,
        key: &'static str,
        owner: &'static str,
        timestamp: &'static str,
        nonce: &'static str,
        signature: &'static str,
        message: &'static str,
        random: Option<&'static [u8; 16]>,
        encrypt: &'static str,
    }

    /// From DingTalk's own pages and libraries.
    const VECTORS: [Vector; 3] = [
        Vector {
            token: "mryue",
            key: "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7",
            owner: "ding6ccabc44d2c8d38b",
            timestamp: "1608001896814",
            nonce: "WL4PK6yA",
            signature: "03044561471240d4a14bb09372dfcfd4fd0e40cb",
            message: r#"{"EventType":"check_url"}"#,
            random: Some(b"l7Y3EcX2CU5w8av3"),
            encrypt: "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3",
        },
        Vector {
            token: "123456",
            key: "1234567890123456789012345678901234567890123",
            owner: "dingsnotzck6pm5veliw",
            timestamp: "1614767836",
            nonce: "A7Co0cJLMzIDtMMI",
            signature: "9a95a004dd16f5c307e849b994173f76aa26e5eb",
            message: "success",
            random: Some(b"dICkEDLj0eb6yAbc"),
            encrypt: "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==",
        },
        Vector {
            token: "123456",
            key: "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij",
            owner: "suite4xxxxxxxxxxxxxxx",
            timestamp: "1445827045067",
            nonce: "nEXhMP4r",
            signature: "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0",
            message: r#"{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}"#,
            random: None,
            encrypt: "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==",
        },
    ];

    #[test]
    fn dingtalks_own_vectors_hold_both_ways() {
        for v in VECTORS {
            let keys = EventKeys::new(v.token, v.key).expect("a key");
            assert_eq!(keys.sign(v.timestamp, v.nonce, v.encrypt), v.signature);
            assert!(keys.verify(v.signature, v.timestamp, v.nonce, v.encrypt));
            let opened = keys.open(v.encrypt).expect("it opens");
            assert_eq!((opened.message.as_str(), opened.owner.as_str()), (v.message, v.owner));
            if let Some(random) = v.random {
                assert_eq!(keys.seal(v.message, v.owner, *random), v.encrypt);
            }

            let broken: String = v.encrypt.chars().flat_map(|c| [c, '\n']).collect();
            assert_eq!(keys.open(&broken), Ok(opened), "line breaks are skipped");
        }
    }

    #[test]
    fn other_texts_have_other_signatures_and_other_keys_open_nothing() {
        let v = &VECTORS[0];
        let keys = EventKeys::new(v.token, v.key).expect("a key");
        assert!(!keys.verify(v.signature, "1608001896815", v.nonce, v.encrypt));
        assert!(!keys.verify(v.signature, v.timestamp, "WL4PK6yB", v.encrypt));
        assert!(!keys.verify("", v.timestamp, v.nonce, v.encrypt));
        let other = EventKeys::new(v.token, VECTORS[1].key).expect("a key");
        assert_ne!(other.open(v.encrypt).map(|it| it.message).as_deref(), Ok(v.message));
        assert_eq!(keys.open("").err(), Some(DecryptError));
        assert_eq!(keys.open("AAAA").err(), Some(DecryptError));
    }

    #[test]
    fn a_token_or_key_that_cannot_be_is_told_by_name_and_none_is_shown() {
        assert!(EventKeys::new("ab", VECTORS[0].key).is_err_and(|it| it.contains("token")));
        assert!(EventKeys::new("mry-ue", VECTORS[0].key).is_err_and(|it| it.contains("token")));
        for key in ["short", &"ä".repeat(43), &"+".repeat(43)] {
            assert!(EventKeys::new("mryue", key).is_err_and(|it| it.contains("43")));
        }
        let shown = format!("{:?}", EventKeys::new("mryue", VECTORS[0].key));
        assert!(!shown.contains("mryue") && !shown.contains("98, 231"), "{shown}");
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_as_it_was(message in ".{0,200}", owner in "[a-z0-9]{0,40}", random: [u8; 16]) {
            let keys = EventKeys::new("mryue", VECTORS[0].key).expect("a key");
            let opened = keys.open(&keys.seal(&message, &owner, random)).expect("it opens");
            prop_assert_eq!((opened.message, opened.owner), (message, owner));
        }

        #[test]
        fn no_text_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,80}") {
            let keys = EventKeys::new("mryue", VECTORS[0].key).expect("a key");
            let _ = keys.open(&base64().encode(&bytes));
            let _ = keys.open(&text);
            let _ = opened(&bytes);
        }
    }
}
