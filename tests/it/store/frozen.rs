//! Large messages: their recipients are taken in as lists, and nobody sees it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use dingmirror::{
    catalogue::Statement,
    clock::Clock,
    directory::UserId,
    message::{Day, NewMessage, Prediction, Recipient, RecipientState, content_digest},
    page::PageRequest,
    store::{MessageQuery, RecipientQuery, SentToday, Store},
};
use uuid::Uuid;

use super::{
    fixtures::{migrated_before, open},
    messages::{TTL, accepted, message},
};
use crate::support::{
    database::TestDatabase,
    outbox::{claim, expire},
};

/// The migration that brought lists.
const LISTS: &str = "m0013";
/// More than one list has.
const TWO_LISTS: usize = 10_002;

/// So many wait, and one more of each message was not found.
const WAITING: usize = 250;

/// A message to 250 people, `somebody` among them, and to one who was not found.
fn large(somebody: &str) -> NewMessage {
    let users: Vec<String> = (1..WAITING).map(|n| format!("{somebody}-{n}")).collect();
    let mut users: Vec<&str> = users.iter().map(String::as_str).collect();
    users.push(somebody);
    let mut new = message(None, &users);

    let mut unmatched = new.recipients[0].clone();
    unmatched.userid = None;
    unmatched.state = RecipientState::Unmatched;
    unmatched.reason = Some(Statement::other("Nobody has \"job number\" 7\u{0};\n 工号 7."));
    unmatched.dept_id = Some(i64::MAX);
    new.recipients.push(unmatched);

    new.recipients[3].prediction = Some(Prediction::DailyQuota);
    new.recipients[4].dept_id = Some(42);
    new
}

async fn taken_in(store: &Store, somebody: &str) -> Uuid {
    let new = large(somebody);
    let id = new.id;
    store.insert_message(new).await.unwrap();
    id
}

async fn all(store: &Store, id: Uuid) -> Vec<Recipient> {
    store
        .recipients(id, &[], PageRequest::new(500, None))
        .await
        .unwrap()
        .items
}

fn queued_to(user: &str) -> RecipientQuery {
    RecipientQuery {
        userid: Some(user.into()),
        states: vec![RecipientState::Queued],
        ..RecipientQuery::default()
    }
}

both_databases!(
    async fn recipients_of_a_large_message_are_what_was_taken_in(database: TestDatabase) {
        let store = open(database).await;
        let new = large("anna");
        store.insert_message(new.clone()).await.unwrap();

        let rows = all(&store, new.id).await;
        assert_eq!(rows.len(), new.recipients.len());
        for (position, (row, taken)) in rows.iter().zip(&new.recipients).enumerate() {
            let reason = taken
                .reason
                .as_ref()
                .map(|it| Statement::other(it.to_string().replace('\0', "")));
            assert_eq!(usize::try_from(row.position).unwrap(), position);
            assert_eq!(
                (
                    &row.identity,
                    &row.userid,
                    row.state,
                    &row.reason,
                    row.dept_id,
                    row.prediction
                ),
                (
                    &taken.identity,
                    &taken.userid,
                    taken.state,
                    &reason,
                    taken.dept_id,
                    taken.prediction
                )
            );
            assert_eq!(row.resolution_status, taken.resolution.as_ref().map(|it| it.status));
            // Databases keep microseconds.
            assert!((row.updated_at - new.created_at).abs() < TimeDelta::milliseconds(1));
        }

        assert_eq!(store.unfold().await.unwrap(), 0, "they are rows by now");
        assert_eq!(all(&store, new.id).await.len(), rows.len(), "and stay as many");
    }
);

both_databases!(
    async fn positions_go_on_from_one_list_to_the_next(database: TestDatabase) {
        let store = open(database).await;
        let users: Vec<String> = (0..TWO_LISTS).map(|n| format!("user {n}")).collect();
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        let new = message(None, &users);
        let id = new.id;
        store.insert_message(new).await.unwrap();

        let after = i64::try_from(TWO_LISTS).unwrap() - 5;
        let last = store
            .recipients(id, &[], PageRequest::new(500, Some(after)))
            .await
            .unwrap()
            .items;
        let last: Vec<_> = last
            .iter()
            .map(|it| (it.position, it.userid.as_ref().unwrap().as_str()))
            .collect();
        assert_eq!(
            last,
            [
                (9_998, "user 9998"),
                (9_999, "user 9999"),
                (10_000, "user 10000"),
                (10_001, "user 10001"),
            ]
        );

        let counts: BTreeMap<_, _> = [(RecipientState::Queued, TWO_LISTS as u64)].into();
        assert_eq!(store.recipient_counts(&[id]).await.unwrap()[&id], counts);
    }
);

