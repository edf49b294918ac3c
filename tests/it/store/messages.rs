//! Messages and the outbox.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use dingmirror::{
    catalogue::Statement,
    clock::Clock,
    directory::UserId,
    identity::{ConfluenceIdentity, Resolution, ResolutionStatus},
    message::{
        AttemptOutcome, Content, FollowUpPolicy, MessageState, NewMessage, NewRecipient, OnDuplicate, OnUnknown,
        Priority, RecipientState,
    },
    page::PageRequest,
    settings::DeliveryMode,
    store::{AttemptResult, InsertOutcome, MessageQuery, Store},
};
use uuid::Uuid;

use super::fixtures::open;
use crate::support::{
    database::TestDatabase,
    outbox::{claim, expire},
};

pub const TTL: Duration = Duration::from_secs(60);

pub fn message(key: Option<&str>, users: &[&str]) -> NewMessage {
    NewMessage {
        id: Uuid::now_v7(),
        caller: "plugin".into(),
        idempotency_key: key.map(str::to_owned),
        request_digest: users.join(","),
        content: Content::Text {
            content: "你好".into()
        },
        rendered: r#"{"msgtype":"text","text":{"content":"你好"}}"#.into(),
        state: MessageState::Queued,
        mode: DeliveryMode::On,
        on_unknown: OnUnknown::Hold,
        on_duplicate: OnDuplicate::Send,
        follow_up: FollowUpPolicy::Live,
        priority: Priority::Normal,
        created_at: Clock::system().now(),
        waits_for_others: TimeDelta::zero(),
        expires_at: Clock::system().now() + TimeDelta::hours(1),
        recipients: users.iter().map(|user| recipient(user)).collect(),
        app: None,
        origin: None,
    }
}

fn recipient(user: &str) -> NewRecipient {
    NewRecipient {
        identity: Some(ConfluenceIdentity {
            username: Some(user.into()),
            ..ConfluenceIdentity::default()
        }),
        resolution: Some(Resolution {
            status: ResolutionStatus::Matched,
            user: Some(user.into()),
            rule: Some(dingmirror::identity::Rule::JobNumber),
            key: Some(user.into()),
            candidates: vec![user.into()],
            reason: Statement::other("one"),
        }),
        userid: Some(user.into()),
        state: RecipientState::Queued,
        reason: None,
        dept_id: None,
        prediction: None,
    }
}

pub fn accepted(task: i64) -> AttemptResult {
    AttemptResult {
        outcome: AttemptOutcome::Accepted,
        counts: true,
        task_id: Some(task),
        code: None,
        detail: None,
        recipient_state: RecipientState::Accepted,
        not_before: None,
        reason: None,
        follow_up_at: Some(Clock::system().now()),
        repetition: None,
        together: None,
    }
}

pub async fn states(store: &Store, id: Uuid) -> Vec<RecipientState> {
    store
        .recipients(id, &[], PageRequest::new(500, None))
        .await
        .unwrap()
        .items
        .iter()
        .map(|r| r.state)
        .collect()
}

both_databases!(
    async fn a_repeated_call_finds_its_first_message_and_a_reused_key_is_told(database: TestDatabase) {
        let store = open(database).await;
        let first = message(Some("k"), &["a", "b"]);
        let inserted = store.insert_message(first.clone()).await.unwrap();
        assert_eq!(
            (inserted.outcome, inserted.message.id),
            (InsertOutcome::Inserted, first.id)
        );
        assert_eq!(store.message(first.id).await.unwrap().unwrap(), inserted.message);

        let again = store.insert_message(message(Some("k"), &["a", "b"])).await.unwrap();
        assert_eq!((again.outcome, again.message.id), (InsertOutcome::Replayed, first.id));
        let other = store.insert_message(message(Some("k"), &["c"])).await.unwrap();
        assert_eq!((other.outcome, other.message.id), (InsertOutcome::KeyReused, first.id));

        let mut elsewhere = message(Some("k"), &["c"]);
        elsewhere.caller = "another plugin".into();
        assert_eq!(
            store.insert_message(elsewhere).await.unwrap().outcome,
            InsertOutcome::Inserted
        );
        assert_eq!(
            store.insert_message(message(None, &["c"])).await.unwrap().outcome,
            InsertOutcome::Inserted
        );
        assert_eq!(
            store.insert_message(message(None, &["c"])).await.unwrap().outcome,
            InsertOutcome::Inserted
        );
    }
);

