//! The ledger against DingTalk's own record, person by person.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use dingmirror::{
    directory::UserId,
    message::{Content, OnUnknown, RecipientState},
    simulator::SimulatorConfig,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::outbox::{Outbox, by_email};
use crate::support::{database::TestDatabase, server::TestDingTalk};

/// How large.
struct Shape {
    people: usize,
    messages: usize,
    /// Recipients a message, the popular ones included.
    each: usize,
    /// DingTalk's limit in this run.
    receivers_per_minute: u32,
}

/// People who are in every message: with more than 500 of them they exceed what a person may get in a day.
const POPULAR: usize = 3;

/// What the recipients' states in the ledger are, and how many of each.
async fn ledger_of(database: &TestDatabase, shape: Shape) -> BTreeMap<RecipientState, usize> {
    let config = SimulatorConfig {
        users: shape.people,
        departments: 6,
        rate_limit_per_second: None,
        receivers_per_minute: shape.receivers_per_minute,
        ..SimulatorConfig::default()
    };
    let dingtalk = TestDingTalk::start_with(config).await;
    let mut outbox = Outbox::over(dingtalk, database.target(), Duration::from_secs(60)).await;

    // Some leave, and the mirror has not heard of it.
    let left: Vec<UserId> = outbox.people[POPULAR..POPULAR + 5].to_vec();
    let edits: Vec<Value> = left
        .iter()
        .map(|user| json!({ "edit": "leave", "userid": user.as_str() }))
        .collect();
    outbox.dingtalk.tell(reqwest::Method::POST, "edits", json!(edits)).await;

    let mut messages = Vec::new();
    for n in 0..shape.messages {
        // Every tenth says what the former one said: a duplicate to whoever had that one, too.
        let said = if n % 10 == 9 { n - 1 } else { n };
        let others = shape.each - POPULAR;
        let mut users: Vec<UserId> = outbox.people[..POPULAR].to_vec();
        let rest = outbox.people[POPULAR..].iter().cycle().skip(n * others / 2);
        users.extend(rest.take(others).cloned());

        let mut request = outbox.to(&users);
        request.content = Content::Text {
            content: format!("Page {said} changed"),
        }
        .into();
        if n % 4 == 0 {
            request.userids.push("nobody-has-this-id".into());
            request.identities.push(by_email("nobody@nowhere.example"));
        }
        if n % 2 == 0 {
            request.on_unknown = OnUnknown::RepeatSameDay;
        }
        if n % 50 == 7 {
            outbox.fault(json!({ "kind": "throttle", "count": 3, "skip": 5 })).await;
            outbox
                .fault(json!({ "kind": "close_connection", "count": 1, "skip": 2, "after_effect": n % 100 == 7 }))
                .await;
        }
        messages.push(outbox.submit(request).await.message.id);
        if n == 0 {
            outbox.run();
        }
    }

    settle(&outbox, &messages).await;
    let states = compare(&outbox, &messages).await;
    outbox.stop().await;
    states
}

