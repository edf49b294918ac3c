//! Messages that are taken back while they are under way, and answers that come late.

use std::time::Duration;

use dingmirror::{
    clock::Clock,
    message::{AttemptOutcome, MessageState, NewMessage, OnUnknown, RecipientState},
    page::PageRequest,
    store::{AttemptResult, ClaimedBatch, Repetition, Store},
};

use super::{
    fixtures::open,
    messages::{TTL, message, states},
};
use crate::support::{
    database::TestDatabase,
    outbox::{claim, expire},
};

/// An attempt that ended so.
fn ended(outcome: AttemptOutcome, recipient_state: RecipientState) -> AttemptResult {
    AttemptResult {
        outcome,
        counts: true,
        task_id: None,
        code: None,
        detail: None,
        recipient_state,
        not_before: Some(Clock::system().now()),
        reason: None,
        follow_up_at: None,
        repetition: None,
        together: None,
    }
}

/// It provably did not arrive: it would be sent again.
fn retry() -> AttemptResult {
    ended(AttemptOutcome::Retry, RecipientState::Queued)
}

async fn claimed(store: &Store, new: NewMessage, ttl: Duration) -> ClaimedBatch {
    store.insert_message(new).await.unwrap();
    claim(store, 10, "one", ttl).await.expect("it is due")
}

/// Takes back what `batch` is of, and records `result` after that: nobody is sent to any more, and all are in this
/// state.
async fn recalled_before(store: &Store, batch: &ClaimedBatch, result: AttemptResult, state: RecipientState) {
    let id = batch.messages[0];
    store.recall_message(id, "eve").await.unwrap().expect("it is there");
    store.finish_attempt(batch.call_id, result).await.unwrap();

    assert_eq!(states(store, id).await, [state; 2]);
    assert!(
        claim(store, 10, "two", TTL).await.is_none(),
        "sent after it was taken back"
    );
    assert_eq!(store.next_due().await.unwrap(), None);

    let recipients = store.recipients(id, &[], PageRequest::new(9, None)).await.unwrap();
    assert!(
        recipients
            .items
            .iter()
            .all(|it| it.repeat_until.is_none() && it.reason.is_some())
    );
    let message = store.message(id).await.unwrap().expect("it is there");
    assert_eq!(message.state, MessageState::Recalled);
}

both_databases!(
    async fn a_message_taken_back_during_a_call_that_did_not_arrive_is_not_sent_again(database: TestDatabase) {
        let store = open(database).await;
        let batch = claimed(&store, message(None, &["a", "b"]), TTL).await;
        recalled_before(&store, &batch, retry(), RecipientState::Cancelled).await;
    }
);

both_databases!(
    async fn a_message_taken_back_during_its_repetition_is_not_repeated_again(database: TestDatabase) {
        let store = open(database).await;
        let mut new = message(None, &["a", "b"]);
        new.on_unknown = OnUnknown::RepeatSameDay;
        let first = claimed(&store, new, TTL).await;

        let now = Clock::system().now();
        let unknown = AttemptResult {
            repetition: Some(Repetition {
                not_before: now,
                until: now + TTL,
                at_most: 3,
            }),
            ..ended(AttemptOutcome::Unknown, RecipientState::Unknown)
        };
        store.finish_attempt(first.call_id, unknown).await.unwrap();

        let second = claim(&store, 10, "two", TTL).await.expect("it is repeated");
        recalled_before(&store, &second, retry(), RecipientState::Unknown).await;
    }
);

both_databases!(
    async fn a_late_answer_that_nothing_arrived_opens_a_message_again(database: TestDatabase) {
        let store = open(database).await;
        let batch = claimed(&store, message(None, &["a", "b"]), Duration::ZERO).await;
        let state = async || {
            store
                .message(batch.messages[0])
                .await
                .unwrap()
                .expect("it is there")
                .state
        };

        expire(&store).await;
        assert_eq!(state().await, MessageState::Done);

        store.finish_attempt(batch.call_id, retry()).await.unwrap();
        assert_eq!(state().await, MessageState::Queued);
        assert!(claim(&store, 10, "two", TTL).await.is_some());
    }
);

both_databases!(
    async fn a_late_answer_does_not_bring_a_message_back_that_was_taken_back(database: TestDatabase) {
        let store = open(database).await;
        let batch = claimed(&store, message(None, &["a", "b"]), Duration::ZERO).await;
        assert_eq!(expire(&store).await.claims, 2);
        recalled_before(&store, &batch, retry(), RecipientState::Cancelled).await;
    }
);
