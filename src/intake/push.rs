//! HTTP push: one request, verified, opened, made durable, answered. Nothing in between waits for DingTalk.

use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::Intake;
use crate::{
    dingtalk::{EventKeys, Pushed, pushed},
    directory::EventChannel,
    id::random_id,
};

/// So far from now may a push have been signed, either way, for clocks differ: DingTalk repeats one after 10 and after
/// 30 seconds. Whatever is replayed within that time is known again by its key.
const FURTHEST: chrono::Duration = chrono::Duration::hours(1);

/// The query of a push: some of DingTalk's pages call the signature by one name, some by the other.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PushQuery {
    /// Signature.
    pub signature: Option<String>,
    /// Signature, by its other name.
    pub msg_signature: Option<String>,
    /// The text that was signed, digits.
    pub timestamp: Option<String>,
    /// The same, by its other name.
    #[serde(rename = "timeStamp")]
    pub time_stamp: Option<String>,
    /// The text that was signed with it.
    pub nonce: Option<String>,
}

impl PushQuery {
    /// Whether it holds what a signature is made of; whether it fits shows with the body.
    pub fn is_signed(&self) -> bool {
        (self.signature.is_some() || self.msg_signature.is_some())
            && (self.timestamp.is_some() || self.time_stamp.is_some())
            && self.nonce.is_some()
    }
}

/// What DingTalk is answered: the JSON of an encrypted `success`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushReply(pub serde_json::Value);

/// Why a push is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushRefusal {
    /// No token and AES key are set.
    #[error("no events are taken here")]
    Off,
    /// Query or body aren't those of a push.
    #[error("this is no push of an event")]
    Malformed,
    /// The signature is not that of these texts, the text can't be opened, or it is for another app.
    #[error("the signature does not fit")]
    Forged,
    /// It was not signed within this hour.
    #[error("the timestamp is too old, or not yet due")]
    Stale,
    /// The database is away: DingTalk pushes again.
    #[error("not now: push again")]
    Later,
}

#[derive(Deserialize)]
struct EncryptedBody {
    encrypt: String,
}

impl Intake {
    /// Whether the operator gave the keys that pushes are signed and encrypted with.
    pub fn takes_pushes(&self) -> bool {
        !self.0.config.keys.is_empty()
    }

    /// Takes one push.
    pub async fn push(&self, query: &PushQuery, body: &[u8]) -> Result<PushReply, PushRefusal> {
        let taken = self.take(query, body).await;
        if let Err(refusal) = &taken
            && *refusal != PushRefusal::Later
        {
            self.0.counts.refused.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(%refusal, "a push was refused");
        }
        taken
    }

    async fn take(&self, query: &PushQuery, body: &[u8]) -> Result<PushReply, PushRefusal> {
        let pairs = &self.0.config.keys;
        if pairs.is_empty() {
            return Err(PushRefusal::Off);
        }

        let body: EncryptedBody = serde_json::from_slice(body).map_err(|_| PushRefusal::Malformed)?;
        let timestamp = query.timestamp.as_ref().or(query.time_stamp.as_ref());
        let (Some(timestamp), Some(nonce)) = (timestamp, query.nonce.as_ref()) else {
            return Err(PushRefusal::Malformed);
        };

        let signers = signers(pairs, query, [timestamp, nonce, &body.encrypt]);
        if signers.is_empty() {
            // Whoever can read the text has the AES key: then it is the token that differs.
            let is_readable = pairs.iter().any(|keys| keys.open(&body.encrypt).is_ok());
            return Err(forged(if is_readable { Forged::Token } else { Forged::Signature }));
        }

        let signed_at = signed_at(timestamp).ok_or(PushRefusal::Malformed)?;
        if (self.0.clock.at_dingtalk() - signed_at).abs() > FURTHEST {
            return Err(PushRefusal::Stale);
        }

        // Two pairs may have one token, where only the AES key was changed. The answer is sealed by the pair that the
        // sender has.
        let (keys, opened) = signers
            .into_iter()
            .find_map(|keys| Some((keys, keys.open(&body.encrypt).ok()?)))
            .ok_or_else(|| forged(Forged::AesKey))?;
        if !self.is_ours(&opened.owner) {
            return Err(forged(Forged::Owner(&opened.owner)));
        }

        let answer = match pushed(&opened.message, &body.encrypt).ok_or(PushRefusal::Malformed)? {
            Pushed::CheckUrl => "success".to_owned(),
            Pushed::CheckSuiteUrl { random } => random,
            Pushed::Event(event) => {
                self.keep(&[event], EventChannel::Push).await.map_err(|error| {
                    tracing::warn!(%error, "an event can't be kept; DingTalk will push it again");
                    PushRefusal::Later
                })?;
                "success".to_owned()
            }
        };
        Ok(self.reply(keys, &answer, &opened.owner))
    }

