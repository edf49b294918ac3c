//! Another epoch of the database: what may be lost is doubted, and no number of the former one is given again.

use std::time::Duration;

use dingmirror::{
    catalogue::Statement,
    clock::Clock,
    directory::{ChangeFilter, EntityKind},
    message::{AttemptOutcome, RecipientState},
    page::PageRequest,
    store::{AttemptResult, ChangeQuery, RecipientQuery, Stop, Store, StoreError},
};
use uuid::Uuid;

use super::{
    fixtures::open,
    messages::{TTL, accepted, message, states},
};
use crate::support::{
    database::{Beside, TestDatabase},
    outbox::claim,
};

/// A store whose epoch has begun.
async fn followed(database: &TestDatabase) -> Store {
    let store = open(database).await;
    store.epoch().await.unwrap();
    store
}

/// The database becomes another one, which nobody was in step with for ten minutes.
async fn fail_over(beside: &mut Beside) {
    beside
        .run("UPDATE database_epoch SET place = 'elsewhere', alive_at_ms = alive_at_ms - 600000")
        .await;
}

async fn taken_in(store: &Store, users: &[&str]) -> Uuid {
    let new = message(None, users);
    let id = new.id;
    store.insert_message(new).await.unwrap();
    id
}

both_databases!(
    async fn who_held_a_lease_keeps_nobody_waiting(database: TestDatabase) {
        let store = followed(database).await;
        let held = store.acquire_lease("sync", "a", TTL).await.unwrap().unwrap();
        fail_over(&mut database.beside().await).await;
        store.epoch().await.unwrap();
        assert!(!store.renew_lease(&held, TTL).await.unwrap());
        let next = store.acquire_lease("sync", "b", TTL).await.unwrap();
        assert!(next.is_some_and(|next| next.fencing > held.fencing));
    }
);

both_databases!(
    async fn numbers_that_others_may_have_seen_are_not_given_again(database: TestDatabase) {
        let store = followed(database).await;
        let number = async |id| {
            let rows = store.recipients(id, &[], PageRequest::new(1, None)).await.unwrap();
            rows.items[0].id
        };
        let before = number(taken_in(&store, &["a"]).await).await;
        fail_over(&mut database.beside().await).await;
        store.epoch().await.unwrap();
        let after = number(taken_in(&store, &["b"]).await).await;
        assert!(after > before + 100_000, "{before} {after}");
    }
);

both_databases!(
    async fn who_waits_for_the_end_of_a_stop_may_have_been_sent_to_when_it_was_lifted(database: TestDatabase) {
        let store = followed(database).await;
        let now = Clock::system().now();
        let until = now + Duration::from_secs(3_600);
        let put_off = async |user: &str, not_before| {
            let id = taken_in(&store, &[user]).await;
            let batch = claim(&store, 1, "w", TTL).await.unwrap();
            let later = AttemptResult {
                outcome: AttemptOutcome::Retry,
                recipient_state: RecipientState::Queued,
                task_id: None,
                follow_up_at: None,
                not_before: Some(not_before),
                ..accepted(0)
            };
            store.finish_attempt(batch.call_id, later).await.unwrap();
            id
        };

        let by_the_stop = put_off("a", until).await;
        let for_longer = put_off("b", until + Duration::from_secs(60)).await;
        let stop = Stop {
            until,
            code: None,
            reason: Statement::other("a test"),
        };
        store.stop_sending(&stop).await.unwrap();

        fail_over(&mut database.beside().await).await;
        store.epoch().await.unwrap();
        assert_eq!(states(&store, by_the_stop).await, [RecipientState::Unknown]);
        assert_eq!(states(&store, for_longer).await, [RecipientState::Queued]);
    }
);

both_databases!(
    async fn a_revision_that_was_read_too_early_begins_no_epoch(database: TestDatabase) {
        let store = followed(database).await;
        let epoch = store.epoch().await.unwrap();
        let revision = store.current_revision().await.unwrap();
        assert_eq!(store.begin_epoch(&epoch, revision).await.unwrap(), epoch);
        let next = store.begin_epoch(&epoch, revision + 1).await.unwrap();
        assert_ne!(next, epoch);
        // Of two that noticed it the second one finds it begun.
        assert_eq!(store.begin_epoch(&epoch, revision + 1).await.unwrap(), next);
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_goes_on_does_not_hide_how_long_nobody_was_in_step() {
    let database = TestDatabase::postgres().await;
    let store = followed(&database).await;
    // More than DingTalk takes in some seconds, and fewer than in ten minutes.
    let people: Vec<String> = (0..4_000).map(|n| format!("u{n}")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let id = taken_in(&store, &people).await;

    fail_over(&mut database.beside().await).await;
    // It had just seen that all was well.
    store.note_alive().await.unwrap();
    store.epoch().await.unwrap();

    let of = RecipientQuery {
        message: Some(id),
        ..RecipientQuery::default()
    };
    let doubted = store.count_states(&of).await.unwrap();
    assert_eq!(
        doubted.get(&RecipientState::Unknown).copied(),
        Some(4_000),
        "{doubted:?}"
    );
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_read_at_the_server_of_a_former_epoch() {
    let database = TestDatabase::postgres().await;
    let store = followed(&database).await;
    let mut beside = database.beside().await;
    for (epoch, sql) in [
        ("98-former", "UPDATE database_epoch SET epoch = '98-former'"),
        ("99-next", "UPDATE database_epoch SET epoch = '99-next'"),
    ] {
        beside.run(sql).await;
        assert_eq!(store.epoch().await.unwrap().as_str(), epoch);
    }

    // As a connection that still leads to the old primary tells it.
    beside.run("UPDATE database_epoch SET epoch = '98-former'").await;
    let refused = |what: &str, said: Option<StoreError>| {
        assert!(matches!(said, Some(StoreError::Unavailable)), "{what}: {said:?}");
    };
    let page = PageRequest::new(1, None);
    refused("directory", store.load_directory().await.err());
    refused("what changed", store.load_since(0).await.err());
    refused("feed", store.changes(page.clone()).await.err());
    refused("feed of a record", {
        let query = ChangeQuery {
            filter: ChangeFilter {
                entities: [EntityKind::User].into(),
                ..ChangeFilter::default()
            },
            ..ChangeQuery::default()
        };
        store.find_changes(&query, page.clone()).await.err()
    });
    refused("feed of matches", store.match_changes(page).await.err());
    refused("place in the feed", store.changes_served(0).await.err());
    refused("moment", store.moment(Clock::system().now()).await.err());

    beside.run("UPDATE database_epoch SET epoch = '99-next'").await;
    store.load_directory().await.unwrap();
    drop(store);
    database.remove().await;
}
