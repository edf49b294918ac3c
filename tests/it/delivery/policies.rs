//! How much is spent on asking what became of a message, what is said of what isn't asked, and what goes first.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dingmirror::{
    catalogue::{delivery as said, request},
    delivery::DeliveryConfig,
    message::{Day, FollowUpPolicy, Priority, QuotaRules, Recipient, RecipientState},
    settings::Api,
};
use serde_json::json;
use uuid::Uuid;

use super::{outbox::Outbox, quota::counted, simulated::Simulated};
use crate::support::{database::TestDatabase, outbox::claim, server::TestDingTalk};

/// A morning in the middle of a month.
fn morning() -> DateTime<Utc> {
    let day = chrono::NaiveDate::from_ymd_opt(2027, 3, 10).expect("a day");
    Day::from(day).start() + TimeDelta::hours(9)
}

async fn first(outbox: &Outbox, id: Uuid) -> (RecipientState, Option<String>) {
    let Recipient { state, reason, .. } = outbox.recipients(id).await.remove(0);
    (state, reason.map(|reason| reason.code().to_owned()))
}

fn told(state: RecipientState, code: &str) -> (RecipientState, Option<String>) {
    (state, Some(code.to_owned()))
}

both_databases!(
    async fn none_is_never_asked_and_final_once_at_the_end_of_a_day(database: TestDatabase) {
        let quota = QuotaRules::default();
        let mut simulated = Simulated::start(database, morning(), FollowUpPolicy::Final, quota).await;
        let (read, unread) = (simulated.outbox.people[0].clone(), simulated.outbox.people[1].clone());
        let last = simulated.send(simulated.outbox.to(&[read.clone(), unread])).await;
        let mut none = simulated.outbox.to(std::slice::from_ref(&read));
        none.follow_up = Some(FollowUpPolicy::None);
        let none = simulated.send(none).await;

        use RecipientState::{Accepted, DeliveredUnread, Read};
        let outbox = &simulated.outbox;
        assert_eq!(first(outbox, last).await, told(Accepted, "ASKED_AT_THE_END"));
        assert_eq!(first(outbox, none).await, told(Accepted, "NOT_FOLLOWED_UP"));
        let task = outbox.recipients(last).await[0].task_id;
        let has_read = json!({ "task_id": task, "userid": read.as_str() });
        outbox
            .dingtalk
            .tell(reqwest::Method::POST, "messages/read", has_read)
            .await;

        simulated.advance_by_steps(morning() + TimeDelta::hours(22)).await;
        assert_eq!(counted(&simulated.outbox, &[Api::GetSendResult]).await, 0);
        simulated.advance_by_steps(morning() + TimeDelta::hours(26)).await;
        let outbox = &simulated.outbox;
        assert_eq!(counted(outbox, &[Api::GetSendResult, Api::GetSendProgress]).await, 1);
        assert_eq!(first(outbox, last).await, (Read, None));
        let other = outbox.recipients(last).await.remove(1);
        assert_eq!(other.state, DeliveredUnread);
        assert!(other.reason.is_some_and(|why| why.is(&said::READ_SINCE_UNKNOWN)));
        assert_eq!(first(outbox, none).await, told(Accepted, "NOT_FOLLOWED_UP"));
        simulated.outbox.stop().await;
    }
);

both_databases!(
    async fn auto_asks_about_a_doubt_first_and_says_of_the_others_that_nobody_was_asked(database: TestDatabase) {
        let quota = QuotaRules::default();
        let mut simulated = Simulated::start(database, morning(), FollowUpPolicy::Auto, quota).await;
        let people = simulated.outbox.people[..1].to_vec();
        let request = simulated.outbox.to(&people);
        let plain = simulated.send(request.clone()).await;
        let doubtful = simulated.send(request).await;

        use RecipientState::{Accepted, DroppedDuplicate};
        let outbox = &simulated.outbox;
        assert_eq!(first(outbox, plain).await, told(Accepted, "ASKED_IF_CALLS_ARE_LEFT"));
        assert_eq!(first(outbox, doubtful).await, told(Accepted, "ASKED_IF_CALLS_ARE_LEFT"));

        simulated.advance(morning() + TimeDelta::seconds(70)).await;
        assert_eq!(
            first(&simulated.outbox, doubtful).await,
            told(DroppedDuplicate, "DROPPED_DUPLICATE")
        );
        // Two messages are worth two calls, and those were made.
        simulated.advance_by_steps(morning() + TimeDelta::hours(2)).await;
        assert_eq!(
            first(&simulated.outbox, plain).await,
            told(Accepted, "ASKED_IF_CALLS_ARE_LEFT")
        );
        simulated.advance_by_steps(morning() + TimeDelta::hours(24)).await;
        assert_eq!(
            first(&simulated.outbox, plain).await,
            told(Accepted, "CALLS_ARE_KEPT_FOR_SENDING")
        );
        assert_eq!(counted(&simulated.outbox, &[Api::GetSendResult]).await, 1);
        simulated.outbox.stop().await;
    }
);

