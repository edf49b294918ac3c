//! The keys that an issuer publishes, as a JWK Set (RFC 7517). It comes from the network: it is bounded, and what can't
//! be used of it is left out and told.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    algorithm::SigningAlgorithm,
    jwk::{self, UnusableKey},
    key::IssuerKey,
};

/// Keys of a set. Issuers have two or three; the largest have some dozens.
const MOST_KEYS: usize = 100;

/// Keys with their ids.
#[derive(Debug, Default)]
pub struct KeySet(Vec<(Option<String>, IssuerKey)>);

/// A set that was read, and what of it can't be used.
#[derive(Debug)]
pub struct ReadKeySet {
    /// The keys that can be used.
    pub keys: KeySet,
    /// Why others can't.
    pub unusable: Vec<UnusableKey>,
}

/// Why a text is no JWK Set; in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetFault {
    /// Not JSON of the right form.
    #[error("what is there is no JWK Set: it has to be a JSON object with a list `keys`")]
    Form,
    /// Too many keys.
    #[error("it has {0} keys, more than {MOST_KEYS}")]
    TooMany(usize),
}

#[derive(Deserialize)]
struct Document<'j> {
    #[serde(borrow)]
    keys: Vec<&'j RawValue>,
}

impl KeySet {
    /// Reads a set: its keys for one of `algorithms`.
    pub fn read(json: &[u8], algorithms: &[SigningAlgorithm]) -> Result<ReadKeySet, KeySetFault> {
        let document: Document<'_> = serde_json::from_slice(json).map_err(|_| KeySetFault::Form)?;
        if document.keys.len() > MOST_KEYS {
            return Err(KeySetFault::TooMany(document.keys.len()));
        }

        let (mut keys, mut unusable) = (Vec::new(), Vec::new());
        for raw in document.keys {
            match jwk::read(raw.get(), algorithms) {
                Ok(key) => keys.push(key),
                Err(why) => unusable.push(why),
            }
        }

        // Which of two is meant nobody can tell.
        let mut times: BTreeMap<Option<String>, usize> = BTreeMap::new();
        for (id, _) in &keys {
            *times.entry(id.clone()).or_default() += 1;
        }
        let before = keys.len();
        keys.retain(|(id, _)| id.is_none() || times.get(id) == Some(&1));
        if keys.len() < before {
            unusable.push(UnusableKey::Doubled);
        }

        Ok(ReadKeySet {
            keys: Self(keys),
            unusable,
        })
    }

