//! What a claim takes, and what a result reaches.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use dingmirror::{
    catalogue::Statement,
    clock::Clock,
    message::{AttemptOutcome, OnUnknown, RecallState, RecipientState},
    page::PageRequest,
    store::{AttemptResult, Repetition, Stop, Store},
};
use uuid::Uuid;

use super::{
    fixtures::open,
    messages::{TTL, accepted, message, states},
};
use crate::support::{
    database::TestDatabase,
    outbox::{claim, expire},
};

fn now() -> DateTime<Utc> {
    Clock::system().now()
}

fn ended(outcome: AttemptOutcome, recipient_state: RecipientState) -> AttemptResult {
    AttemptResult {
        outcome,
        recipient_state,
        task_id: None,
        not_before: Some(now()),
        follow_up_at: None,
        ..accepted(0)
    }
}

fn retry() -> AttemptResult {
    ended(AttemptOutcome::Retry, RecipientState::Queued)
}

/// It did not arrive, and nothing would before somebody puts something right.
fn stopped() -> AttemptResult {
    AttemptResult {
        counts: false,
        ..retry()
    }
}

/// Of unknown outcome; it may be repeated at once, for a minute.
fn unknown() -> AttemptResult {
    AttemptResult {
        repetition: Some(Repetition {
            not_before: now(),
            until: now() + TTL,
            at_most: 3,
        }),
        ..ended(AttemptOutcome::Unknown, RecipientState::Unknown)
    }
}

/// A message to one person that was sent once, nobody knows whether it arrived, and may be sent again.
async fn of_unknown_outcome(store: &Store) -> Uuid {
    let mut new = message(None, &["a"]);
    new.on_unknown = OnUnknown::RepeatSameDay;
    let id = new.id;
    store.insert_message(new).await.unwrap();
    let first = claim(store, 100, "w", TTL).await.unwrap();
    store.finish_attempt(first.call_id, unknown()).await.unwrap();
    id
}

async fn rows(store: &Store, id: Uuid) -> Vec<dingmirror::message::Recipient> {
    store
        .recipients(id, &[], PageRequest::new(9, None))
        .await
        .unwrap()
        .items
}

both_databases!(
    async fn who_was_never_tried_is_not_given_up_with_those_who_were(database: TestDatabase) {
        let store = open(database).await;
        store.insert_message(message(None, &["a", "b"])).await.unwrap();
        for _ in 0..3 {
            let batch = claim(&store, 100, "w", TTL).await.unwrap();
            store.finish_attempt(batch.call_id, retry()).await.unwrap();
        }

        store.insert_message(message(None, &["c"])).await.unwrap();
        let first = claim(&store, 100, "w", TTL).await.unwrap();
        let second = claim(&store, 100, "w", TTL).await.unwrap();

        let mut tried: Vec<_> = [&first, &second]
            .iter()
            .map(|batch| (batch.former_attempts, batch.recipients.len()))
            .collect();
        tried.sort_unstable();
        assert_eq!(tried, [(0, 1), (3, 2)]);
    }
);

both_databases!(
    async fn waiting_for_somebody_to_put_something_right_uses_up_no_retries(database: TestDatabase) {
        let store = open(database).await;
        let new = message(None, &["a"]);
        let id = new.id;
        store.insert_message(new).await.unwrap();
        let not_made = AttemptResult {
            outcome: AttemptOutcome::NotMade,
            ..stopped()
        };

        for (result, former) in [
            (stopped(), 0),
            (not_made, 0),
            (retry(), 0),
            (stopped(), 1),
            (retry(), 1),
        ] {
            let batch = claim(&store, 100, "w", TTL).await.unwrap();
            assert_eq!(batch.former_attempts, former);
            store.finish_attempt(batch.call_id, result).await.unwrap();
        }

        let attempts = store.attempts(id, PageRequest::new(9, None)).await.unwrap();
        assert_eq!(attempts.items.len(), 5, "all are on record");
    }
);

both_databases!(
    async fn what_a_claim_counted_is_taken_back_once_and_by_its_own_result_alone(database: TestDatabase) {
        let store = open(database).await;
        store.insert_message(message(None, &["a"])).await.unwrap();
        let tried = claim(&store, 100, "w", TTL).await.unwrap();
        store.finish_attempt(tried.call_id, retry()).await.unwrap();

        // Its answer comes after it was taken for dead, and twice.
        let late = claim(&store, 100, "w", Duration::ZERO).await.unwrap();
        assert_eq!(expire(&store).await.claims, 1);
        for _ in 0..2 {
            store.finish_attempt(late.call_id, stopped()).await.unwrap();
        }
        let next = claim(&store, 100, "w", TTL).await.unwrap();
        assert_eq!(next.former_attempts, 1);
    }
);

