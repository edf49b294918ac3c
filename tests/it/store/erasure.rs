//! Bodies that are erased, and answers that come about their messages at that moment or later.

use std::time::Duration;

use chrono::TimeDelta;
use dingmirror::{
    clock::Clock,
    message::{AttemptOutcome, MessageState, OnUnknown, RecipientState},
    store::{AttemptResult, Repetition},
};

use super::{
    fixtures::open,
    messages::{TTL, accepted, message, states},
};
use crate::support::{database::TestDatabase, outbox::claim};

both_databases!(
    async fn a_message_that_is_opened_again_while_it_is_looked_at_keeps_its_body(database: TestDatabase) {
        let store = open(database).await;
        let new = message(None, &["a"]);
        let id = new.id;
        store.insert_message(new).await.unwrap();
        let batch = claim(&store, 100, "w", TTL).await.unwrap();
        store.finish_attempt(batch.call_id, accepted(1)).await.unwrap();
        let tomorrow = Clock::system().now() + TimeDelta::days(1);

        // It is DONE for whoever looks, and QUEUED as soon as it can be written.
        let mut answer = database.beside().await;
        answer.run("BEGIN").await;
        answer.run("UPDATE messages SET state = 'QUEUED'").await;
        let erasing = tokio::spawn({
            let store = store.clone();
            async move { store.erase_bodies(tomorrow).await.unwrap() }
        });
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!erasing.is_finished(), "it has looked, and waits to write");
        answer.run("COMMIT").await;
        assert_eq!(erasing.await.unwrap(), 0);
        let kept = store.message(id).await.unwrap().unwrap();
        assert!(kept.content.is_some() && !kept.rendered.is_empty() && kept.erased_at.is_none());

        answer.run("UPDATE messages SET state = 'DONE'").await;
        assert_eq!(store.erase_bodies(tomorrow).await.unwrap(), 1);
    }
);

both_databases!(
    async fn nothing_is_sent_again_whose_body_is_erased_however_late_its_answer_is(database: TestDatabase) {
        let store = open(database).await;
        let now = Clock::system().now();
        let end = |outcome, recipient_state, repetition| AttemptResult {
            outcome,
            recipient_state,
            task_id: None,
            not_before: Some(now),
            repetition,
            ..accepted(0)
        };
        let repetition = Some(Repetition {
            not_before: now,
            until: now + TTL,
            at_most: 3,
        });
        let retry = end(AttemptOutcome::Retry, RecipientState::Queued, None);
        let unknown = end(AttemptOutcome::Unknown, RecipientState::Unknown, repetition);

        for (result, state) in [(retry, RecipientState::Expired), (unknown, RecipientState::Unknown)] {
            let mut new = message(None, &["a"]);
            // Taken for dead too late in the day to be repeated.
            new.on_unknown = OnUnknown::RepeatSameDay;
            let id = new.id;
            store.insert_message(new).await.unwrap();
            let batch = claim(&store, 100, "w", Duration::ZERO).await.unwrap();
            let never = |_, _| Repetition {
                not_before: now,
                until: now,
                at_most: 3,
            };
            store.expire(never, None).await.unwrap();
            assert_eq!(store.erase_bodies(now + TimeDelta::days(1)).await.unwrap(), 1);

            store.finish_attempt(batch.call_id, result).await.unwrap();
            assert_eq!(states(&store, id).await, [state]);
            assert_eq!(store.message(id).await.unwrap().unwrap().state, MessageState::Done);
            assert!(claim(&store, 100, "w", TTL).await.is_none(), "there is nothing to send");
        }
    }
);