/// Waits until DingTalk has told all that it will: nobody is on the way any more.
async fn settle(outbox: &Outbox, messages: &[Uuid]) {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(15);
    loop {
        let counts = outbox.store.recipient_counts(messages).await.unwrap();
        use RecipientState::{Accepted, Queued, Sending};
        let on_the_way = |state: &RecipientState| matches!(state, Queued | Sending | Accepted);
        let waiting: u64 = counts
            .values()
            .flat_map(|of_message| {
                of_message
                    .iter()
                    .filter(|(state, _)| on_the_way(state))
                    .map(|(_, count)| count)
            })
            .sum();

        let repeated = outbox.store.next_due().await.unwrap();
        if waiting == 0 && repeated.is_none() {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "{waiting} are still on the way");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// What one receiver's entry in DingTalk's record comes to.
fn expected(receiver: &Value) -> RecipientState {
    match (receiver["outcome"].as_str().unwrap(), receiver["code"].as_u64()) {
        ("delivered", _) if receiver["read"] == true => RecipientState::Read,
        ("delivered", _) => RecipientState::DeliveredUnread,
        ("forbidden", Some(143_106)) => RecipientState::DroppedDuplicate,
        ("forbidden", Some(143_103 | 143_105)) => RecipientState::DroppedQuota,
        other => panic!("{other:?}"),
    }
}

async fn compare(outbox: &Outbox, messages: &[Uuid]) -> BTreeMap<RecipientState, usize> {
    // DingTalk's record: by send and person; and who ever got which content.
    let mut record: BTreeMap<(i64, String), RecipientState> = BTreeMap::new();
    let mut got: BTreeSet<(String, String)> = BTreeSet::new();
    let mut contents: BTreeMap<i64, String> = BTreeMap::new();
    let mut sends = 0;

    for task in outbox.sends().await {
        sends += 1;
        let id = task["task_id"].as_i64().unwrap();
        let content = task["msg"]["text"]["content"].as_str().unwrap();
        contents.insert(id, content.to_owned());
        for receiver in task["receivers"].as_array().unwrap() {
            let user = receiver["userid"].as_str().unwrap().to_owned();
            if receiver["outcome"] == "delivered" {
                let news = got.insert((content.to_owned(), user.clone()));
                assert!(news, "{user} got {content:?} twice");
            }
            assert!(record.insert((id, user), expected(receiver)).is_none());
        }
        for user in task["invalid_user_ids"].as_array().unwrap() {
            record.insert((id, user.as_str().unwrap().to_owned()), RecipientState::Invalid);
        }
    }

    let mut known_tasks = BTreeSet::new();
    let mut states = BTreeMap::new();
    let mut in_ledger = BTreeSet::new();
    let mut doubtful: BTreeSet<(String, String)> = BTreeSet::new();
    for id in messages {
        let message = outbox.message(*id).await;
        let Some(Content::Text { content }) = message.content else {
            panic!()
        };
        for row in outbox.recipients(*id).await {
            *states.entry(row.state).or_insert(0) += 1;
            let user = row.userid.as_ref().map(ToString::to_string).unwrap_or_default();
            let Some(task) = row.task_id else {
                use RecipientState::{Duplicate, Failed, Unknown, Unmatched};
                assert!(matches!(row.state, Unmatched | Failed | Duplicate | Unknown), "{row:?}");
                if row.state == Unknown {
                    doubtful.insert((content.clone(), user));
                }
                continue;
            };

            if row.repeats > 0 {
                doubtful.insert((content.clone(), user.clone()));
            }
            known_tasks.insert(task);
            in_ledger.insert((task, user.clone()));

            let told = record
                .get(&(task, user.clone()))
                .unwrap_or_else(|| panic!("DingTalk knows nothing of {row:?}"));
            // DingTalk dropped the repetition as a duplicate: that proves that the first send arrived.
            let proven = row.repeats > 0
                && *told == RecipientState::DroppedDuplicate
                && row.state == RecipientState::DeliveredUnread;
            if proven {
                assert!(
                    got.contains(&(content.clone(), user)),
                    "a repetition proved what did not happen: {row:?}"
                );
            } else {
                assert_eq!(row.state, *told, "{row:?}");
            }
        }
    }

    for ((task, user), state) in &record {
        if known_tasks.contains(task) {
            assert!(
                in_ledger.contains(&(*task, user.clone())),
                "the ledger misses {user} in {task}: {state:?}"
            );
        }
    }

    // Sends whose answer was lost: whoever they went to is UNKNOWN, or was sent to again, which is marked. Anybody else
    // would have been sent to by a call that nobody knows of.
    let mut told = 0;
    for (task, user) in record.keys().filter(|(task, _)| !known_tasks.contains(task)) {
        told += 1;
        let content = &contents[task];
        assert!(
            doubtful.contains(&(content.clone(), user.clone())),
            "{user} got {content:?} by {task}, and the ledger says nothing of it"
        );
    }

    println!(
        "{sends} sends, {} of them with a lost answer, {told} people in those",
        sends - known_tasks.len()
    );
    states
}

both_databases!(
    async fn every_persons_state_is_what_dingtalk_did(database: TestDatabase) {
        let shape = Shape {
            people: 120,
            messages: 580,
            each: 6,
            receivers_per_minute: 2_700,
        };

        let states = ledger_of(database, shape).await;
        println!("{states:?}");

        use RecipientState::{DeliveredUnread, DroppedDuplicate, DroppedQuota, Failed, Invalid, Unmatched};
        for state in [
            DeliveredUnread,
            DroppedDuplicate,
            DroppedQuota,
            Failed,
            Invalid,
            Unmatched,
        ] {
            assert!(states.contains_key(&state), "no case of {state:?}: {states:?}");
        }
    }
);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: `make prove` runs it"]
async fn a_hundred_thousand_peoples_states_are_what_dingtalk_did() {
    let database = TestDatabase::postgres().await;
    let shape = Shape {
        people: 3_000,
        messages: 580,
        each: 175,
        receivers_per_minute: 60_000,
    };
    let states = ledger_of(&database, shape).await;
    let recipients: usize = states.values().sum();
    assert!(recipients >= 100_000);
    println!("figure: {recipients} recipients, each state as DingTalk's own record has it: {states:?}");
}