both_databases!(
    async fn a_late_answer_leaves_a_repetition_alone_that_is_under_way(database: TestDatabase) {
        let store = open(database).await;
        let id = of_unknown_outcome(&store).await;
        let second = claim(&store, 100, "w", TTL).await.expect("it is repeated");

        let before = rows(&store, id).await;
        let attempts = store.attempts(id, PageRequest::new(9, None)).await.unwrap();
        let first = attempts.items[0].id;
        store.finish_attempt(first, stopped()).await.unwrap();
        assert_eq!(rows(&store, id).await, before);

        store.finish_attempt(second.call_id, stopped()).await.unwrap();
        let third = claim(&store, 100, "w", TTL).await.expect("it is repeated later");
        assert_eq!((third.former_attempts, third.recipients[0].repeats), (1, 1));
    }
);

both_databases!(
    async fn nobody_is_sent_what_is_not_worth_it_any_more_swept_or_not(database: TestDatabase) {
        let store = open(database).await;
        let mut late = BTreeSet::new();
        for n in 0..1_100 {
            let mut new = message(None, &[&format!("u{n}")]);
            new.expires_at = new.created_at - TimeDelta::milliseconds(1);
            late.insert(new.id);
            store.insert_message(new).await.unwrap();
        }

        // The sweep takes a thousand messages a time.
        assert_eq!(expire(&store).await.unsent, 1_000);
        let mut new = message(None, &["in time", "too"]);
        new.rendered.push(' ');
        let in_time = new.id;
        store.insert_message(new).await.unwrap();

        let mut claimed = None;
        for _ in 0..5 {
            claimed = claimed.or(claim(&store, 100, "w", TTL).await);
        }
        assert_eq!(claimed.expect("one is in time").messages, [in_time]);
        for id in late {
            assert_eq!(states(&store, id).await, [RecipientState::Expired]);
        }
    }
);

both_databases!(
    async fn nothing_is_repeated_after_the_time_that_its_message_gave_it(database: TestDatabase) {
        let store = open(database).await;
        let mut ids = Vec::new();
        for (user, left) in [("a", TimeDelta::seconds(30)), ("b", TimeDelta::hours(1))] {
            let mut new = message(None, &[user]);
            new.on_unknown = OnUnknown::RepeatSameDay;
            new.expires_at = now() + left;
            ids.push((new.id, new.expires_at));
            store.insert_message(new).await.unwrap();
        }

        let batch = claim(&store, 100, "w", TTL).await.unwrap();
        assert_eq!(batch.recipients.len(), 2);
        let result = unknown();
        let until = result.repetition.unwrap().until;
        store.finish_attempt(batch.call_id, result).await.unwrap();

        for (id, expires_at) in ids {
            let left = rows(&store, id).await[0].repeat_until.unwrap();
            assert!((left - until.min(expires_at)).abs() < TimeDelta::milliseconds(1));
        }
    }
);

both_databases!(
    async fn a_result_that_is_recorded_twice_changes_nothing_the_second_time(database: TestDatabase) {
        let store = open(database).await;
        let id = of_unknown_outcome(&store).await;
        let second = claim(&store, 100, "w", TTL).await.expect("it is repeated");
        let result = retry();
        store.finish_attempt(second.call_id, result.clone()).await.unwrap();
        let after = rows(&store, id).await;
        assert_eq!((after[0].state, after[0].repeats), (RecipientState::Unknown, 0));
        assert!(after[0].repeat_until.is_some());
        store.finish_attempt(second.call_id, result).await.unwrap();
        assert_eq!(rows(&store, id).await, after);
    }
);

both_databases!(
    async fn a_repetition_that_was_refused_was_none(database: TestDatabase) {
        let store = open(database).await;
        let id = of_unknown_outcome(&store).await;
        let second = claim(&store, 100, "w", TTL).await.expect("it is repeated");
        assert_eq!(rows(&store, id).await[0].repeats, 1);

        let refused = AttemptResult {
            reason: Some(Statement::other("Sending was switched off.")),
            ..ended(AttemptOutcome::Rejected, RecipientState::Suppressed)
        };
        store.finish_attempt(second.call_id, refused).await.unwrap();

        let row = rows(&store, id).await.remove(0);
        assert_eq!(
            (row.state, row.repeats, row.repeat_until),
            (RecipientState::Unknown, 0, None)
        );
        let why = row.reason.unwrap();
        assert!(
            why.contains("The first send may have arrived") && why.contains("switched off"),
            "{why}"
        );
    }
);

both_databases!(
    async fn resuming_wakes_those_who_wait_for_a_repetition_too(database: TestDatabase) {
        let store = open(database).await;
        of_unknown_outcome(&store).await;
        let second = claim(&store, 100, "w", TTL).await.expect("it is repeated");

        let stop = Stop {
            until: now() + TimeDelta::days(3),
            code: None,
            reason: Statement::other("The quota is used up."),
        };
        store.stop_sending(&stop).await.unwrap();
        let stopped = AttemptResult {
            not_before: Some(stop.until),
            ..retry()
        };
        store.finish_attempt(second.call_id, stopped).await.unwrap();
        assert!(claim(&store, 100, "w", TTL).await.is_none());

        store.resume_sending(None).await.unwrap();
        assert!(claim(&store, 100, "w", TTL).await.is_some());
    }
);

