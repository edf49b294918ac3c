//! What DingTalk pushes: encrypted by a key, and the event inside.
//!
//! What is sealed opens as it was, and its signature is that of its time and nonce alone. Departments that an event
//! names are the company's, each once, in order; its key is short.

use base64::{Engine, engine::general_purpose::STANDARD};
use dingmirror::{
    dingtalk::{EventKeys, Pushed, failed_entry, pushed, streamed},
    directory::DirectoryEvent,
};

/// DingTalk's own example.
const AES_KEY: &str = "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7";

/// An event's key has a place in an index, which takes no long texts.
const LONGEST_KEY: usize = 200;

/// Encrypted text as it is, bytes that are one, and a message on its way through.
pub fn run(data: &[u8]) {
    let keys = EventKeys::new("token", AES_KEY).unwrap();
    let text = String::from_utf8_lossy(data);

    for encrypt in [text.to_string(), STANDARD.encode(data)] {
        if let Ok(push) = keys.open(&encrypt) {
            read(&push.message, &encrypt);
        }
    }

    let mut random = [0; 16];
    let known = data.len().min(16);
    random[..known].copy_from_slice(&data[..known]);
    let sealed = keys.seal(&text, "corp", random);
    let opened = keys.open(&sealed).unwrap();
    assert_eq!((opened.message.as_str(), opened.owner.as_str()), (&*text, "corp"));
    let signature = keys.sign("1", "2", &sealed);
    assert!(keys.verify(&signature, "1", "2", &sealed) && !keys.verify(&signature, "1", "3", &sealed));
    read(&text, &sealed);
}

fn read(message: &str, encrypt: &str) {
    if let Some(Pushed::Event(event)) = pushed(message, encrypt) {
        check(&event);
    }

    let mut lines = message.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    check(&streamed(line(), line(), None, message));
    let (kind, born) = (line(), Some(message));
    check(&streamed(kind, "", born, message));
    if let Ok(entry) = serde_json::from_str(message)
        && let Some(event) = failed_entry(&entry)
    {
        check(&event);
    }
}

fn check(event: &DirectoryEvent) {
    assert!(event.key.len() <= LONGEST_KEY, "a key of {} bytes", event.key.len());
    let ids: Vec<i64> = event.departments.iter().map(|id| id.0).collect();
    assert!(
        ids.is_sorted_by(|one, other| one < other) && ids.iter().all(|id| *id > 0),
        "{ids:?}"
    );
}