both_databases!(
    async fn twenty_calls_at_once_with_one_key_make_one_message(database: TestDatabase) {
        let store = open(database).await;
        let calls = (0..20).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .insert_message(message(Some("k"), &["a", "b", "c"]))
                    .await
                    .unwrap()
            })
        });

        let (mut ids, mut inserted) = (BTreeSet::new(), 0);
        for call in calls.collect::<Vec<_>>() {
            let answer = call.await.unwrap();
            ids.insert(answer.message.id);
            inserted += usize::from(answer.outcome == InsertOutcome::Inserted);
        }

        assert_eq!((ids.len(), inserted), (1, 1));
        assert_eq!(store.count_messages(&MessageQuery::default()).await.unwrap(), 1);
        assert_eq!(states(&store, *ids.first().unwrap()).await.len(), 3);
    }
);

both_databases!(
    async fn claims_of_many_workers_never_overlap_and_the_attempt_is_on_record_before_the_call(database: TestDatabase) {
        let store = open(database).await;
        let users: Vec<String> = (0..230).map(|n| format!("u{n:03}")).collect();
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        let new = message(None, &users);
        let id = new.id;
        store.insert_message(new).await.unwrap();

        let workers = (0..6).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                let mut misses = 0;
                while misses < 20 {
                    match claim(&store, 20, &format!("worker {n}"), TTL).await {
                        Some(batch) => {
                            assert!(
                                batch.recipients.len() <= 20
                                    && batch.recipients.iter().all(|r| r.state == RecipientState::Sending)
                            );
                            claimed.extend(batch.recipients.iter().map(|r| r.userid.clone().unwrap()));
                            let on_record = store.attempts(id, PageRequest::new(500, None)).await.unwrap();
                            assert!(
                                on_record
                                    .items
                                    .iter()
                                    .any(|a| a.id == batch.call_id && a.finished_at.is_none())
                            );
                            store
                                .finish_attempt(batch.call_id, accepted(256_271_667_526))
                                .await
                                .unwrap();
                        }
                        None => {
                            misses += 1;
                            tokio::time::sleep(Duration::from_millis(5)).await;
                        }
                    }
                }
                claimed
            })
        });

        let mut all = Vec::new();
        for worker in workers.collect::<Vec<_>>() {
            all.extend(worker.await.unwrap());
        }
        assert_eq!(all.len(), 230, "each recipient is claimed once");
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 230);
        assert_eq!(store.message(id).await.unwrap().unwrap().state, MessageState::Done);
        let counts = store.recipient_counts(&[id]).await.unwrap();
        assert_eq!(counts[&id], [(RecipientState::Accepted, 230)].into());
    }
);

both_databases!(
    async fn attempts_that_end_at_the_same_moment_leave_no_message_open(database: TestDatabase) {
        let store = open(database).await;
        for _ in 0..20 {
            let new = message(None, &["a", "b", "c", "d", "e", "f"]);
            let id = new.id;
            store.insert_message(new).await.unwrap();
            let mut attempts = Vec::new();
            while let Some(batch) = claim(&store, 1, "w", TTL).await {
                attempts.push(batch.call_id);
            }
            assert_eq!(attempts.len(), 6);

            let ends = attempts.into_iter().map(|attempt| {
                let store = store.clone();
                tokio::spawn(async move { store.finish_attempt(attempt, accepted(7)).await.unwrap() })
            });
            for end in ends.collect::<Vec<_>>() {
                end.await.unwrap();
            }
            assert_eq!(store.message(id).await.unwrap().unwrap().state, MessageState::Done);
        }
    }
);

