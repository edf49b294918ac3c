//! Bearer tokens, checked at the edge: those signed with HS256 that `dingmirror token` issues (or a caller that holds
//! the shared secret), and those of other issuers.
//!
//! The library signs and checks signatures. What a token says is read here, because the library knows no fractional
//! times as RFC 7519 does, compares with the system's clock, and calls a claim of another form a token that isn't one.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey};
use secrecy::{ExposeSecret, SecretString};

use super::{
    caller::Caller,
    claims::{Claims, claimed_issuer},
    issuer::{Issuer, IssuerKey, IssuerKeys, Issuers, PublishedKeys},
    jose_header::JoseHeader,
    known_tokens::{KnownToken, KnownTokens},
    refusal::TokenError,
    revocation::RevocationsHandle,
};
use crate::clock::Clock;

/// How long a token may live where the operator says nothing else.
pub const MAX_LIFETIME: Duration = Duration::from_hours(365 * 24);

/// Checks tokens. Cheap to clone.
#[derive(Clone)]
pub struct TokenVerifier {
    keys: Arc<[DecodingKey]>,
    /// Others whose tokens are taken.
    issuers: Arc<Issuers>,
    /// What is taken no more.
    revocations: RevocationsHandle,
    /// What tokens say whose signature was found good.
    known: Arc<KnownTokens>,
    max_lifetime: Duration,
    clock: Clock,
}

impl TokenVerifier {
    /// A verifier of tokens signed with `secret`.
    pub fn new(secret: &SecretString, clock: Clock) -> Self {
        Self::with_secrets(std::slice::from_ref(secret), clock)
    }

    /// A verifier that takes any of several secrets, so that one can be replaced without a moment in which tokens fail.
    pub fn with_secrets(secrets: &[SecretString], clock: Clock) -> Self {
        let keys = secrets
            .iter()
            .map(|secret| DecodingKey::from_secret(secret.expose_secret().as_bytes()))
            .collect();
        Self {
            keys,
            issuers: Arc::default(),
            revocations: RevocationsHandle::default(),
            known: Arc::default(),
            max_lifetime: MAX_LIFETIME,
            clock,
        }
    }

    /// Takes tokens of these issuers, too.
    pub fn with_issuers(self, issuers: Arc<Issuers>) -> Self {
        Self { issuers, ..self }
    }

    /// Refuses what is revoked there.
    pub fn with_revocations(self, revocations: RevocationsHandle) -> Self {
        Self { revocations, ..self }
    }

    /// What is revoked.
    pub fn revocations(&self) -> &RevocationsHandle {
        &self.revocations
    }

    /// Refuses tokens that live longer than `max_lifetime`; without it, [`MAX_LIFETIME`].
    pub fn max_lifetime(self, max_lifetime: Duration) -> Self {
        Self { max_lifetime, ..self }
    }

