//! How DingTalk's events come in, as configured.

use super::{
    mistakes::Mistakes,
    table::{Layers, TABLE},
};
use crate::{dingtalk::EventKeys, intake::IntakeConfig};

/// What opens pushes, as it was written.
struct PushWords {
    token: Option<String>,
    aes_key: Option<String>,
    token_previous: Option<String>,
    aes_key_previous: Option<String>,
    corp_id: Option<String>,
}

/// The configuration, with its mistakes told by name.
pub(super) fn resolve(layers: &mut Layers<'_>) -> IntakeConfig {
    let stream = layers.stream();
    let words = PushWords {
        token: layers.event_token(),
        aes_key: layers.event_aes_key(),
        token_previous: layers.event_token_previous(),
        aes_key_previous: layers.event_aes_key_previous(),
        corp_id: layers.event_corp_id(),
    };

    IntakeConfig {
        keys: keys(&mut layers.mistakes, &words),
        corp_id: words.corp_id,
        stream,
    }
}

/// The pair, and the one of before, of which a part that is left out is as it is.
fn keys(mistakes: &mut Mistakes, words: &PushWords) -> Vec<EventKeys> {
    let (token_name, aes_key_name) = (TABLE.event_token.variable, TABLE.event_aes_key.variable);
    let previous = (&words.token_previous, &words.aes_key_previous);

    match (&words.token, &words.aes_key) {
        (None, None) => {
            let needed = if words.corp_id.is_some() {
                Some("DINGMIRROR_EVENT_CORP_ID is of pushes, which have a token and a key")
            } else {
                (previous != (&None, &None)).then_some("the previous ones are only accepted beside those that hold now")
            };
            if let Some(why) = needed {
                for name in [token_name, aes_key_name] {
                    mistakes.add(name, format!("set it, too: {why}"));
                }
            }
            Vec::new()
        }
        (Some(token), Some(aes_key)) => {
            let mut pairs = Vec::new();
            pairs.extend(pair(mistakes, [token_name, aes_key_name], token, aes_key));
            if previous != (&None, &None) {
                let (token, aes_key) = (
                    previous.0.as_ref().unwrap_or(token),
                    previous.1.as_ref().unwrap_or(aes_key),
                );
                let names = [
                    TABLE.event_token_previous.variable,
                    TABLE.event_aes_key_previous.variable,
                ];
                pairs.extend(pair(mistakes, names, token, aes_key));
            }
            pairs
        }
        (Some(_), None) => {
            mistakes.add(aes_key_name, "set it, too: a push has a token and a key");
            Vec::new()
        }
        (None, Some(_)) => {
            mistakes.add(token_name, "set it, too: a push has a token and a key");
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
    use crate::config::table::ConfigLayer;

    const TOKEN: &str = "DINGMIRROR_EVENT_TOKEN";
    const AES_KEY: &str = "DINGMIRROR_EVENT_AES_KEY";
    const TOKEN_PREVIOUS: &str = "DINGMIRROR_EVENT_TOKEN_PREVIOUS";
    const AES_KEY_PREVIOUS: &str = "DINGMIRROR_EVENT_AES_KEY_PREVIOUS";

    const KEY: &str = "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7";
    const OTHER: &str = "1234567890123456789012345678901234567890123";

    fn told(words: [Option<&str>; 4]) -> (usize, Vec<&'static str>) {
        let [event_token, event_aes_key, event_token_previous, event_aes_key_previous] =
            words.map(|it| it.map(str::to_owned));
        let flags = ConfigLayer {
            event_token,
            event_aes_key,
            event_token_previous,
            event_aes_key_previous,
            ..ConfigLayer::default()
        };

        let mut layers = Layers::of(flags, &|_| None);
        let config = resolve(&mut layers);
        (config.keys.len(), layers.mistakes.names())
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