both_databases!(
    async fn claims_that_expire_while_their_attempts_end_are_settled_once(database: TestDatabase) {
        let store = open(database).await;
        for _ in 0..10 {
            let new = message(None, &["a", "b", "c", "d"]);
            let id = new.id;
            store.insert_message(new).await.unwrap();
            let mut attempts = Vec::new();
            while let Some(batch) = claim(&store, 1, "w", Duration::from_millis(1)).await {
                attempts.push(batch.call_id);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;

            let ends = attempts.into_iter().map(|attempt| {
                let store = store.clone();
                tokio::spawn(async move { store.finish_attempt(attempt, accepted(7)).await.unwrap() })
            });
            let expiries = (0..3).map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    expire(&store).await;
                })
            });
            for end in ends.chain(expiries).collect::<Vec<_>>() {
                end.await.unwrap();
            }

            let told = store.attempts(id, PageRequest::new(10, None)).await.unwrap().items;
            for (recipient, attempt) in states(&store, id).await.into_iter().zip(told) {
                let expected = match attempt.outcome.unwrap() {
                    AttemptOutcome::Accepted => RecipientState::Accepted,
                    _ => RecipientState::Unknown,
                };
                assert_eq!(recipient, expected, "a recipient and its attempt tell the same");
            }
            assert_eq!(store.message(id).await.unwrap().unwrap().state, MessageState::Done);
        }
    }
);

both_databases!(
    async fn nul_in_a_key_or_a_question_does_no_harm(database: TestDatabase) {
        let store = open(database).await;
        let new = message(Some("k\0ey"), &["a"]);
        let first = store.insert_message(new.clone()).await.unwrap();
        let again = NewMessage {
            id: Uuid::now_v7(),
            ..new
        };
        let again = store.insert_message(again).await.unwrap();
        assert_eq!(
            (again.outcome, again.message.id),
            (InsertOutcome::Replayed, first.message.id)
        );

        let asked = MessageQuery {
            userid: Some("a\0".into()),
            idempotency_key: Some("k\0ey".into()),
            caller: Some("plug\0in".into()),
            ..MessageQuery::default()
        };
        assert_eq!(store.count_messages(&asked).await.unwrap(), 1);
    }
);

both_databases!(
    async fn a_retry_waits_for_its_time_and_counts_former_attempts(database: TestDatabase) {
        let store = open(database).await;
        let new = message(None, &["a"]);
        let id = new.id;
        store.insert_message(new).await.unwrap();
        let batch = claim(&store, 100, "w", TTL).await.unwrap();
        assert_eq!(batch.former_attempts, 0);

        let later = Clock::system().now() + TimeDelta::milliseconds(300);
        let retry = AttemptResult {
            outcome: AttemptOutcome::Retry,
            counts: true,
            task_id: None,
            code: Some("90018".into()),
            detail: Some(Statement::other("throttled")),
            recipient_state: RecipientState::Queued,
            not_before: Some(later),
            reason: Some(Statement::other("throttled; it is tried again")),
            follow_up_at: None,
            repetition: None,
            together: None,
        };
        store.finish_attempt(batch.call_id, retry).await.unwrap();
        assert_eq!(store.next_due().await.unwrap(), Some(later));
        assert!(claim(&store, 100, "w", TTL).await.is_none());
        assert_eq!(store.message(id).await.unwrap().unwrap().state, MessageState::Queued);

        tokio::time::sleep(Duration::from_millis(400)).await;
        let batch = claim(&store, 100, "w", TTL).await.unwrap();
        assert_eq!(batch.former_attempts, 1);
        store.finish_attempt(batch.call_id, accepted(7)).await.unwrap();
        assert_eq!(store.next_due().await.unwrap(), None);

        let attempts = store.attempts(id, PageRequest::new(10, None)).await.unwrap().items;
        assert_eq!(
            attempts.iter().map(|a| a.outcome).collect::<Vec<_>>(),
            [Some(AttemptOutcome::Retry), Some(AttemptOutcome::Accepted)]
        );
    }
);

