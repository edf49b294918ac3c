//! What it takes to take a message back.

use std::time::Duration;

use dingmirror::{
    message::{Content, OnUnknown, Prediction, RecallState, RecipientState},
    settings::Api,
};
use reqwest::Method;
use serde_json::json;

use super::outbox::Outbox;
use crate::support::database::TestDatabase;

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
        assert!(why.is_some_and(|why| why.contains("another message")));
        assert!(outbox.attempts(ids[1]).await[0].recall.is_none());
        assert!(outbox.sends().await[0]["recalled_at"].is_null());

        // Once the other one is taken back, too, the send can be; and then both are.
        outbox.delivery.recall(ids[1], "admin").await.unwrap();
        for id in &ids {
            outbox
                .until(*id, |rows| rows[0].state == RecipientState::Recalled)
                .await;
            assert_eq!(outbox.attempts(*id).await[0].recall, Some((RecallState::Done, None)));
        }
    }
);

both_databases!(
    async fn a_recall_that_dingtalk_does_not_answer_holds_no_other_up_and_is_asked_for_again(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let mut ids = Vec::new();
        for n in 0..2 {
            ids.push(outbox.submit(outbox.to(&outbox.people[n..=n])).await.message.id);
            outbox.settled(ids[n], &TAKEN).await;
        }
        let stuck = outbox.attempts(ids[0]).await[0].task_id;
        let rule = json!({ "api": Api::Recall.path(), "kind": "busy", "task_id": stuck });
        outbox.dingtalk.tell(Method::POST, "faults", rule).await;
        let calls = async || outbox.delivery.quota().await.unwrap().used;

        let before = calls().await;
        for id in &ids {
            outbox.delivery.recall(*id, "admin").await.unwrap();
        }
        outbox
            .until(ids[1], |rows| rows[0].state == RecipientState::Recalled)
            .await;
        let (state, why) = outbox.attempts(ids[0]).await[0].recall.clone().unwrap();
        assert_eq!(state, RecallState::Requested);
        assert!(why.is_some_and(|why| why.contains("-1")), "what DingTalk said is told");
        assert!(calls().await >= before + 2, "each question is metered");

        outbox.dingtalk.tell(Method::DELETE, "faults", json!(null)).await;
        outbox
            .until(ids[0], |rows| rows[0].state == RecipientState::Recalled)
            .await;
    }
);

both_databases!(
    async fn a_repetition_taken_back_leaves_the_first_send_unknown(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        outbox
            .fault(json!({ "kind": "close_connection", "count": 1, "after_effect": false }))
            .await;
        let mut request = outbox.to(&outbox.people[..2]);
        request.on_unknown = OnUnknown::RepeatSameDay;
        let id = outbox.submit(request).await.message.id;
        let rows = outbox.settled(id, &TAKEN).await;
        assert!(rows.iter().all(|row| row.repeats == 1));

        outbox.delivery.recall(id, "admin").await.unwrap();
        outbox
            .until(id, |rows| rows.iter().all(|row| row.state == RecipientState::Unknown))
            .await;
        // What DingTalk's lists say of the repetition doesn't change that.
        tokio::time::sleep(Duration::from_secs(1)).await;
        for row in outbox.recipients(id).await {
            assert_eq!(row.state, RecipientState::Unknown);
            assert!(
                row.reason
                    .is_some_and(|why| why.contains("Whether the first send arrived"))
            );
        }
    }
);

both_databases!(
    async fn who_had_a_message_that_was_taken_back_had_it(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let request = outbox.to(&outbox.people[..1]);
        let id = outbox.submit(request.clone()).await.message.id;
        outbox.settled(id, &TAKEN).await;
        outbox.delivery.recall(id, "admin").await.unwrap();
        outbox.until(id, |rows| rows[0].state == RecipientState::Recalled).await;

        let again = outbox.submit(request).await.message.id;
        assert_eq!(
            outbox.recipients(again).await[0].prediction,
            Some(Prediction::Duplicate)
        );
        outbox
            .until(again, |rows| rows[0].state == RecipientState::DroppedDuplicate)
            .await;
    }
);

both_databases!(
    async fn a_recall_waits_for_what_somebody_can_put_right(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let sent = outbox.submit(outbox.to(&outbox.people[..2])).await.message.id;
        outbox.settled(sent, &TAKEN).await;
        let exhausted = json!({ "api": Api::Recall.path(), "kind": "monthly_quota", "count": 1 });
        outbox.dingtalk.tell(Method::POST, "faults", exhausted).await;

        outbox.delivery.recall(sent, "admin").await.unwrap().unwrap();
        let stop = outbox.until_stopped().await;
        assert_eq!(stop.code.as_deref(), Some("90020"), "the quota is one for all calls");
        let (state, why) = outbox.attempts(sent).await[0].recall.clone().unwrap();
        assert_eq!(state, RecallState::Requested);
        assert!(why.is_some_and(|why| why.contains("quota")));

        outbox.delivery.resume("admin").await.unwrap();
        outbox.recall_ended(sent).await;
        assert_eq!(outbox.attempts(sent).await[0].recall, Some((RecallState::Done, None)));
    }
);
