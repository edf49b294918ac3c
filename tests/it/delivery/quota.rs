//! The monthly quota: what was used of it, by what DingTalk itself counted.

use dingmirror::{
    clock::Clock,
    message::{CallPurpose, Day, Quota, RecipientState, STANDARD_CALLS},
    settings::Api,
};
use reqwest::Method;
use serde_json::json;

use crate::support::database::TestDatabase;

use super::outbox::Outbox;

/// Calls of DingTalk's that it meters.
const METERED: [Api; 4] = [Api::AsyncSend, Api::GetSendResult, Api::GetSendProgress, Api::Recall];

fn calls(quota: &Quota, purpose: CallPurpose) -> u64 {
    let told = quota.by_purpose.iter().find(|(it, _)| *it == purpose);
    told.expect("every purpose is told").1
}

/// What the simulator counted of those calls, without those that it throttled.
pub async fn counted(outbox: &Outbox, apis: &[Api]) -> u64 {
    let apis_called = outbox.dingtalk.control("calls").await;
    let count = |api: &Api| {
        let called = &apis_called["apis"][api.path()];
        called["total"].as_u64().unwrap_or(0) - called["throttled"].as_u64().unwrap_or(0)
    };
    apis.iter().map(count).sum()
}

/// What the simulator counted of all metered calls.
pub async fn counted_all(outbox: &Outbox) -> u64 {
    counted(outbox, &METERED).await
}

both_databases!(
    async fn each_metered_call_is_counted_for_its_purpose_as_dingtalk_counts_it(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        // A throttled call doesn't count, and what is asked again because no answer came counts twice.
        outbox.fault(json!({ "kind": "throttle", "count": 1 })).await;
        let lost =
            json!({ "api": Api::GetSendResult.path(), "kind": "close_connection", "count": 1, "after_effect": true });
        outbox.dingtalk.tell(Method::POST, "faults", lost).await;

        let mut messages = Vec::new();
        for n in 0..3 {
            messages.push(outbox.submit(outbox.to(&outbox.people[n..n + 2])).await.message.id);
        }
        let delivered = [RecipientState::DeliveredUnread];
        for id in &messages {
            outbox.settled(*id, &delivered).await;
        }
        outbox.delivery.recall(messages[0], "admin").await.unwrap();
        outbox.settled(messages[0], &[RecipientState::Recalled]).await;
        // A question is counted before it is made: one that is under way is DingTalk's a moment later.
        for _ in 0..100 {
            if outbox.delivery.quota().await.unwrap().used == counted_all(&outbox).await {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }

        let quota = outbox.delivery.quota().await.unwrap();
        assert_eq!(
            calls(&quota, CallPurpose::Send),
            counted(&outbox, &[Api::AsyncSend]).await
        );
        assert_eq!(
            calls(&quota, CallPurpose::Recall),
            counted(&outbox, &[Api::Recall]).await
        );
        assert!(calls(&quota, CallPurpose::FollowUp) > 3, "{quota:?}");
        assert_eq!(quota.used, counted_all(&outbox).await, "{quota:?}");
        assert_eq!((quota.limit, quota.is_exhausted), (STANDARD_CALLS, false));
        assert_eq!(quota.forecast_exhausted_at, None, "no whole day was counted yet");
    }
);

both_databases!(
    async fn the_quota_is_what_was_used_once_dingtalk_says_that_there_is_no_more(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let first = outbox.submit(outbox.to(&outbox.people[..1])).await.message;
        outbox.settled(first.id, &[RecipientState::DeliveredUnread]).await;

        outbox.fault(json!({ "kind": "monthly_quota", "count": 1 })).await;
        let second = outbox.submit(outbox.to(&outbox.people[1..2])).await.message;
        outbox.until_stopped().await;
        outbox
            .until(second.id, |rows| rows[0].state == RecipientState::Queued)
            .await;

        let quota = outbox.delivery.quota().await.unwrap();
        assert!(quota.is_exhausted && quota.used > 0, "{quota:?}");
        assert_eq!(quota.limit, quota.used, "whatever the operator said");
        assert!(
            quota
                .forecast_exhausted_at
                .is_some_and(|at| at <= Clock::system().now())
        );

        outbox.delivery.resume("admin").await.unwrap();
        outbox.settled(second.id, &[RecipientState::DeliveredUnread]).await;
        let bought = outbox.delivery.quota().await.unwrap();
        assert_eq!((bought.limit, bought.is_exhausted), (STANDARD_CALLS, false));
    }
);

both_databases!(
    async fn replicas_count_together_and_a_killed_one_has_counted_what_it_began(database: TestDatabase) {
        let outbox = Outbox::idle(database.target(), std::time::Duration::from_secs(60)).await;
        let counting = (0..8).map(|_| {
            let store = outbox.store.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    store.meter(CallPurpose::FollowUp, 1).await.unwrap();
                }
                store.meter(CallPurpose::FollowUp, -2).await.unwrap();
            })
        });
        for counted in counting.collect::<Vec<_>>() {
            counted.await.unwrap();
        }
        assert_eq!(outbox.delivery.quota().await.unwrap().used, 64);

        // Whoever claimed it dies: the call may have been made.
        outbox.submit(outbox.to(&outbox.people[..1])).await;
        let claim_ttl = std::time::Duration::from_secs(60);
        crate::support::outbox::claim(&outbox.store, 100, "killed", claim_ttl)
            .await
            .expect("it is due");
        let quota = outbox.delivery.quota().await.unwrap();
        assert_eq!(calls(&quota, CallPurpose::Send), 1);

        // One row a day and purpose, and none of long ago.
        let now = Clock::system().now();
        outbox
            .store
            .forget_metered_calls(now + chrono::TimeDelta::days(500))
            .await
            .unwrap();
        let left = outbox.store.metered_calls(Day(0)).await.unwrap();
        assert_eq!(left.in_month(now, |_| true), 0);
    }
);

both_databases!(
    async fn an_upgrade_counts_what_the_attempts_on_record_tell(database: TestDatabase) {
        let mut outbox = Outbox::start(database.target()).await;
        for n in 0..2 {
            let id = outbox.submit(outbox.to(&outbox.people[n..=n])).await.message.id;
            outbox.settled(id, &[RecipientState::DeliveredUnread]).await;
            outbox.delivery.recall(id, "admin").await.unwrap();
            outbox.settled(id, &[RecipientState::Recalled]).await;
        }
        outbox.stop().await;
        let before = outbox.delivery.quota().await.unwrap();

        // As the version before this one left it.
        let all = outbox.store.migration_status().await.unwrap();
        let at = all
            .iter()
            .position(|(name, _)| name == "m0032_quota")
            .expect("it is there");
        let down = u32::try_from(all.len() - at).unwrap();
        outbox.store.migrate_down(down).await.unwrap();
        outbox.store.migrate().await.unwrap();
        let after = outbox.delivery.quota().await.unwrap();
        for purpose in [CallPurpose::Send, CallPurpose::Recall] {
            assert_eq!(calls(&after, purpose), calls(&before, purpose), "{purpose:?}");
        }
        // The engine's end may have cut one question short.
        let asked = calls(&before, CallPurpose::FollowUp);
        assert!((asked.saturating_sub(1)..=asked).contains(&calls(&after, CallPurpose::FollowUp)));
    }
);