    /// The key of this id. Without one: the only key that there is.
    pub fn find(&self, id: Option<&str>) -> Option<&IssuerKey> {
        match (id, self.0.as_slice()) {
            (None, [(_, only)]) => Some(only),
            (None, _) => None,
            (Some(id), keys) => {
                let found = keys.iter().find(|(of, _)| of.as_deref() == Some(id));
                found.map(|(_, key)| key)
            }
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both have the same keys under the same ids, in whatever order.
    pub(super) fn is(&self, other: &Self) -> bool {
        let has =
            |set: &Self, (id, key): &(Option<String>, IssuerKey)| set.0.iter().any(|(of, own)| of == id && own.is(key));
        self.len() == other.len()
            && self.0.iter().all(|key| has(other, key))
            && other.0.iter().all(|key| has(self, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of RFC 7515 A.2, RFC 7515 A.3 and RFC 8037 A.2.
    const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-\
                     yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-\
                     KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_\
                     h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    const ED: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn rsa(rest: &str) -> String {
        format!(r#"{{"kty":"RSA","n":"{N}","e":"AQAB"{rest}}}"#)
    }

    fn p256(rest: &str) -> String {
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"{rest}}}"#)
    }

    fn ed(rest: &str) -> String {
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED}"{rest}}}"#)
    }

    fn read(keys: &[String]) -> ReadKeySet {
        let json = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
        KeySet::read(json.as_bytes(), &SigningAlgorithm::PUBLIC).unwrap()
    }

    #[test]
    fn keys_of_each_kind_are_found_by_their_ids() {
        let set = read(&[
            rsa(r#","kid":"a","use":"sig","alg":"RS256""#),
            p256(r#","kid":"b","key_ops":["verify"]"#),
            ed(r#","kid":"../c","more":{"x":[1]}"#),
        ]);
        assert_eq!(set.unusable, []);
        let of = |id| set.keys.find(Some(id)).map(IssuerKey::algorithm);
        assert_eq!(of("a"), Some(SigningAlgorithm::Rs256));
        assert_eq!(of("b"), Some(SigningAlgorithm::Es256));
        assert_eq!(of("../c"), Some(SigningAlgorithm::EdDsa));
        assert_eq!(of("A"), None);
        assert!(set.keys.find(None).is_none(), "which of the three?");
        assert!(read(&[ed("")]).keys.find(None).is_some());
        assert!(read(&[ed("")]).keys.find(Some("a")).is_none());
    }

    #[test]
    fn what_is_no_key_for_signatures_is_left_out_and_told() {
        use UnusableKey::{Algorithm, Id, Kind, NoKey, Private, Secret, Use, Weak};
        let of_numbers = |n: &str, e: &str| format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#);
        for (key, why) in [
            (r#"{"kty":"oct","k":"c2VjcmV0","kid":"a"}"#.to_owned(), Secret),
            (rsa(r#","d":"AQAB""#), Private),
            (rsa(r#","use":"enc""#), Use),
            (rsa(r#","key_ops":["encrypt"]"#), Use),
            (rsa(r#","alg":"RS512""#), Algorithm),
            (rsa(r#","alg":"HS256""#), Algorithm),
            (rsa(r#","alg":"none""#), Algorithm),
            (rsa(r#","alg":"ES256""#), Algorithm),
            (p256(r#","alg":"RS256""#), Algorithm),
            (of_numbers(&N[..168], "AQAB"), Weak),
            (of_numbers(&"A".repeat(342), "AQAB"), Weak),
            (of_numbers(&"_".repeat(1_600), "AQAB"), Weak),
            (of_numbers(N, "AQ"), Weak),
            (of_numbers(N, "AA"), Weak),
            (of_numbers(N, "BA"), Weak),
            (of_numbers(N, "AQAAAAAB"), Weak),
            (of_numbers("!!!", "AQAB"), NoKey),
            (r#"{"kty":"RSA","e":"AQAB"}"#.to_owned(), NoKey),
            // Not on the curve.
            (format!(r#"{{"kty":"EC","crv":"P-256","x":"{Y}","y":"{X}"}}"#), NoKey),
            (format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"AAAA"}}"#), NoKey),
            (format!(r#"{{"kty":"EC","crv":"P-384","x":"{X}","y":"{Y}"}}"#), Kind),
            (format!(r#"{{"kty":"OKP","crv":"X25519","x":"{ED}"}}"#), Kind),
            (r#"{"kty":"rsa"}"#.to_owned(), Kind),
            (ed(r#","kid":7"#), NoKey),
            (ed(r#","kid":"a","kid":"b""#), NoKey),
            (ed(&format!(r#","kid":"{}""#, "k".repeat(513))), Id),
            ("7".to_owned(), NoKey),
            ("null".to_owned(), NoKey),
        ] {
            let set = read(std::slice::from_ref(&key));
            assert_eq!(
                (set.keys.len(), set.unusable.as_slice()),
                (0, [why].as_slice()),
                "{key}"
            );
        }
    }

    #[test]
    fn of_two_keys_with_one_id_neither_is_taken() {
        let set = read(&[rsa(r#","kid":"a""#), ed(r#","kid":"a""#), p256(r#","kid":"b""#)]);
        assert!(set.keys.find(Some("a")).is_none() && set.keys.find(Some("b")).is_some());
        assert_eq!(set.unusable, [UnusableKey::Doubled]);
        // One of them is for something else.
        let set = read(&[rsa(r#","kid":"a","use":"enc""#), ed(r#","kid":"a""#)]);
        assert!(set.keys.find(Some("a")).is_some());
    }

    #[test]
    fn what_is_no_set_is_no_set() {
        let of = |text: &str| KeySet::read(text.as_bytes(), &SigningAlgorithm::PUBLIC).map(|set| set.keys.len());
        for text in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":null}"#,
            r#"{"keys":[]} x"#,
        ] {
            assert_eq!(of(text), Err(KeySetFault::Form), "{text}");
        }
        assert_eq!(of(r#"{"keys":[],"more":1}"#), Ok(0));
        let many = |n: usize| format!(r#"{{"keys":[{}]}}"#, vec!["{}"; n].join(","));
        assert_eq!(of(&many(100)), Ok(0));
        assert_eq!(of(&many(101)), Err(KeySetFault::TooMany(101)));
    }

    #[test]
    fn a_set_is_the_same_in_another_order_and_another_with_other_keys() {
        let (a, b) = (rsa(r#","kid":"a""#), ed(r#","kid":"b""#));
        let both = read(&[a.clone(), b.clone()]).keys;
        assert!(both.is(&read(&[b.clone(), a.clone()]).keys));
        for other in [vec![a.clone()], vec![a, ed(r#","kid":"c""#)], vec![b]] {
            assert!(!both.is(&read(&other).keys));
        }
    }

    #[test]
    fn only_the_operators_algorithms_are_taken() {
        let json = format!(r#"{{"keys":[{},{}]}}"#, rsa(""), ed(""));
        let set = KeySet::read(json.as_bytes(), &[SigningAlgorithm::EdDsa]).unwrap();
        assert_eq!((set.keys.len(), set.unusable), (1, vec![UnusableKey::Algorithm]));
    }
}
