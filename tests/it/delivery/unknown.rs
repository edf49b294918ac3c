//! Sends whose outcome is unknown: held, or repeated on the same day.

use std::time::Duration;

use dingmirror::message::{OnUnknown, RecipientState};
use serde_json::json;

use super::outbox::Outbox;
use crate::support::{
    database::TestDatabase,
    outbox::{claim, expire},
};

const TAKEN: [RecipientState; 3] = [
    RecipientState::Accepted,
    RecipientState::DeliveredUnread,
    RecipientState::Read,
];

fn lost_answer(after_effect: bool) -> serde_json::Value {
    json!({ "kind": "close_connection", "count": 1, "after_effect": after_effect })
}

both_databases!(
    async fn a_repetition_that_dingtalk_drops_proves_that_the_first_send_arrived(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        outbox.fault(lost_answer(true)).await;
        let mut request = outbox.to(&outbox.people[..3]);
        request.on_unknown = OnUnknown::RepeatSameDay;

        let message = outbox.submit(request).await.message;
        outbox
            .until(message.id, |rows| {
                rows.iter().all(|row| row.state == RecipientState::DeliveredUnread)
            })
            .await;
        let rows = outbox.settled(message.id, &[RecipientState::DeliveredUnread]).await;
        for row in rows {
            assert_eq!(row.repeats, 1, "the repetition is marked");
            assert!(
                row.reason
                    .is_some_and(|why| why.contains("the first send") && why.contains("had arrived"))
            );
        }

        let sends = outbox.sends().await;
        assert_eq!(sends.len(), 2);
        assert!(
            sends[0]["receivers"]
                .as_array()
                .unwrap()
                .iter()
                .all(|it| it["outcome"] == "delivered")
        );
        assert!(
            sends[1]["receivers"]
                .as_array()
                .unwrap()
                .iter()
                .all(|it| it["code"] == 143_106)
        );
        assert_eq!(sends[0]["msg"], sends[1]["msg"], "byte for byte the same");
    }
);

both_databases!(
    async fn a_send_that_did_not_arrive_arrives_by_its_repetition(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        outbox.fault(lost_answer(false)).await;
        let mut request = outbox.to(&outbox.people[..3]);
        request.on_unknown = OnUnknown::RepeatSameDay;
        let message = outbox.submit(request).await.message;
        let rows = outbox.settled(message.id, &TAKEN).await;
        assert!(rows.iter().all(|row| row.repeats == 1 && row.repeat_until.is_none()));
        assert_eq!(outbox.sends().await.len(), 1);
    }
);

both_databases!(
    async fn a_repetition_that_is_refused_leaves_it_unknown(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        outbox.fault(lost_answer(true)).await;
        let mut request = outbox.to(&outbox.people[..2]);
        request.on_unknown = OnUnknown::RepeatSameDay;
        let message = outbox.submit(request).await.message;
        outbox
            .until(message.id, |rows| {
                rows.iter().all(|row| row.state == RecipientState::Unknown)
            })
            .await;

        outbox
            .fault(json!({ "kind": "errcode", "code": 41049, "msg": "发送内容违规", "count": 1 }))
            .await;
        let rows = outbox.settled(message.id, &[RecipientState::Unknown]).await;
        assert!(
            rows.iter().all(|row| row
                .reason
                .as_ref()
                .is_some_and(|why| why.contains("41049") && why.contains("The first send may have arrived"))),
            "{rows:?}"
        );
        assert!(rows.iter().all(|row| row.repeats == 0), "nobody has it twice: {rows:?}");
    }
);

both_databases!(
    async fn throttled_repetitions_wait_and_do_not_count(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        outbox.fault(lost_answer(false)).await;
        outbox.fault(json!({ "kind": "throttle", "count": 2, "skip": 1 })).await;
        let mut request = outbox.to(&outbox.people[..2]);
        request.on_unknown = OnUnknown::RepeatSameDay;
        let message = outbox.submit(request).await.message;
        let rows = outbox.settled(message.id, &TAKEN).await;
        assert!(rows.iter().all(|row| row.repeats == 1), "{rows:?}");
    }
);

both_databases!(
    async fn a_dead_senders_people_are_repeated_where_the_message_says_so(database: TestDatabase) {
        let mut outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let held = outbox.submit(outbox.to(&outbox.people[..2])).await.message;
        let mut request = outbox.to(&outbox.people[2..4]);
        request.on_unknown = OnUnknown::RepeatSameDay;
        let repeated = outbox.submit(request).await.message;
        for _ in 0..2 {
            claim(&outbox.store, 100, "dies", Duration::from_millis(1))
                .await
                .unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(expire(&outbox.store).await.claims, 4);

        outbox.run();
        outbox.settled(held.id, &[RecipientState::Unknown]).await;
        let rows = outbox.settled(repeated.id, &TAKEN).await;
        assert!(rows.iter().all(|row| row.repeats == 1));
        assert_eq!(outbox.sends().await.len(), 1);
    }
);