both_databases!(
    async fn auto_asks_once_where_the_months_messages_leave_a_call(database: TestDatabase) {
        let quota = QuotaRules::default();
        let mut simulated = Simulated::start(database, morning(), FollowUpPolicy::Auto, quota).await;
        let mut ids = Vec::new();
        for n in 0..5 {
            let request = simulated.outbox.to(&simulated.outbox.people[n..=n]);
            ids.push(simulated.send(request).await);
        }

        simulated.advance_by_steps(morning() + TimeDelta::hours(2)).await;
        let mut states = Vec::new();
        for id in ids {
            states.push(first(&simulated.outbox, id).await);
        }
        let known = told(RecipientState::DeliveredUnread, "READ_SINCE_UNKNOWN");
        assert_eq!(states.iter().filter(|it| **it == known).count(), 1, "{states:?}");
        assert_eq!(
            counted(&simulated.outbox, &[Api::GetSendResult]).await,
            1,
            "1.2 calls a message"
        );
        simulated.outbox.stop().await;
    }
);

both_databases!(
    async fn a_recall_ends_what_was_said_of_asking(database: TestDatabase) {
        let quota = QuotaRules::default();
        let mut simulated = Simulated::start(database, morning(), FollowUpPolicy::Final, quota).await;
        let id = simulated.send(simulated.outbox.to(&simulated.outbox.people[..1])).await;
        simulated.outbox.delivery.recall(id, "admin").await.unwrap();
        simulated.outbox.settled(id, &[RecipientState::Recalled]).await;
        assert_eq!(first(&simulated.outbox, id).await, (RecipientState::Recalled, None));

        simulated.advance_by_steps(morning() + TimeDelta::hours(25)).await;
        assert_eq!(counted(&simulated.outbox, &[Api::GetSendResult]).await, 0, "it is back");
        simulated.outbox.stop().await;
    }
);

both_databases!(
    async fn the_reserve_is_for_messages_of_high_priority(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(30, 3).await;
        let clock = dingmirror::clock::Clock::system();
        let configured = |config| DeliveryConfig {
            quota: QuotaRules {
                monthly: 4,
                reserved: 2,
            },
            ..config
        };
        let mut outbox = Outbox::configured(dingtalk, database.target(), clock, configured).await;
        outbox.run();
        let of = |n: usize, priority| {
            let mut request = outbox.to(&outbox.people[n..=n]);
            (request.priority, request.follow_up) = (priority, Some(FollowUpPolicy::None));
            request
        };
        for n in 0..2 {
            let sent = outbox.submit(of(n, Priority::Normal)).await;
            assert!(sent.notices.is_empty(), "{:?}", sent.notices);
            outbox.settled(sent.message.id, &[RecipientState::Accepted]).await;
        }

        let waiting = outbox.submit(of(2, Priority::Normal)).await;
        assert!(waiting.notices.iter().any(|it| it.is(&request::KEPT_FOR_HIGH_PRIORITY)));
        let urgent = outbox.submit(of(3, Priority::High)).await;
        assert!(urgent.notices.is_empty(), "{:?}", urgent.notices);
        outbox.settled(urgent.message.id, &[RecipientState::Accepted]).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let rows = outbox.recipients(waiting.message.id).await;
        assert_eq!(rows[0].state, RecipientState::Queued, "{rows:?}");
        let quota = outbox.delivery.quota().await.unwrap();
        assert!(quota.is_for_high_priority() && !quota.is_exhausted, "{quota:?}");
        assert_eq!(quota.used, counted(&outbox, &[Api::AsyncSend]).await);
        outbox.stop().await;
    }
);

both_databases!(
    async fn high_priority_goes_before_everybody_who_waits_however_many_it_is_to(database: TestDatabase) {
        let outbox = Outbox::idle(database.target(), Duration::from_secs(60)).await;
        let small = outbox.submit(outbox.to(&outbox.people[..1])).await.message.id;
        let mut high = outbox.to(&outbox.people[..150]);
        high.priority = Priority::High;
        let high = outbox.submit(high).await.message.id;

        let mut claimed = Vec::new();
        while let Some(batch) = claim(&outbox.store, 100, "worker", Duration::from_secs(60)).await {
            claimed.push((batch.messages, batch.recipients.len()));
        }
        assert_eq!(claimed, [(vec![high], 100), (vec![high], 50), (vec![small], 1)]);
    }
);
