//! The key by which an issuer's signatures are checked. The key fixes the algorithm, never the token.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    hmac,
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
        VerificationAlgorithm,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};

use super::algorithm::SigningAlgorithm;
use crate::auth::MIN_SECRET_BYTES;

/// What a public key may be for, in the order in which it is tried: no key is read as two of them.
const PUBLIC: [(SigningAlgorithm, &dyn VerificationAlgorithm); 3] = [
    (SigningAlgorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256),
    (SigningAlgorithm::Es256, &ECDSA_P256_SHA256_FIXED),
    (SigningAlgorithm::EdDsa, &ED25519),
];

/// A key that checks signatures. It never shows itself.
pub struct IssuerKey {
    algorithm: SigningAlgorithm,
    material: Material,
}

enum Material {
    /// A kilobyte beside the pointer that a public key is.
    Secret(Box<hmac::Key>),
    Public(ParsedPublicKey),
}

impl fmt::Debug for IssuerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerKey({})", self.algorithm)
    }
}

/// What a public key is made of.
pub(super) enum KeyNumbers {
    /// Modulus and exponent, without zeros in front.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// A point of the curve.
    P256 { x: [u8; 32], y: [u8; 32] },
    /// The key itself.
    Ed25519 { x: [u8; 32] },
}

/// Why a text is no key; in words for the operator, without the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// No PEM of a public key.
    #[error(
        "it holds no public key in PEM: it has to have one block `-----BEGIN PUBLIC KEY-----`, as `openssl pkey -pubout` \
         writes it"
    )]
    NoPem,
    /// A private key.
    #[error(
        "it holds a private key, which belongs to the issuer alone: put the public one there (`openssl pkey -pubout`)"
    )]
    Private,
    /// A public key of another kind.
    #[error("its key is none of RSA with 2,048 bits or more, P-256 and Ed25519")]
    Kind,
    /// A secret that could be guessed.
    #[error("it holds a secret of {0} bytes, and one has at least {MIN_SECRET_BYTES}")]
    Short(usize),
}

impl IssuerKey {
    /// A shared secret, its text as it stands.
    pub fn of_secret(secret: &SecretString) -> Result<Self, KeyFault> {
        let bytes = secret.expose_secret().as_bytes();
        if bytes.len() < MIN_SECRET_BYTES {
            return Err(KeyFault::Short(bytes.len()));
        }
        Ok(Self {
            algorithm: SigningAlgorithm::Hs256,
            material: Material::Secret(Box::new(hmac::Key::new(hmac::HMAC_SHA256, bytes))),
        })
    }

    /// The public key of a PEM text: a `SubjectPublicKeyInfo`, or RSA's own form.
    pub fn of_pem(text: &str) -> Result<Self, KeyFault> {
        if text.contains("PRIVATE KEY-----") {
            return Err(KeyFault::Private);
        }
        let der = block(text).ok_or(KeyFault::NoPem)?;

        let found = PUBLIC.into_iter().find_map(|(algorithm, by)| {
            let key = ParsedPublicKey::new(by, &der).ok()?;
            let material = Material::Public(key);
            Some(Self { algorithm, material })
        });
        found.ok_or(KeyFault::Kind)
    }

    /// A public key by its numbers, as a JWK has them; `None` where they are no key of this algorithm.
    pub(super) fn of_numbers(numbers: &KeyNumbers) -> Option<Self> {
        let (algorithm, form) = match numbers {
            KeyNumbers::Rsa { n, e } => {
                let components = RsaPublicKeyComponents { n, e };
                let der: PublicKeyX509Der<'_> = components.as_der().ok()?;
                (SigningAlgorithm::Rs256, der.as_ref().to_vec())
            }
            // SEC 1: a point that isn't compressed.
            KeyNumbers::P256 { x, y } => (SigningAlgorithm::Es256, [&[4], &x[..], &y[..]].concat()),
            KeyNumbers::Ed25519 { x } => (SigningAlgorithm::EdDsa, x.to_vec()),
        };

        let (_, by) = PUBLIC.into_iter().find(|(of, _)| *of == algorithm)?;
        let key = ParsedPublicKey::new(by, &form).ok()?;
        let material = Material::Public(key);
        Some(Self { algorithm, material })
    }

    /// Whether both are the same key for the same algorithm; of secrets never.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (&self.material, &other.material) {
            (Material::Public(own), Material::Public(others)) => {
                self.algorithm == other.algorithm && own.as_ref() == others.as_ref()
            }
            _ => false,
        }
    }

    /// The only algorithm that its signatures are checked by.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Whether this is its signature of `signed`.
    pub fn has_signed(&self, signed: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Secret(key) => hmac::verify(key, signed, signature).is_ok(),
            Material::Public(key) => key.verify_sig(signed, signature).is_ok(),
        }
    }
}

/// What the one block of a PEM text holds (RFC 7468).
fn block(text: &str) -> Option<Vec<u8>> {
    let begun = text.split_once("-----BEGIN ")?.1;
    let (label, rest) = begun.split_once("-----")?;
    if !matches!(label, "PUBLIC KEY" | "RSA PUBLIC KEY") {
        return None;
    }
    let (body, after) = rest.split_once(&format!("-----END {label}-----"))?;
    // Of two keys one would be left out unseen.
    if after.contains("-----BEGIN ") {
        return None;
    }
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).ok()
}