both_databases!(
    async fn a_recall_that_was_never_answered_has_failed_after_a_day(database: TestDatabase) {
        let store = open(database).await;
        let new = message(None, &["a"]);
        let id = new.id;
        store.insert_message(new).await.unwrap();
        let batch = claim(&store, 100, "w", TTL).await.unwrap();
        store.finish_attempt(batch.call_id, accepted(1)).await.unwrap();

        store.recall_message(id, "eve").await.unwrap();
        expire(&store).await;
        let recall = async |store: &Store| {
            let attempts = store.attempts(id, PageRequest::new(9, None)).await.unwrap();
            attempts.items[0].recall.clone().unwrap()
        };
        assert_eq!(recall(&store).await, (RecallState::Requested, None));

        // A process needs the embedded database to itself.
        drop(store);
        let tomorrow = Clock::fixed(now() + Duration::from_hours(24));
        let store = Store::connect(database.target(), tomorrow).await.unwrap();
        expire(&store).await;
        let (state, why) = recall(&store).await;
        assert_eq!(state, RecallState::Failed);
        assert!(why.is_some_and(|why| why.contains("24 hours")));
        assert!(store.recalls_due(9, now(), "app").await.unwrap().is_empty());
    }
);

both_databases!(
    async fn a_small_message_waits_behind_no_large_one_unless_that_has_waited_for_an_hour(database: TestDatabase) {
        let many: Vec<String> = (0..150).map(|n| format!("u{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let saying = |text: &str, users: &[&str]| {
            let mut new = message(None, users);
            new.rendered = text.into();
            new
        };

        let store = open(database).await;
        let mut old = saying("old", &many);
        old.created_at -= TimeDelta::minutes(61);
        let (large, small) = (saying("large", &many), saying("small", &["a"]));
        for new in [&large, &small] {
            store.insert_message(new.clone()).await.unwrap();
        }
        let next = async || {
            claim(&store, 100, "w", TTL)
                .await
                .map(|it| (it.messages, it.recipients.len()))
        };

        assert_eq!(next().await, Some((vec![small.id], 1)));
        assert_eq!(next().await, Some((vec![large.id], 100)));

        let another = saying("another", &["b"]);
        for new in [&old, &another] {
            store.insert_message(new.clone()).await.unwrap();
        }
        for expected in [(old.id, 100), (old.id, 50), (another.id, 1), (large.id, 50)] {
            assert_eq!(next().await, Some((vec![expected.0], expected.1)));
        }
        assert_eq!(next().await, None);
    }
);

both_databases!(
    async fn the_repetitions_so_far_count_for_a_claim_whose_process_died(database: TestDatabase) {
        let store = open(database).await;
        of_unknown_outcome(&store).await;
        for former in [1, 2] {
            claim(&store, 100, "w", Duration::ZERO).await.expect("it is repeated");
            let asked = std::sync::Mutex::new(Vec::new());
            let repetition = |_, former| {
                asked.lock().unwrap().push(former);
                unknown().repetition.unwrap()
            };
            store.expire(repetition, None).await.unwrap();
            assert_eq!(*asked.lock().unwrap(), [former]);
        }
    }
);

#[tokio::test]
async fn a_claim_that_is_committed_late_is_given_back_nevertheless() {
    let database = TestDatabase::postgres().await;
    let store = open(&database).await;
    let new = message(None, &["a"]);
    let id = new.id;
    store.insert_message(new).await.unwrap();
    let batch = claim(&store, 100, "w", TTL).await.unwrap();

    // The claim's transaction is under way again: whoever looks finds nothing of it yet, and its lock held.
    let mut beside = database.beside().await;
    beside.run("CREATE TABLE kept AS SELECT * FROM attempts").await;
    beside.run("DELETE FROM attempts").await;
    beside.run("BEGIN").await;
    beside.run("SELECT * FROM delivery_state FOR UPDATE").await;
    beside.run("INSERT INTO attempts SELECT * FROM kept").await;

    let not_made = AttemptResult {
        outcome: AttemptOutcome::NotMade,
        ..stopped()
    };
    let giving_back = tokio::spawn({
        let store = store.clone();
        async move { store.finish_attempt(batch.call_id, not_made).await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!giving_back.is_finished(), "it waits for the claim's end");
    beside.run("COMMIT").await;
    giving_back.await.unwrap().unwrap();
    assert_eq!(rows(&store, id).await[0].state, RecipientState::Queued);

    drop(beside);
    drop(store);
    database.remove().await;
}