    /// Pushes are encrypted for the app key, or for the CorpId where the subscription was made through the API.
    fn is_ours(&self, owner: &str) -> bool {
        let settings = self.0.settings.current();
        settings.app_key.as_deref() == Some(owner) || self.0.config.corp_id.as_deref() == Some(owner)
    }

    fn reply(&self, keys: &EventKeys, answer: &str, owner: &str) -> PushReply {
        let timestamp = self.0.clock.now().timestamp_millis().to_string();
        let random = random_id();
        let nonce = random.simple().to_string()[..16].to_owned();
        let encrypt = keys.seal(answer, owner, *random_id().as_bytes());

        PushReply(json!({
            "msg_signature": keys.sign(&timestamp, &nonce, &encrypt),
            "timeStamp": timestamp,
            "nonce": nonce,
            "encrypt": encrypt,
        }))
    }
}

/// The pairs by whose token these texts (time, nonce, encrypted text) are signed.
fn signers<'a>(
    pairs: &'a [EventKeys],
    query: &PushQuery,
    [timestamp, nonce, encrypt]: [&str; 3],
) -> Vec<&'a EventKeys> {
    let signatures = [query.signature.as_ref(), query.msg_signature.as_ref()];
    let signed = |keys: &&EventKeys| {
        let mut signatures = signatures.iter().flatten();
        signatures.any(|signature| keys.verify(signature, timestamp, nonce, encrypt))
    };
    pairs.iter().filter(signed).collect()
}

/// What doesn't fit of a push. The operator is told; the sender never is, who might be anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Forged<'a> {
    #[error(
        "the signature doesn't fit, though the AES key opens the text: the token differs from the one that the subscription in \
         DingTalk's developer console has (DINGMIRROR_EVENT_TOKEN)"
    )]
    Token,
    #[error(
        "neither the signature nor the AES key fits: the keys are another subscription's, or somebody else sends to this address"
    )]
    Signature,
    #[error(
        "the signature fits, but the AES key doesn't open the text: it differs from the one that the subscription in DingTalk's \
         developer console has (DINGMIRROR_EVENT_AES_KEY)"
    )]
    AesKey,
    #[error(
        "the push is signed and opened, but was encrypted for “{0}”, which is neither the appKey of the settings nor \
         DINGMIRROR_EVENT_CORP_ID: the subscription is another app's, or was made for the company"
    )]
    Owner(&'a str),
}

fn forged(cause: Forged<'_>) -> PushRefusal {
    tracing::warn!(%cause, "a push that doesn't fit");
    PushRefusal::Forged
}

/// Seconds or milliseconds since 1970, in exactly as many digits as they have: both are about. The signature is over
/// texts without separators, so characters can be moved from one text to its neighbour under the same signature; a time
/// of any other form could be made of an old one.
fn signed_at(timestamp: &str) -> Option<DateTime<Utc>> {
    if !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }

    let number: i64 = timestamp.parse().ok()?;
    match timestamp.len() {
        10 => DateTime::from_timestamp_secs(number),
        13 => DateTime::from_timestamp_millis(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_ten_or_thirteen_digits_and_nothing_else() {
        let at = |text| signed_at(text).map(|at| at.timestamp_millis());
        assert_eq!(at("1614767836"), Some(1_614_767_836_000));
        assert_eq!(at("1608001896814"), Some(1_608_001_896_814));

        for text in [
            "",
            "1608001896814W",
            "16080018968",
            "160800189681",
            "16080018968140",
            "+160800189681",
            "-160800189681",
            "+160800189",
            " 160800189",
            "１６０８００１８９６",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