    /// Who sent `token` (without the `Bearer ` before it). What a token says is read once; whether it still holds is
    /// looked at each time.
    ///
    /// Where its issuer may have a new key, the answer waits for that a moment.
    pub async fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        let told = self.verify_now(token);
        if told != Err(TokenError::KeyUnknown) {
            return told;
        }
        match self.published_for(token) {
            Some(keys) if keys.renewed().await => self.verify_now(token),
            _ => told,
        }
    }

    /// The same by the keys that are known.
    fn verify_now(&self, token: &str) -> Result<Caller, TokenError> {
        let hash = KnownTokens::hash(token);
        if let Some(known) = self.known.get(&hash)
            && known.holds()
        {
            return self.caller(&known.claims);
        }

        let read = Arc::new(self.read(token)?);
        let caller = self.caller(&read.claims)?;
        self.known.insert(hash, read);
        Ok(caller)
    }

    /// The claims of a token whose signature is good.
    fn read(&self, token: &str) -> Result<KnownToken, TokenError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::NotJwt)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::NotJwt)?;
        let header = JoseHeader::read(header)?;
        if let Some(read) = self.read_of_issuer(&header, (signed, payload), signature) {
            return read;
        }

        if !header.asks_for("HS256") {
            return Err(TokenError::Algorithm);
        }
        let fits = |key| jsonwebtoken::crypto::verify(signature, signed.as_bytes(), key, Algorithm::HS256);
        if !self.keys.iter().any(|key| matches!(fits(key), Ok(true))) {
            return Err(TokenError::Signature);
        }
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenError::NotJwt)?;
        Claims::read(&payload).map(KnownToken::of_own)
    }

    /// The claims of a token that names one of the issuers; `None`: it names none of them.
    fn read_of_issuer(
        &self,
        header: &JoseHeader,
        (signed, payload): (&str, &str),
        signature: &str,
    ) -> Option<Result<KnownToken, TokenError>> {
        let (issuer, payload) = self.issuer_of(payload)?;
        let read = || {
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
            let has_signed = |key: &IssuerKey| key.has_signed(signed.as_bytes(), &signature);
            let seen = match &issuer.keys {
                IssuerKeys::Held(key) => {
                    header.check(key)?;
                    has_signed(key).then_some(None)
                }
                IssuerKeys::Published(published) => {
                    let current = published.current();
                    let key = header.key(&current, published)?;
                    has_signed(key).then(|| Some((published.clone(), current.generation)))
                }
            };
            let seen = seen.ok_or(TokenError::IssuersSignature)?;
            let claims = Claims::of_issuer(&payload, issuer)?;
            Ok(KnownToken { claims, seen })
        };
        Some(read())
    }

    /// The issuer that a payload names, and the payload's text.
    fn issuer_of(&self, payload: &str) -> Option<(&Issuer, Vec<u8>)> {
        if self.issuers.is_empty() {
            return None;
        }
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let issuer = self.issuers.named(&claimed_issuer(&payload)?)?;
        Some((issuer, payload))
    }

    /// The keys that the issuer publishes whom `token` names.
    fn published_for(&self, token: &str) -> Option<&PublishedKeys> {
        let (issuer, _) = self.issuer_of(token.split('.').nth(1)?)?;
        match &issuer.keys {
            IssuerKeys::Published(keys) => Some(keys),
            IssuerKeys::Held(_) => None,
        }
    }

    fn caller(&self, claims: &Claims) -> Result<Caller, TokenError> {
        let now = self.clock.now();
        let caller = Caller {
            subject: claims.subject.clone(),
            permissions: claims.permissions.clone(),
            expires_at: claims.expires_at,
            key: None,
            issuer: claims.issuer.clone(),
            token: Some(claims.mark.clone()),
            leeway: claims.leeway,
        };

        self.revocations.check(&caller.subject, &claims.mark)?;
        if caller.refused_from() <= now {
            return Err(TokenError::Expired);
        }
        if claims.not_before.is_some_and(|at| at - claims.leeway > now) {
            return Err(TokenError::NotYetValid);
        }

        // A token that doesn't say when it was issued, or says a time to come, is as young as it can be.
        let born = claims.mark.issued_at.map_or(now, |at| at.min(now));
        let max_lifetime = claims
            .max_lifetime
            .map_or(self.max_lifetime, |of_issuer| of_issuer.min(self.max_lifetime));
        let longest = TimeDelta::from_std(max_lifetime).unwrap_or(TimeDelta::MAX);
        if caller.expires_at - born > longest + claims.leeway {
            return Err(TokenError::TooLong(max_lifetime));
        }
        Ok(caller)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use jsonwebtoken::{EncodingKey, Header};

    use super::*;
    use crate::auth::{AUDIENCE, ISSUER, Permission, TokenIssuer};

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn clock() -> Clock {
        Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).unwrap())
    }

    fn verifier() -> TokenVerifier {
        TokenVerifier::new(&SECRET.into(), clock())
    }

    fn sign(claims: &serde_json::Value, algorithm: Algorithm) -> String {
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    fn claims() -> serde_json::Value {
        serde_json::json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "plugin", "exp": 1_800_000_100, "permissions": ["directory:read"],
        })
    }

    #[test]
    fn an_issued_token_says_who_and_what() {
        let token = TokenIssuer::new(&SECRET.into(), clock()).issue(
            "plugin",
            &[Permission::MessageSend, Permission::DirectoryRead],
            Duration::from_secs(60),
        );
        let caller = verifier().verify_now(&token).unwrap();
        assert_eq!(caller.subject, "plugin");
        assert!(caller.may(Permission::MessageSend) && !caller.may(Permission::SettingsWrite));
        assert_eq!(caller.expires_at.timestamp(), 1_800_000_060);
    }

    /// A token of this payload, however odd it is as JSON.
    fn signed(payload: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload));
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::HS256).unwrap();
        format!("{signed}.{signature}")
    }

    /// What comes of a token with `more` in the place of the claim of its name.
    fn with(name: &str, value: &str) -> Result<Caller, TokenError> {
        let mut claims = claims().as_object().unwrap().clone();
        claims.remove(name);
        let claims = serde_json::to_string(&claims).unwrap();
        let body = claims.trim_end_matches('}');
        verifier().verify_now(&signed(&format!("{body},\"{name}\":{value}}}")))
    }

    #[test]
    fn a_wrong_or_missing_claim_is_named() {
        for (name, value, refusal) in [
            ("iss", "\"other\"", TokenError::Wrong("iss")),
            ("iss", "7", TokenError::Wrong("iss")),
            ("iss", "null", TokenError::Missing("iss")),
            ("aud", "\"other\"", TokenError::Wrong("aud")),
            ("aud", "[]", TokenError::Wrong("aud")),
            ("aud", "{}", TokenError::Wrong("aud")),
            ("sub", "\"  \"", TokenError::Wrong("sub")),
            ("sub", "4711", TokenError::Wrong("sub")),
            ("exp", "\"1800000100\"", TokenError::Wrong("exp")),
            ("exp", "[1800000100]", TokenError::Wrong("exp")),
            ("exp", "true", TokenError::Wrong("exp")),
            ("exp", "null", TokenError::Missing("exp")),
            ("nbf", "\"now\"", TokenError::Wrong("nbf")),
            ("iat", "{\"at\":1}", TokenError::Wrong("iat")),
            ("permissions", "\"directory:read\"", TokenError::Wrong("permissions")),
            ("permissions", "[1]", TokenError::Wrong("permissions")),
        ] {
            assert_eq!(with(name, value), Err(refusal), "{name}: {value}");
        }

        for name in ["iss", "aud", "sub", "exp"] {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(name);
            let told = verifier().verify_now(&sign(&claims, Algorithm::HS256)).unwrap_err();
            assert_eq!(told, TokenError::Missing(name));
            assert!(told.to_string().contains(name), "{told}");
        }

        assert!(with("aud", "[\"other\",\"dingmirror\"]").is_ok());
        assert!(with("permissions", "[\"future:verb\"]").unwrap().permissions.is_empty());
        assert_eq!(verifier().verify_now(&signed("[]")), Err(TokenError::Payload));
        assert_eq!(verifier().verify_now(&signed("{\"iss\":")), Err(TokenError::Payload));
    }

    #[test]
    fn times_are_any_number_and_none_of_them_is_a_panic() {
        use TokenError::{Expired, NotYetValid};
        let too_long = || TokenError::TooLong(MAX_LIFETIME);

        for (name, value, expected) in [
            // Legal: RFC 7519 allows fractions, JSON allows exponents.
            ("exp", "1800000100.75", Ok(())),
            ("exp", "1.8000001e9", Ok(())),
            ("nbf", "1799999999.5", Ok(())),
            // The leeway, to the moment.
            ("exp", "1799999970.000001", Ok(())),
            ("exp", "1799999970", Err(Expired)),
            ("nbf", "1800000030", Ok(())),
            ("nbf", "1800000030.5", Err(NotYetValid)),
            // A year from now, and longer.
            ("exp", "1831536000", Ok(())),
            ("exp", "1831536031", Err(too_long())),
            // Milliseconds, once good until the year 58879.
            ("exp", "1800000100000", Err(too_long())),
            // These two left the calendar.
            ("exp", "8210266876799", Err(too_long())),
            ("nbf", "-8334601228800", Ok(())),
            ("nbf", "8210266876799", Err(NotYetValid)),
            ("exp", "-8334601228800", Err(Expired)),
            ("exp", "-1", Err(Expired)),
            ("exp", "0", Err(Expired)),
            ("exp", "9223372036854775807", Err(too_long())),
            ("exp", "-9223372036854775808", Err(Expired)),
            ("exp", "18446744073709551615", Err(too_long())),
            ("exp", "1.7976931348623157e308", Err(too_long())),
            ("exp", "1e999", Err(too_long())),
            ("exp", "-1e999", Err(Expired)),
            ("nbf", "1e999", Err(NotYetValid)),
            ("nbf", "-1e999", Ok(())),
            // Issued long ago, or said to be issued in a time to come.
            ("iat", "1768464100", Ok(())),
            ("iat", "1768464000", Err(too_long())),
            ("iat", "-1e999", Err(too_long())),
            ("iat", "1800000000000", Ok(())),
        ] {
            assert_eq!(with(name, value).map(|_| ()), expected, "{name}: {value}");
        }
    }

    #[test]
    fn the_longest_life_is_the_operators() {
        let verifier = verifier().max_lifetime(Duration::from_mins(1));
        let mut claims = claims();
        claims["exp"] = 1_800_000_090.into();
        assert!(verifier.verify_now(&sign(&claims, Algorithm::HS256)).is_ok());

        claims["exp"] = 1_800_000_091.into();
        let told = verifier
            .verify_now(&sign(&claims, Algorithm::HS256))
            .unwrap_err()
            .to_string();
        assert!(
            told.contains("60 s") && told.contains("DINGMIRROR_TOKEN_MAX_LIFETIME"),
            "{told}"
        );

        let told = TokenError::TooLong(MAX_LIFETIME).to_string();
        assert!(told.contains("365 d") && told.contains("milliseconds"), "{told}");
    }

    #[test]
    fn another_secret_another_algorithm_and_no_token_are_refused() {
        let other = TokenVerifier::new(&"f".repeat(32).into(), clock());
        let good = sign(&claims(), Algorithm::HS256);
        assert_eq!(other.verify_now(&good), Err(TokenError::Signature));
        assert_eq!(verifier().verify_now(&format!("{good}x")), Err(TokenError::Signature));
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            let token = sign(&claims(), algorithm);
            assert_eq!(verifier().verify_now(&token), Err(TokenError::Algorithm));
        }

        // RFC 7515: an extension that is critical and unknown.
        let header = Header {
            crit: Some(vec!["x".into()]),
            ..Header::new(Algorithm::HS256)
        };
        let critical = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
        assert_eq!(verifier().verify_now(&critical), Err(TokenError::Algorithm));

        assert_eq!(
            verifier().verify_now("eyJhbGciOiJub25lIn0.e30."),
            Err(TokenError::Algorithm)
        );
        for text in ["", ".", "..", "a.b.c", "ünicode", "e30.e30.e30", &good[1..]] {
            assert_eq!(verifier().verify_now(text), Err(TokenError::NotJwt), "{text}");
        }
    }

    #[test]
    fn a_token_that_is_known_is_refused_from_the_moment_on_that_it_expires() {
        let (token, verifier) = (sign(&claims(), Algorithm::HS256), verifier());
        for _ in 0..3 {
            assert!(verifier.verify_now(&token).is_ok());
        }

        // They share what is known.
        let later = TokenVerifier {
            clock: Clock::fixed(DateTime::from_timestamp(1_800_000_131, 0).unwrap()),
            ..verifier.clone()
        };
        assert_eq!(later.verify_now(&token), Err(TokenError::Expired));
        let strict = verifier.clone().max_lifetime(Duration::from_secs(10));
        assert!(matches!(strict.verify_now(&token), Err(TokenError::TooLong(_))));

        // Another signature, another secret: nothing is known of either.
        assert_eq!(
            verifier.verify_now(&token[..token.len() - 2]),
            Err(TokenError::Signature)
        );
        let other = TokenVerifier::new(&"f".repeat(32).into(), clock());
        assert_eq!(other.verify_now(&token), Err(TokenError::Signature));
    }

    #[test]
    fn an_old_secret_goes_on_working_beside_a_new_one() {
        let both = TokenVerifier::with_secrets(&["n".repeat(32).into(), SECRET.into()], clock());
        assert!(both.verify_now(&sign(&claims(), Algorithm::HS256)).is_ok());
        let mut expired = claims();
        expired["exp"] = 1_799_999_000.into();
        assert_eq!(
            both.verify_now(&sign(&expired, Algorithm::HS256)),
            Err(TokenError::Expired)
        );
    }
}
