//! What the ledger says became of every recipient, against what DingTalk did.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dingmirror::{
    message::{Attempt, AttemptOutcome, Message, MessageState, OnUnknown, Recipient, RecipientState},
    page::{MAX_PAGE, PageRequest},
    store::{MessageQuery, Store},
};
use serde_json::Value;

use super::letters::Letter;
use crate::support::server::TestDingTalk;

/// DingTalk's word for: this person had this content today.
const SAME_CONTENT: i64 = 143_106;

/// Repetitions of a send of unknown outcome: then it stays unknown.
const REPETITIONS: u32 = 3;

/// What there was to see.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) messages: usize,
    pub(super) recipients: usize,
    /// Calls whose outcome nobody knows, and those of them whose process died.
    pub(super) unknown_calls: usize,
    pub(super) cut_off: usize,
    /// Recipients who are UNKNOWN in the end, and those of them whom DingTalk sent it to.
    pub(super) unknown: usize,
    pub(super) unknown_and_delivered: usize,
    /// Recipients to whom it was sent again because nobody knew; those of them whom DingTalk was given it twice for.
    pub(super) repeated: usize,
    pub(super) twice: usize,
}

/// What DingTalk did with one content for one person: the task, and the code by which it was dropped.
type Sent = (i64, Option<i64>);

/// By content and person.
type Record = BTreeMap<(String, String), Vec<Sent>>;

async fn record(dingtalk: &TestDingTalk) -> Record {
    let answer = dingtalk.control("messages").await;
    let mut record = Record::new();
    for task in answer["tasks"].as_array().unwrap() {
        let id = task["task_id"].as_i64().unwrap();
        let text = task["msg"]["text"]["content"].as_str().unwrap();
        assert_eq!(task["invalid_user_ids"], Value::Array(Vec::new()), "{task}");
        for receiver in task["receivers"].as_array().unwrap() {
            let person = receiver["userid"].as_str().unwrap();
            let entry = record.entry((text.to_owned(), person.to_owned())).or_default();
            entry.push((id, receiver["code"].as_i64()));
        }
    }
    record
}

/// Every message of the ledger by its key.
async fn messages(store: &Store) -> BTreeMap<String, Message> {
    let mut all = BTreeMap::new();
    let mut after = None;

    loop {
        let page = PageRequest::new(MAX_PAGE, after);
        let page = store.messages(&MessageQuery::default(), page).await.unwrap();
        after = page.items.last().map(|message| message.id);
        for message in page.items {
            let key = message.idempotency_key.clone().expect("every one was sent with a key");
            assert!(all.insert(key, message).is_none(), "two messages of one key");
        }
        if !page.has_next {
            return all;
        }
    }
}

/// How many messages wait for something yet.
pub(super) async fn waiting(store: &Store) -> u64 {
    let query = MessageQuery {
        states: vec![MessageState::Queued],
        ..MessageQuery::default()
    };
    store.count_messages(&query).await.unwrap()
}

/// Holds the ledger against DingTalk's record, person by person.
pub(super) async fn assert_true(store: &Store, dingtalk: &TestDingTalk, letters: &[Letter]) -> Sums {
    let mut record = record(dingtalk).await;
    let messages = messages(store).await;
    let keys: BTreeSet<&String> = letters.iter().map(|letter| &letter.key).collect();
    assert_eq!(
        messages.keys().collect::<BTreeSet<_>>(),
        keys,
        "of all that was taken in"
    );

    let mut sums = Sums {
        messages: letters.len(),
        ..Sums::default()
    };
    for letter in letters {
        let message = &messages[&letter.key];
        let id = URL_SAFE_NO_PAD.encode(format!("Message:{}", message.id));
        assert_eq!((&id, message.state), (&letter.id, MessageState::Done), "{message:?}");
        assert_eq!(message.on_unknown == OnUnknown::RepeatSameDay, letter.repeat);

        let page = PageRequest::new(MAX_PAGE, None);
        let recipients = store.recipients(message.id, &[], page).await.unwrap().items;
        let named: BTreeSet<String> = recipients.iter().map(userid).collect();
        assert_eq!((named, recipients.len()), (letter.people.clone(), letter.people.len()));
        for recipient in &recipients {
            let sent = record.remove(&(Letter::text(&letter.key), userid(recipient)));
            sums.count(letter, recipient, &sent.unwrap_or_default());
        }

        let page = PageRequest::new(MAX_PAGE, None);
        let attempts = store.attempts(message.id, page).await.unwrap().items;
        sums.add_up(&recipients, &attempts);
    }

    assert!(record.is_empty(), "sent, and nobody asked for it: {record:?}");
    sums
}