both_databases!(
    async fn a_dead_workers_recipients_become_unknown_until_a_late_answer_tells_better(database: TestDatabase) {
        let store = open(database).await;
        let new = message(None, &["a", "b"]);
        let id = new.id;
        store.insert_message(new).await.unwrap();
        let batch = claim(&store, 100, "w", Duration::from_secs(2)).await.unwrap();
        assert_eq!(expire(&store).await.claims, 0, "the claim still holds");

        tokio::time::sleep(Duration::from_millis(2_100)).await;
        assert_eq!(expire(&store).await.claims, 2);
        assert_eq!(states(&store, id).await, [RecipientState::Unknown; 2]);
        let attempts = store.attempts(id, PageRequest::new(10, None)).await.unwrap().items;
        assert_eq!(attempts[0].outcome, Some(AttemptOutcome::Unknown));
        assert_eq!(store.message(id).await.unwrap().unwrap().state, MessageState::Done);

        store.finish_attempt(batch.call_id, accepted(7)).await.unwrap();
        assert_eq!(
            states(&store, id).await,
            [RecipientState::Accepted; 2],
            "nobody sent again, so the answer is still evidence"
        );
    }
);

both_databases!(
    async fn what_dingtalk_tells_later_is_recorded_by_person(database: TestDatabase) {
        let store = open(database).await;
        let new = message(None, &["a", "b", "c"]);
        let id = new.id;
        store.insert_message(new).await.unwrap();
        let batch = claim(&store, 100, "w", TTL).await.unwrap();
        store.finish_attempt(batch.call_id, accepted(77)).await.unwrap();

        let soon = Clock::system().now() + TimeDelta::seconds(1);
        let tasks = store.tasks_to_follow_up(10, soon, "app").await.unwrap();
        assert_eq!(
            tasks
                .iter()
                .map(|t| (t.call_id, t.task_id, t.recipients))
                .collect::<Vec<_>>(),
            [(batch.call_id, 77, 3)]
        );

        let told = [
            (UserId::from("a"), RecipientState::Read, None),
            (
                UserId::from("b"),
                RecipientState::DroppedDuplicate,
                Some(Statement::other("143106")),
            ),
        ];
        let again = Clock::system().now() + TimeDelta::minutes(1);
        store
            .record_follow_up(&tasks[0], &told, None, Some(again))
            .await
            .unwrap();
        assert_eq!(
            states(&store, id).await,
            [
                RecipientState::Read,
                RecipientState::DroppedDuplicate,
                RecipientState::Accepted
            ]
        );

        assert!(
            store.tasks_to_follow_up(10, soon, "app").await.unwrap().is_empty(),
            "it was asked about just now"
        );
        assert_eq!(store.tasks_to_follow_up(10, again, "app").await.unwrap().len(), 1);
        store.record_follow_up(&tasks[0], &[], None, None).await.unwrap();
        assert!(
            store.tasks_to_follow_up(10, again, "app").await.unwrap().is_empty(),
            "nothing more can become of it"
        );

        let read = store
            .recipients(id, &[RecipientState::Read], PageRequest::new(10, None))
            .await
            .unwrap()
            .items;
        assert_eq!((read.len(), read[0].task_id), (1, Some(77)));
        assert_eq!(store.recipient(read[0].id).await.unwrap().as_ref(), Some(&read[0]));
        let to_b = MessageQuery {
            userid: Some("b".into()),
            ..MessageQuery::default()
        };
        assert_eq!(
            store
                .messages(&to_b, PageRequest::new(10, None))
                .await
                .unwrap()
                .items
                .len(),
            1
        );
        let to_x = MessageQuery {
            userid: Some("x".into()),
            ..MessageQuery::default()
        };
        assert_eq!(store.count_messages(&to_x).await.unwrap(), 0);
    }
);
