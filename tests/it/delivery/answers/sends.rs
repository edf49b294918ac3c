//! Every code on a send, by the real outbox: two messages of the same content share a call, and one of its recipients
//! is to blame.

use std::time::Duration;

use dingmirror::{
    catalogue::Statement,
    clock::Clock,
    dingtalk::known_codes,
    message::{Content, Recipient, RecipientState},
    settings::Api,
    store::Stop,
};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{UNKNOWN, answer, head, row};
use crate::{delivery::outbox::Outbox, support::database::TestDatabase};

/// So many codes are carried out at once, each by a server of its own: one waits for most of the time.
const AT_ONCE: usize = 4;

pub async fn write(text: &mut String) {
    text.push_str(
        "\n## Every code on a send, carried out\n\nOne call to four people, three of one message and one of another with the same \
         content; DingTalk answers with the code whenever the first of them is in the call. Calls: those that DingTalk got; a \
         throttled one goes on, so they aren't counted.\n\n",
    );
    head(
        text,
        &[
            "code",
            "to blame",
            "others of the message",
            "the other message",
            "sending",
            "calls",
            "sentence",
        ],
    );

    let codes: Vec<String> = known_codes().into_iter().chain(UNKNOWN.map(str::to_owned)).collect();
    let parts = codes.chunks(codes.len().div_ceil(AT_ONCE)).map(async |part| {
        let database = TestDatabase::sqlite().await;
        let outbox = Outbox::start(database.target()).await;
        let mut rows = Vec::new();
        for code in part {
            rows.push(carried_out(&outbox, code).await);
        }
        rows
    });

    for cells in join_all(parts).await.into_iter().flatten() {
        row(text, &cells.each_ref().map(String::as_str));
    }
}

async fn carried_out(outbox: &Outbox, code: &str) -> [String; 7] {
    // Both are there before anybody is sent to.
    let held = Stop {
        until: Clock::system().now() + Duration::from_hours(1),
        code: Some("held".into()),
        reason: Statement::other("both are taken in first"),
    };
    outbox.store.stop_sending(&held).await.unwrap();

    let content = format!("Page changed: {code} {}", Uuid::new_v4());
    let mut messages = Vec::new();
    for people in [0..3, 3..4] {
        let mut request = outbox.to(&outbox.people[people]);
        request.content = Content::Text {
            content: content.clone(),
        }
        .into();
        messages.push(outbox.submit(request).await.message.id);
    }

    let to_blame = outbox.people[0].as_str();
    outbox
        .fault(json!({ "kind": "answer", "userid": to_blame, "body": answer(code, false) }))
        .await;
    let before = calls(outbox).await;
    outbox.delivery.resume("admin").await.unwrap();

    let rows = settled(outbox, &messages).await;
    let calls = calls(outbox).await - before;
    let stop = outbox.store.sending_stopped(Clock::system().now()).await.unwrap();
    let first = outbox.attempts(messages[0]).await;
    let last = first.iter().filter_map(|attempt| attempt.detail.clone()).next_back();
    let sentence = last.map(|it| it.to_string()).unwrap_or_default();

    outbox.dingtalk.tell(Method::DELETE, "faults", Value::Null).await;
    for id in messages {
        outbox.delivery.recall(id, "the table").await.unwrap();
    }
    outbox.delivery.resume("admin").await.unwrap();

    let name = |row: &Recipient| match row.state {
        state if TAKEN.contains(&state) => "sent".to_owned(),
        state => serde_json::to_value(state).unwrap().as_str().unwrap().to_owned(),
    };
    let is_throttled = stop.is_none() && rows[0].state == RecipientState::Queued && !sentence.contains("today");
    let calls = if is_throttled {
        String::new()
    } else if sentence.contains("access token") {
        // A token that was only just issued isn't renewed.
        "1 or 2".to_owned()
    } else {
        calls.to_string()
    };
    [
        format!("`{code}`"),
        name(&rows[0]),
        name(&rows[1]),
        name(&rows[3]),
        if stop.is_some() { "stops" } else { "goes on" }.to_owned(),
        calls,
        sentence,
    ]
}

const TAKEN: [RecipientState; 3] = [
    RecipientState::Accepted,
    RecipientState::DeliveredUnread,
    RecipientState::Read,
];

async fn calls(outbox: &Outbox) -> u64 {
    let calls = outbox.dingtalk.control("calls").await;
    calls["apis"][Api::AsyncSend.path()]["total"].as_u64().unwrap_or(0)
}

/// The rows as soon as nobody is being sent to, and nobody waits who may be sent to soon.
async fn settled(outbox: &Outbox, messages: &[Uuid]) -> Vec<Recipient> {
    for _ in 0..1_000 {
        let mut rows = Vec::new();
        for id in messages {
            rows.extend(outbox.recipients(*id).await);
        }
        let waits = |row: &Recipient| {
            let soon = row.reason.as_ref().is_none_or(|why| why.contains("smaller calls"));
            row.state == RecipientState::Queued && soon
        };
        if !rows
            .iter()
            .any(|row| row.state == RecipientState::Sending || waits(row))
        {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    panic!("the messages never come to rest");
}
