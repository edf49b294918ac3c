//! Following up: each question is one process's, and no answer takes back what a newer one told.

use chrono::TimeDelta;
use dingmirror::{clock::Clock, directory::UserId, message::RecipientState, store::FollowUpTask};

use super::{
    fixtures::open,
    messages::{TTL, accepted, message, states},
};
use crate::support::{database::TestDatabase, outbox::claim};

both_databases!(
    async fn a_send_is_asked_about_by_one_process_and_by_another_when_that_one_died(database: TestDatabase) {
        let store = open(database).await;
        store.insert_message(message(None, &["a"])).await.unwrap();
        let batch = claim(&store, 100, "w", TTL).await.unwrap();
        store.finish_attempt(batch.call_id, accepted(77)).await.unwrap();
        let now = Clock::system().now() + TimeDelta::seconds(1);
        let due = async |at| store.tasks_to_follow_up(10, at, "app").await.unwrap();
        let tasks: Vec<FollowUpTask> = due(now).await;

        let until = now + TimeDelta::minutes(15);
        assert!(store.claim_follow_up(&tasks[0], until).await.unwrap());
        assert!(
            !store.claim_follow_up(&tasks[0], until).await.unwrap(),
            "another process that read the same list asks nothing"
        );
        assert_eq!((due(now).await.len(), due(until).await.len()), (0, 1));

        assert!(
            store
                .put_follow_up_back(&tasks[0], until, tasks[0].due_at)
                .await
                .unwrap()
        );
        assert_eq!(due(now).await, tasks, "it wasn't asked");
    }
);

both_databases!(
    async fn nobody_who_has_read_it_has_it_unread_again(database: TestDatabase) {
        let store = open(database).await;
        let new = message(None, &["a", "b"]);
        let id = new.id;
        store.insert_message(new).await.unwrap();
        let batch = claim(&store, 100, "w", TTL).await.unwrap();
        store.finish_attempt(batch.call_id, accepted(77)).await.unwrap();
        let now = Clock::system().now() + TimeDelta::seconds(1);
        let task = store.tasks_to_follow_up(10, now, "app").await.unwrap().remove(0);

        let told = |a, b| [(UserId::from("a"), a, None), (UserId::from("b"), b, None)];
        let (read, unread) = (RecipientState::Read, RecipientState::DeliveredUnread);
        for (answer, shown) in [
            ((unread, unread), [unread, unread]),
            ((read, unread), [read, unread]),
            ((unread, read), [read, read]),
        ] {
            let fates = told(answer.0, answer.1);
            store.record_follow_up(&task, &fates, None, Some(now)).await.unwrap();
            assert_eq!(states(&store, id).await, shown);
        }
    }
);

both_databases!(
    async fn another_app_is_not_asked_what_became_of_a_send(database: TestDatabase) {
        let store = open(database).await;
        store.insert_message(message(None, &["a"])).await.unwrap();
        let limits = dingmirror::store::ClaimLimits {
            batch: 1,
            pace: crate::support::outbox::UNHURRIED,
            ttl: TTL,
            settings_version: None,
            normal_calls: None,
            coalesce_window: std::time::Duration::ZERO,
            app: Some("app 1".into()),
        };
        let dingmirror::store::Claim::Batch(batch) = store.claim_batch("w", &limits).await.unwrap() else {
            panic!("nobody is due");
        };
        store.finish_attempt(batch.call_id, accepted(77)).await.unwrap();

        let now = Clock::system().now() + TimeDelta::seconds(1);
        assert!(store.tasks_to_follow_up(10, now, "app 2").await.unwrap().is_empty());
        assert_eq!(store.tasks_to_follow_up(10, now, "app 1").await.unwrap().len(), 1);
    }
);
