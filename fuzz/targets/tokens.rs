//! What callers show: a bearer token, or an API key.
//!
//! Nothing is taken that the server's secret didn't sign by its own algorithm. What is taken has a subject and an end
//! that isn't over.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use dingmirror::{
    auth::{ApiKeySecret, TokenVerifier},
    clock::Clock,
};
use futures_util::FutureExt;
use secrecy::ExposeSecret;

const SECRET: &str = "a secret of the fuzz targets alone, 32 bytes and more";

/// What a header has to say. What else stands in it is passed over, whatever it is.
#[derive(serde::Deserialize)]
struct Header {
    alg: String,
}

/// A token as it stands; and a first line as the header, the rest as the claims of a token that is signed.
pub fn run(data: &[u8]) {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let verifier = TokenVerifier::new(&SECRET.to_owned().into(), Clock::fixed(now));
    let text = String::from_utf8_lossy(data);

    let taken = |token: &str| verifier.verify(token).now_or_never().expect("no keys are fetched");
    assert!(taken(&text).is_err(), "a token that nobody signed");
    if let Some(key) = ApiKeySecret::read(&text) {
        assert_eq!(key.text().expose_secret(), &*text);
    }

    let line = data.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (header, claims) = (&data[..line], data.get(line + 1..).unwrap_or_default());
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let token = format!(
        "{signed}.{}",
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()))
    );

    if let Ok(caller) = taken(&token) {
        assert!(!caller.subject.is_empty(), "nobody");
        assert!(
            caller.expires_at + caller.leeway > now,
            "it is over: {}",
            caller.expires_at
        );
        let header: Header = serde_json::from_slice(header).unwrap();
        assert_eq!(header.alg, "HS256");
        // The signature is that of these very bytes.
        let (rest, _) = token.rsplit_once('.').unwrap();
        assert!(taken(&format!("{rest}.")).is_err() && taken(rest).is_err());
    }
}