both_databases!(
    async fn a_list_that_an_older_version_wrote_becomes_rows(database: TestDatabase) {
        let store = open(database).await;
        let id = taken_in(&store, "anna").await;
        let mut beside = database.beside().await;
        beside
            .run(
                r#"UPDATE frozen_recipients SET recipients = '[{"p":0,"u":"old","s":"QUEUED"},{"p":1,"s":"UNMATCHED","w":"Nobody."}]'"#,
            )
            .await;

        let rows = all(&store, id).await;
        let rows: Vec<_> = rows
            .into_iter()
            .map(|it| (it.position, it.userid, it.state, it.reason))
            .collect();
        assert_eq!(
            rows,
            [
                (0, Some("old".into()), RecipientState::Queued, None),
                (1, None, RecipientState::Unmatched, Some(Statement::other("Nobody."))),
            ]
        );
        assert_eq!(store.count_recipients(&queued_to("old")).await.unwrap(), 1);
    }
);

both_databases!(
    async fn every_question_about_recipients_counts_those_that_were_just_taken_in(database: TestDatabase) {
        let store = open(database).await;
        let waiting = u64::try_from(WAITING).unwrap();

        let id = taken_in(&store, "counted").await;
        let counts: BTreeMap<_, _> = [(RecipientState::Queued, waiting), (RecipientState::Unmatched, 1)].into();
        assert_eq!(store.recipient_counts(&[id]).await.unwrap()[&id], counts);

        taken_in(&store, "found").await;
        let found = store
            .find_recipients(&queued_to("found"), PageRequest::new(10, None))
            .await
            .unwrap();
        assert_eq!(found.items.len(), 1);

        taken_in(&store, "numbered").await;
        assert_eq!(store.count_recipients(&queued_to("numbered")).await.unwrap(), 1);
        let id = taken_in(&store, "one message's").await;
        let of_one = RecipientQuery {
            message: Some(id),
            ..RecipientQuery::default()
        };
        assert_eq!(store.count_recipients(&of_one).await.unwrap(), waiting + 1);

        let id = taken_in(&store, "addressed").await;
        let to_user = MessageQuery {
            userid: Some("addressed".into()),
            ..MessageQuery::default()
        };
        let messages = store
            .messages(&to_user, PageRequest::new(10, None))
            .await
            .unwrap()
            .items;
        assert_eq!(messages.iter().map(|it| it.id).collect::<Vec<_>>(), [id]);

        let before = store.count_messages(&MessageQuery::default()).await.unwrap();
        taken_in(&store, "in a state").await;
        let unmatched = MessageQuery {
            recipient_states: vec![RecipientState::Unmatched],
            ..MessageQuery::default()
        };
        assert_eq!(store.count_messages(&unmatched).await.unwrap(), before + 1);

        taken_in(&store, "waited for").await;
        let queued = store.queued_for(&["waited for".into()]).await.unwrap();
        assert_eq!(queued["waited for"], 1);

        let open = store.delivery_figures(Clock::system().now()).await.unwrap().open;
        taken_in(&store, "open").await;
        assert_eq!(
            store.delivery_figures(Clock::system().now()).await.unwrap().open,
            open + waiting
        );
    }
);

both_databases!(
    async fn what_is_sent_ends_or_is_taken_back_includes_those_that_were_just_taken_in(database: TestDatabase) {
        let store = open(database).await;

        let id = taken_in(&store, "taken back").await;
        store.recall_message(id, "admin").await.unwrap().unwrap();
        let counts = store.recipient_counts(&[id]).await.unwrap();
        assert_eq!(counts[&id][&RecipientState::Cancelled], WAITING as u64);
        assert!(claim(&store, 100, "w", TTL).await.is_none());

        let mut late = large("late");
        late.expires_at = late.created_at - TimeDelta::seconds(1);
        let id = late.id;
        store.insert_message(late).await.unwrap();
        assert_eq!(expire(&store).await.unsent, WAITING as u64);
        assert!(
            all(&store, id)
                .await
                .iter()
                .all(|it| it.state != RecipientState::Queued)
        );

        let new = large("due");
        let created_at = new.created_at;
        store.insert_message(new).await.unwrap();
        assert_eq!(store.unfold().await.unwrap(), 1);
        let due = store.next_due().await.unwrap().expect("somebody waits");
        assert!((due - created_at).abs() < TimeDelta::milliseconds(1));

        taken_in(&store, "claimed").await;
        let mut claimed = Vec::new();
        while let Some(batch) = claim(&store, 100, "w", TTL).await {
            claimed.extend(batch.recipients.into_iter().map(|it| it.userid.unwrap()));
        }
        assert_eq!(claimed.len(), 2 * WAITING);
        assert!(claimed.contains(&"claimed".into()));
    }
);

