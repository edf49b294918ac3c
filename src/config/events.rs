//! How DingTalk's events come in, as configured.

use super::mistakes::Mistakes;
use crate::{dingtalk::EventKeys, intake::IntakeConfig};

/// What was written, unchecked.
pub(super) struct EventWords {
    pub(super) token: Option<String>,
    pub(super) aes_key: Option<String>,
    pub(super) token_previous: Option<String>,
    pub(super) aes_key_previous: Option<String>,
    pub(super) corp_id: Option<String>,
    pub(super) stream: Option<String>,
}

const TOKEN: &str = "DINGMIRROR_EVENT_TOKEN";
const AES_KEY: &str = "DINGMIRROR_EVENT_AES_KEY";
const TOKEN_PREVIOUS: &str = "DINGMIRROR_EVENT_TOKEN_PREVIOUS";
const AES_KEY_PREVIOUS: &str = "DINGMIRROR_EVENT_AES_KEY_PREVIOUS";

/// The configuration, with its mistakes told by name.
pub(super) fn resolve(mistakes: &mut Mistakes, words: EventWords) -> IntakeConfig {
    let stream = match words.stream.as_deref() {
        None | Some("off") => false,
        Some("on") => true,
        Some(other) => {
            mistakes.add("DINGMIRROR_STREAM", format!("`{other}` is neither `on` nor `off`"));
            false
        }
    };

    IntakeConfig {
        keys: keys(mistakes, &words),
        corp_id: words.corp_id,
        stream,
    }
}

/// The pair, and the one of before, of which a part that is left out is as it is.
fn keys(mistakes: &mut Mistakes, words: &EventWords) -> Vec<EventKeys> {
    let previous = (&words.token_previous, &words.aes_key_previous);

    match (&words.token, &words.aes_key) {
        (None, None) => {
            let needed = if words.corp_id.is_some() {
                Some("DINGMIRROR_EVENT_CORP_ID is of pushes, which have a token and a key")
            } else {
                (previous != (&None, &None)).then_some("the previous ones are only accepted beside those that hold now")
            };
            if let Some(why) = needed {
                for name in [TOKEN, AES_KEY] {
                    mistakes.add(name, format!("set it, too: {why}"));
                }
            }
            Vec::new()
        }
        (Some(token), Some(aes_key)) => {
            let mut pairs = Vec::new();
            pairs.extend(pair(mistakes, [TOKEN, AES_KEY], token, aes_key));
            if previous != (&None, &None) {
                let (token, aes_key) = (
                    previous.0.as_ref().unwrap_or(token),
                    previous.1.as_ref().unwrap_or(aes_key),
                );
                pairs.extend(pair(mistakes, [TOKEN_PREVIOUS, AES_KEY_PREVIOUS], token, aes_key));
            }
            pairs
        }
        (Some(_), None) => {
            mistakes.add(AES_KEY, "set it, too: a push has a token and a key");
            Vec::new()
        }
        (None, Some(_)) => {
            mistakes.add(TOKEN, "set it, too: a push has a token and a key");
            Vec::new()
        }
    }
}

fn pair(mistakes: &mut Mistakes, names: [&'static str; 2], token: &str, aes_key: &str) -> Option<EventKeys> {
    EventKeys::new(token.trim(), aes_key.trim())
        .map_err(|message| {
            let name = if message.contains("AES") { names[1] } else { names[0] };
            mistakes.add(name, message);
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7";
    const OTHER: &str = "1234567890123456789012345678901234567890123";

    fn told(words: [Option<&str>; 4]) -> (usize, Vec<&'static str>) {
        let [token, aes_key, token_previous, aes_key_previous] = words.map(|it| it.map(str::to_owned));
        let mut mistakes = Mistakes::default();
        let config = resolve(
            &mut mistakes,
            EventWords {
                token,
                aes_key,
                token_previous,
                aes_key_previous,
                corp_id: None,
                stream: None,
            },
        );

        (config.keys.len(), mistakes.names())
    }

    #[test]
    fn a_previous_pair_stands_beside_the_present_one_and_takes_from_it_what_did_not_change() {
        assert_eq!(told([None; 4]), (0, vec![]));
        assert_eq!(told([Some("token"), Some(KEY), None, None]), (1, vec![]));
        assert_eq!(
            told([Some("token"), Some(KEY), Some("former"), Some(OTHER)]),
            (2, vec![])
        );
        assert_eq!(told([Some("token"), Some(KEY), Some("former"), None]), (2, vec![]));
        assert_eq!(told([Some("token"), Some(KEY), None, Some(OTHER)]), (2, vec![]));

        assert_eq!(
            told([Some("token"), Some(KEY), Some("x"), None]),
            (1, vec![TOKEN_PREVIOUS])
        );
        assert_eq!(
            told([Some("token"), Some(KEY), None, Some("x")]),
            (1, vec![AES_KEY_PREVIOUS])
        );
        assert_eq!(
            told([None, None, Some("former"), Some(OTHER)]),
            (0, vec![TOKEN, AES_KEY])
        );
        assert_eq!(told([Some("token"), None, None, None]), (0, vec![AES_KEY]));
    }
}
