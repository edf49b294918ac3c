//! Calls that messages share, and what it takes to take a message back.

use dingmirror::message::{Content, RecallState, RecipientState};

use super::outbox::Outbox;
use crate::support::database::TestDatabase;
use std::time::Duration;

const TAKEN: [RecipientState; 3] = [
    RecipientState::Accepted,
    RecipientState::DeliveredUnread,
    RecipientState::Read,
];

fn text(content: &str) -> Content {
    Content::Text {
        content: content.into(),
    }
}

both_databases!(
    async fn messages_with_one_content_go_out_in_one_call_and_a_person_once_in_each(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let mut ids = Vec::new();
        for n in 0..20 {
            let mut request = outbox.to(&outbox.people[n..=n]);
            request.content = text("Page changed").into();
            ids.push(outbox.submit(request).await.message.id);
        }
        let mut again = outbox.to(&outbox.people[..1]);
        again.content = text("Page changed").into();
        let again = outbox.submit(again).await;
        assert!(
            again.notices[0].contains("had the same content today"),
            "{:?}",
            again.notices
        );
        outbox.run();
        for id in &ids {
            outbox.settled(*id, &TAKEN).await;
            assert_eq!(
                outbox.attempts(*id).await.len(),
                1,
                "each message has its attempt on record"
            );
        }
        outbox
            .until(again.message.id, |rows| {
                rows[0].state == RecipientState::DroppedDuplicate
            })
            .await;
        let sends = outbox.sends().await;
        let sizes: Vec<_> = sends
            .iter()
            .map(|it| it["receivers"].as_array().unwrap().len())
            .collect();
        assert_eq!(sizes, [20, 1]);
    }
);

both_databases!(
    async fn a_message_that_is_taken_back_is_withdrawn_and_goes_to_nobody_else(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let sent = outbox.submit(outbox.to(&outbox.people[..3])).await.message.id;
        outbox.settled(sent, &TAKEN).await;
        let recalled = outbox.delivery.recall(sent, "admin").await.unwrap().unwrap();
        assert_eq!(recalled.recalled.map(|(_, by)| by).as_deref(), Some("admin"));
        outbox
            .until(sent, |rows| {
                rows.iter().all(|row| row.state == RecipientState::Recalled)
            })
            .await;
        assert_eq!(outbox.attempts(sent).await[0].recall, Some((RecallState::Done, None)));
        assert!(
            outbox.sends().await[0]["recalled_at"].is_string(),
            "DingTalk's own record says so"
        );

        outbox
            .fault(serde_json::json!({ "kind": "throttle", "count": 3 }))
            .await;
        let waiting = outbox.submit(outbox.to(&outbox.people[..2])).await.message.id;
        outbox.delivery.recall(waiting, "admin").await.unwrap().unwrap();
        outbox
            .until(waiting, |rows| {
                let ended = [RecipientState::Cancelled, RecipientState::Recalled];
                rows.iter().all(|row| ended.contains(&row.state))
            })
            .await;
    }
);

both_databases!(
    async fn a_send_that_carried_another_message_too_is_not_taken_back_and_says_why(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let mut ids = Vec::new();
        for n in 0..2 {
            let mut request = outbox.to(&outbox.people[n..=n]);
            request.content = text("Page changed").into();
            ids.push(outbox.submit(request).await.message.id);
        }
        outbox.run();
        for id in &ids {
            outbox.settled(*id, &TAKEN).await;
        }
        outbox.delivery.recall(ids[0], "admin").await.unwrap();
        outbox.recall_ended(ids[0]).await;
        let (state, why) = outbox.attempts(ids[0]).await[0].recall.clone().unwrap();
        assert_eq!(state, RecallState::Failed);
        assert!(why.is_some_and(|why| why.contains(&ids[1].to_string())));
        assert!(outbox.attempts(ids[1]).await[0].recall.is_none());
        assert!(outbox.sends().await[0]["recalled_at"].is_null());
    }
);
