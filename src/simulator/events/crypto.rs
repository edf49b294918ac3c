//! The encryption of pushed events: AES-256-CBC with a padding of its own, and a SHA-1 signature.

use aws_lc_rs::cipher::{
    AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::iv::FixedLength;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Random bytes in front of the length.
const PREFIX: usize = 16;
/// PKCS7, but with blocks of 32.
const BLOCK: usize = 32;

/// The key of an `aes_key` of 43 characters. Its last character carries two bits that are usually not zero.
fn base64() -> GeneralPurpose {
    let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(
        &STANDARD,
        config.with_decode_padding_mode(DecodePaddingMode::Indifferent),
    )
}

/// What one subscription encrypts and signs with.
#[derive(Clone)]
pub(crate) struct Seal {
    token: String,
    key: [u8; 32],
    owner: String,
}

impl Seal {
    /// `None` unless `aes_key` is 43 letters and digits.
    pub(crate) fn new(token: &str, aes_key: &str, owner: &str) -> Option<Self> {
        let plain = aes_key.len() == 43 && aes_key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let key = base64().decode(aes_key).ok().filter(|_| plain)?.try_into().ok()?;
        Some(Self {
            token: token.to_owned(),
            key,
            owner: owner.to_owned(),
        })
    }

    /// Lowercase hex of the SHA-1 over the four texts, sorted and put together.
    pub(crate) fn signature(&self, timestamp: &str, nonce: &str, encrypt: &str) -> String {
        let mut parts = [self.token.as_str(), timestamp, nonce, encrypt];
        parts.sort_unstable();
        hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes()))
    }

    /// The base64 of the encrypted message. `None` only when the message is beyond 4 GiB.
    pub(crate) fn encrypt(&self, prefix: [u8; PREFIX], message: &str) -> Option<String> {
        let mut plain = prefix.to_vec();
        plain.extend(u32::try_from(message.len()).ok()?.to_be_bytes());
        plain.extend(message.as_bytes());
        plain.extend(self.owner.as_bytes());
        let padding = BLOCK - plain.len() % BLOCK;
        plain.resize(plain.len() + padding, padding as u8);

        let key = EncryptingKey::cbc(UnboundCipherKey::new(&AES_256, &self.key).ok()?).ok()?;
        key.less_safe_encrypt(&mut plain, EncryptionContext::Iv128(self.iv()?))
            .ok()?;
        Some(base64().encode(plain))
    }

    /// The message, when it is well formed and belongs to the same owner.
    pub(crate) fn decrypt(&self, encrypt: &str) -> Option<String> {
        // One official library breaks its base64 into lines.
        let packed: String = encrypt.split_whitespace().collect();
        let mut bytes = base64().decode(packed).ok()?;
        let key = DecryptingKey::cbc(UnboundCipherKey::new(&AES_256, &self.key).ok()?).ok()?;
        let plain = key.decrypt(&mut bytes, DecryptionContext::Iv128(self.iv()?)).ok()?;

        let padding = usize::from(*plain.last()?);
        let plain = plain
            .get(..plain.len().checked_sub(padding)?)
            .filter(|_| (1..=BLOCK).contains(&padding))?;
        let length = u32::from_be_bytes(plain.get(PREFIX..PREFIX + 4)?.try_into().ok()?) as usize;
        let (message, owner) = plain.get(PREFIX + 4..)?.split_at_checked(length)?;
        (owner == self.owner.as_bytes())
            .then(|| String::from_utf8(message.to_vec()).ok())
            .flatten()
    }

    /// The first half of the key.
    fn iv(&self) -> Option<FixedLength<16>> {
        Some(FixedLength::from(<[u8; 16]>::try_from(self.key.get(..16)?).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of `docs/dingtalk.md#push-test-vectors`: token, key, owner, timestamp, nonce, signature, message,
    /// random, encrypted.
    const A: [&str; 9] = [
        "mryue",
        "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7",
        "ding6ccabc44d2c8d38b",
        "1608001896814",
        "WL4PK6yA",
        "03044561471240d4a14bb09372dfcfd4fd0e40cb",
        r#"{"EventType":"check_url"}"#,
        "l7Y3EcX2CU5w8av3",
        "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3",
    ];
    const B: [&str; 9] = [
        "123456",
        "1234567890123456789012345678901234567890123",
        "dingsnotzck6pm5veliw",
        "1614767836",
        "A7Co0cJLMzIDtMMI",
        "9a95a004dd16f5c307e849b994173f76aa26e5eb",
        "success",
        "dICkEDLj0eb6yAbc",
        "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==",
    ];
    const C: [&str; 9] = [
        "123456",
        "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij",
        "suite4xxxxxxxxxxxxxxx",
        "1445827045067",
        "nEXhMP4r",
        "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0",
        r#"{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}"#,
        "",
        "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==",
    ];

    #[test]
    fn the_three_published_vectors_are_reproduced() {
        for [
            token,
            key,
            owner,
            timestamp,
            nonce,
            signature,
            message,
            random,
            encrypted,
        ] in [A, B, C]
        {
            let seal = Seal::new(token, key, owner).unwrap();
            assert_eq!(seal.signature(timestamp, nonce, encrypted), signature);
            assert_eq!(seal.decrypt(encrypted).as_deref(), Some(message));
            if let Ok(random) = random.as_bytes().try_into() {
                assert_eq!(seal.encrypt(random, message).as_deref(), Some(encrypted));
            }
        }
    }

    #[test]
    fn another_owner_and_damaged_texts_are_refused() {
        let seal = Seal::new(A[0], A[1], "somebody else").unwrap();
        assert_eq!(seal.decrypt(A[8]), None);
        for damaged in ["", "!", "AAAA", &A[8][..100]] {
            assert_eq!(Seal::new(A[0], A[1], A[2]).unwrap().decrypt(damaged), None);
        }
        assert!(Seal::new("t", "short", "o").is_none());
    }
}
