//! How DingTalk's events come in, as configured.

use super::mistakes::Mistakes;
use crate::{dingtalk::EventKeys, intake::IntakeConfig};

/// What was written, unchecked.
pub(super) struct EventWords {
    pub(super) token: Option<String>,
    pub(super) aes_key: Option<String>,
    pub(super) corp_id: Option<String>,
    pub(super) stream: Option<String>,
}

/// The configuration, with its mistakes told by name.
pub(super) fn resolve(mistakes: &mut Mistakes, words: EventWords) -> IntakeConfig {
    let keys = match (words.token, words.aes_key) {
        (None, None) => {
            if words.corp_id.is_some() {
                for name in ["DINGMIRROR_EVENT_TOKEN", "DINGMIRROR_EVENT_AES_KEY"] {
                    let message = "set it, too: DINGMIRROR_EVENT_CORP_ID is of pushes, which have a token and a key";
                    mistakes.add(name, message);
                }
            }
            None
        }
        (Some(token), Some(aes_key)) => match EventKeys::new(token.trim(), aes_key.trim()) {
            Ok(keys) => Some(keys),
            Err(message) => {
                let name = if message.contains("AES") {
                    "DINGMIRROR_EVENT_AES_KEY"
                } else {
                    "DINGMIRROR_EVENT_TOKEN"
                };
                mistakes.add(name, message);
                None
            }
        },
        (Some(_), None) => {
            mistakes.add("DINGMIRROR_EVENT_AES_KEY", "set it, too: a push has a token and a key");
            None
        }
        (None, Some(_)) => {
            mistakes.add("DINGMIRROR_EVENT_TOKEN", "set it, too: a push has a token and a key");
            None
        }
    };
    let stream = match words.stream.as_deref() {
        None | Some("off") => false,
        Some("on") => true,
        Some(other) => {
            mistakes.add("DINGMIRROR_STREAM", format!("`{other}` is neither `on` nor `off`"));
            false
        }
    };
    IntakeConfig {
        keys,
        corp_id: words.corp_id,
        stream,
    }
}