/// Whether a failover left in doubt what became of them.
fn is_doubted(recipient: &Recipient) -> bool {
    let reason = recipient.reason.as_ref();
    reason.is_some_and(|reason| reason.code() == "LOST_IN_FAILOVER")
}

fn userid(recipient: &Recipient) -> String {
    recipient.userid.as_ref().expect("named by userid").to_string()
}

impl Sums {
    /// One recipient: nothing lost, and nothing twice that is not marked.
    fn count(&mut self, letter: &Letter, recipient: &Recipient, sent: &[Sent]) {
        let told = format!("{recipient:?} of {}, who was sent {sent:?}", letter.key);
        let delivered: Vec<i64> = sent
            .iter()
            .filter(|(_, code)| code.is_none())
            .map(|(id, _)| *id)
            .collect();
        assert!(delivered.len() <= 1, "had it twice: {told}");
        let dropped = sent.iter().filter_map(|(_, code)| *code);
        assert!(dropped.into_iter().all(|code| code == SAME_CONTENT), "{told}");

        match recipient.state {
            RecipientState::Accepted | RecipientState::DeliveredUnread | RecipientState::Read => {
                assert_eq!(delivered.len(), 1, "never arrived: {told}");
                let task = recipient.task_id.expect("it was taken");
                assert!(sent.iter().any(|(id, _)| *id == task), "by another task: {told}");
            }
            RecipientState::Unknown => {
                self.unknown += 1;
                self.unknown_and_delivered += delivered.len();
                let another_day = recipient
                    .reason
                    .as_ref()
                    .is_some_and(|why| why.contains("on another day"));
                let all_done = recipient.repeats == REPETITIONS || another_day;
                assert!(
                    !letter.repeat || all_done || is_doubted(recipient),
                    "it was not repeated: {told}"
                );
                assert_eq!(recipient.repeat_until, None, "{told}");
            }
            _ => panic!("lost: {told}"),
        }

        if letter.repeat {
            assert!(
                sent.len() <= recipient.repeats as usize + 1,
                "twice, and not marked: {told}"
            );
        } else {
            assert!(sent.len() <= 1, "twice: {told}");
            assert_eq!(recipient.repeats, 0, "{told}");
        }

        self.recipients += 1;
        self.repeated += usize::from(recipient.repeats > 0);
        self.twice += usize::from(sent.len() > 1);
    }

    /// A message's attempts: each has an end, none is given somebody who is in another one, and their number is what
    /// the recipients say.
    fn add_up(&mut self, recipients: &[Recipient], attempts: &[Attempt]) {
        let all = recipients.len() as i64;
        let mut steps: Vec<_> = attempts
            .iter()
            .flat_map(|it| {
                let end = it.finished_at.expect("every attempt has an end");
                [(it.started_at, it.recipients), (end, -it.recipients)]
            })
            .collect();
        // Ends before beginnings of the same moment.
        steps.sort();

        let mut under_way = 0;
        for (_, step) in steps {
            under_way += step;
            assert!(under_way <= all, "somebody is in two attempts at a time: {attempts:#?}");
        }

        let repeats: i64 = recipients.iter().map(|it| i64::from(it.repeats)).sum();
        let not_made = [AttemptOutcome::Retry, AttemptOutcome::NotMade].map(Some);
        let made = |it: &&Attempt| !not_made.contains(&it.outcome);
        let carried: i64 = attempts.iter().filter(made).map(|it| it.recipients).sum();
        // Whoever waited while the database failed over is UNKNOWN by that alone: no attempt of theirs is on record.
        let doubted = recipients.iter().filter(|it| is_doubted(it)).count() as i64;
        let right = all + repeats - doubted..=all + repeats;
        assert!(right.contains(&carried), "{attempts:#?} {recipients:#?}");

        for attempt in attempts {
            if attempt.outcome == Some(AttemptOutcome::Unknown) {
                self.unknown_calls += 1;
                let died = attempt.detail.as_ref().is_some_and(|why| why.contains("process"));
                self.cut_off += usize::from(died);
            }
        }
    }
}
