//! Following up: what DingTalk says became of a send.

use std::time::Duration;

use dingmirror::{
    message::{Content, RecipientState},
    settings::Api,
};
use serde_json::json;

use crate::support::database::TestDatabase;

use super::outbox::Outbox;

both_databases!(
    async fn delivered_and_read_are_told_apart(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
        let rows = outbox.settled(message.id, &[RecipientState::DeliveredUnread]).await;

        let reader = rows[0].userid.as_ref().map(ToString::to_string);
        let read = json!({"task_id": rows[0].task_id, "userid": reader});
        outbox.dingtalk.tell(reqwest::Method::POST, "messages/read", read).await;
        outbox
            .until(message.id, |rows| rows[0].state == RecipientState::Read)
            .await;
        assert_eq!(
            outbox.recipients(message.id).await[1].state,
            RecipientState::DeliveredUnread
        );
    }
);

both_databases!(
    async fn the_same_content_on_the_same_day_is_reported_as_dropped(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let request = outbox.to(&outbox.people[..1]);
        let first = outbox.submit(request.clone()).await.message;
        outbox.settled(first.id, &[RecipientState::DeliveredUnread]).await;

        let second = outbox.submit(request).await.message;
        assert_ne!(first.id, second.id);
        let rows = outbox.settled(second.id, &[RecipientState::DroppedDuplicate]).await;
        assert!(
            rows[0].reason.as_ref().is_some_and(|reason| reason.contains("143106")),
            "{rows:?}"
        );
    }
);

both_databases!(
    async fn somebody_whom_dingtalk_does_not_know_is_invalid(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let leaver = outbox.people[0].clone();
        let edit = json!({"edit": "leave", "userid": leaver.as_str()});
        outbox.dingtalk.tell(reqwest::Method::POST, "edits", edit).await;
        let message = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
        outbox
            .until(message.id, |rows| {
                rows[0].state == RecipientState::Invalid && rows[1].state == RecipientState::DeliveredUnread
            })
            .await;
    }
);

both_databases!(
    async fn without_the_url_nothing_is_asked(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        outbox.change(|settings| drop(settings.urls.remove(&Api::GetSendResult)));
        let message = outbox.submit(outbox.to(&outbox.people[..1])).await.message;
        outbox.settled(message.id, &[RecipientState::Accepted]).await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        let rows = outbox.recipients(message.id).await;
        assert_eq!(rows[0].state, RecipientState::Accepted);
        let calls = outbox.dingtalk.control("calls").await;
        assert!(calls["apis"].get(Api::GetSendResult.path()).is_none(), "{calls}");
    }
);

both_databases!(
    async fn an_error_of_the_question_leaves_the_recipients_accepted(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let rule =
            json!({"api": Api::GetSendResult.path(), "kind": "errcode", "code": 41_052, "msg": "too many receivers"});
        outbox.dingtalk.tell(reqwest::Method::POST, "faults", rule).await;
        let mut request = outbox.to(&outbox.people[..1]);
        request.content = Content::Markdown {
            title: "t".into(),
            text: "# x".into(),
        }
        .into();

        let message = outbox.submit(request).await.message;
        outbox.settled(message.id, &[RecipientState::Accepted]).await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        assert_eq!(outbox.recipients(message.id).await[0].state, RecipientState::Accepted);
    }
);