both_databases!(
    async fn who_waits_in_a_list_counts_for_what_dingtalk_would_drop(database: TestDatabase) {
        let store = open(database).await;
        let (first, other) = (large("anna"), large("bert"));
        let digest = content_digest(&first.rendered);
        let day = Day::of(first.created_at);
        store.insert_message(first).await.unwrap();
        let mut another = large("anna");
        another.rendered = r#"{"msgtype":"text","text":{"content":"再见"}}"#.into();
        store.insert_message(another).await.unwrap();

        let (anna, bert) = (UserId::from("anna"), UserId::from("bert"));
        let asked = [&anna, &bert];
        let lists = store.sent_today(&asked, day, &digest, 1).await.unwrap();
        assert_eq!(lists.len(), 1, "{lists:?}");
        assert_eq!((lists["anna"].messages, lists["anna"].same_content), (2, true));
        assert_eq!(
            store.unfold().await.unwrap(),
            2,
            "asking did not have to make rows of them"
        );
        assert_eq!(
            store.sent_today(&asked, day, &digest, 1).await.unwrap(),
            lists,
            "as rows they count the same"
        );

        store.insert_message(other).await.unwrap();
        let neither = store.sent_today(&asked, day, "another digest", 1).await.unwrap();
        assert!(!neither["anna"].same_content && !neither["bert"].same_content);

        // Who waits yet is sent to on the day that has come, as a list or as rows.
        let next_day = Day(day.0 + 1);
        let next = store.sent_today(&asked, next_day, &digest, 1).await.unwrap();
        assert_eq!((next["anna"].messages, next["anna"].same_content), (2, true));
        assert_eq!((next["bert"].messages, next["bert"].same_content), (1, true));
        assert_eq!(store.unfold().await.unwrap(), 1);
        assert_eq!(store.sent_today(&asked, next_day, &digest, 1).await.unwrap(), next);

        let day_before = Day(day.0 - 1);
        assert!(
            store
                .sent_today(&asked, day_before, &digest, 1)
                .await
                .unwrap()
                .is_empty()
        );
    }
);

both_databases!(
    async fn who_had_as_many_messages_as_asked_is_told_and_who_had_fewer_is_not(database: TestDatabase) {
        let store = open(database).await;
        let anna = UserId::from("anna");
        let (mut day, mut digests) = (None, Vec::new());
        for (n, users) in [&["anna"][..], &["anna", "bert"], &["bert"], &["anna"]]
            .iter()
            .enumerate()
        {
            let mut new = message(None, users);
            new.rendered = format!("content {n}");
            digests.push(content_digest(&new.rendered));
            day = Some(Day::of(new.created_at));
            store.insert_message(new).await.unwrap();
        }

        let had = async |digest: &str, many| {
            let found = store.sent_today(&[&anna], day.unwrap(), digest, many).await.unwrap();
            found.get("anna").copied()
        };
        let told = |messages, same_content| Some(SentToday { messages, same_content });

        assert_eq!(had("none of them", 3).await, told(3, false));
        assert_eq!(
            had("none of them", 4).await,
            None,
            "four messages, and she was in three"
        );
        assert_eq!(had("none of them", 5).await, None, "there are no five messages");
        assert_eq!(had(&digests[0], 5).await, told(3, true));
        assert_eq!(had(&digests[2], 5).await, None, "another person's content");

        // Sent, they count as before.
        while let Some(batch) = claim(&store, 100, "w", TTL).await {
            store.finish_attempt(batch.call_id, accepted(1)).await.unwrap();
        }
        assert_eq!(had(&digests[3], 3).await, told(3, true));
    }
);

both_databases!(
    async fn a_large_message_is_seen_whole_or_not_at_all_and_becomes_rows_once(database: TestDatabase) {
        let store = open(database).await;
        for round in 0..10 {
            let id = taken_in(&store, &format!("round {round}")).await;
            let askers = (0..6).map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    if n % 2 == 0 {
                        store.unfold().await.unwrap();
                    }
                    all(&store, id).await.len()
                })
            });
            for asker in askers.collect::<Vec<_>>() {
                assert_eq!(asker.await.unwrap(), WAITING + 1);
            }
        }

        assert_eq!(store.unfold().await.unwrap(), 0);
        let rows = store.count_recipients(&RecipientQuery::default()).await.unwrap();
        assert_eq!(rows, 10 * (WAITING as u64 + 1));
    }
);

both_databases!(
    async fn a_migration_back_loses_nobody_who_waits_in_a_list(database: TestDatabase) {
        let store = open(database).await;
        let id = taken_in(&store, "anna").await;
        let error = migrated_before(&store, LISTS).await.unwrap_err().to_string();
        assert!(error.contains("start the server"), "{error}");
        store.migrate().await.unwrap();
        assert_eq!(all(&store, id).await.len(), WAITING + 1);
        migrated_before(&store, LISTS).await.unwrap();
        store.migrate().await.unwrap();
        assert_eq!(all(&store, id).await.len(), WAITING + 1);
    }
);
