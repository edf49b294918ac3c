//! What the ledger need not keep goes in small steps; what waits or is undecided stays, and numbers by day do.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use dingmirror::{
    clock::Clock,
    message::{AttemptOutcome, Day, MessageState, NewMessage, OnUnknown, RecipientState},
    page::PageRequest,
    store::{AttemptResult, Forgotten, ForgottenDay, RecipientQuery, Repetition, Store},
};
use uuid::Uuid;

use super::fill::many_recipients;
use crate::{
    store::{accepted, message, open},
    support::{
        database::TestDatabase,
        outbox::claim,
        server::{TestDingTalk, TestServer, config},
    },
};

const TTL: Duration = Duration::from_mins(5);

fn now() -> DateTime<Utc> {
    Clock::system().now()
}

async fn taken_in(store: &Store, new: NewMessage) -> Uuid {
    let id = new.id;
    store.insert_message(new).await.unwrap();
    id
}

fn done(users: &[&str], state: RecipientState) -> NewMessage {
    let mut new = message(None, users);
    new.state = MessageState::Done;
    new.recipients.iter_mut().for_each(|it| it.state = state);
    new
}

/// Forgets everything from before `cutoff`, in its steps.
async fn forget(store: &Store, cutoff: DateTime<Utc>) -> Vec<Forgotten> {
    let (mut steps, mut place) = (Vec::new(), None);
    loop {
        let step = store.forget_messages(cutoff, place.as_ref()).await.unwrap();
        place = step.next.clone();
        steps.push(step);
        if place.is_none() {
            return steps;
        }
    }
}

both_databases!(
    async fn what_is_over_goes_and_what_waits_or_is_undecided_stays(database: TestDatabase) {
        let store = open(database).await;
        let over = taken_in(&store, done(&["a", "b"], RecipientState::Read)).await;
        let suppressed = taken_in(&store, done(&["a"], RecipientState::Suppressed)).await;

        let waiting = taken_in(&store, message(None, &["a", "b"])).await;
        let batch = claim(&store, 1, "w", TTL).await.unwrap();
        store.finish_attempt(batch.call_id, accepted(1)).await.unwrap();

        let mut sending = message(None, &["c"]);
        sending.rendered = "another".into();
        let sending = taken_in(&store, sending).await;
        while let Some(batch) = claim(&store, 1, "w", TTL).await {
            if batch.messages != [sending] {
                // Nobody waits any more, and DingTalk is asked about it yet.
                store.finish_attempt(batch.call_id, accepted(2)).await.unwrap();
            }
        }

        let mut doubtful = message(None, &["d"]);
        doubtful.rendered = "in doubt".into();
        doubtful.on_unknown = OnUnknown::RepeatSameDay;
        let doubtful = taken_in(&store, doubtful).await;
        let batch = claim(&store, 1, "w", TTL).await.unwrap();
        let unknown = AttemptResult {
            outcome: AttemptOutcome::Unknown,
            recipient_state: RecipientState::Unknown,
            follow_up_at: None,
            repetition: Some(Repetition {
                not_before: now() + TimeDelta::minutes(10),
                until: now() + TimeDelta::hours(2),
                at_most: 3,
            }),
            ..accepted(3)
        };
        store.finish_attempt(batch.call_id, unknown).await.unwrap();

        // The list of a large one that nobody has asked for yet.
        let names: Vec<String> = (0..150).map(|n| format!("user {n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let list = taken_in(&store, done(&names, RecipientState::Suppressed)).await;

        let steps = forget(&store, now() + TimeDelta::days(1)).await;
        assert_eq!(steps.iter().map(|it| it.messages).sum::<u64>(), 2, "{steps:?}");
        for (id, is_there) in [
            (over, false),
            (suppressed, false),
            (waiting, true),
            (sending, true),
            (doubtful, true),
            (list, true),
        ] {
            assert_eq!(store.message(id).await.unwrap().is_some(), is_there, "{id}");
        }
        assert_eq!(
            store
                .recipients(waiting, &[], PageRequest::new(9, None))
                .await
                .unwrap()
                .items
                .len(),
            2
        );
        let gone = RecipientQuery {
            message: Some(over),
            ..RecipientQuery::default()
        };
        assert_eq!(store.count_recipients(&gone).await.unwrap(), 0);

        let day = ForgottenDay {
            day: Day::of(now()),
            messages: 2,
            recipients: BTreeMap::from([(RecipientState::Read, 2), (RecipientState::Suppressed, 1)]),
        };
        assert_eq!(store.forgotten_days(None, 10).await.unwrap(), [day]);

        // A day and an hour later nobody asks about it any more.
        store.give_up_follow_ups(now() + TimeDelta::hours(26)).await.unwrap();
        store.unfold().await.unwrap();
        forget(&store, now() + TimeDelta::days(1)).await;
        assert_eq!(store.message(waiting).await.unwrap(), None);
        assert_eq!(store.message(list).await.unwrap(), None);
        assert!(store.message(doubtful).await.unwrap().is_some());
    }
);

both_databases!(
    async fn many_go_in_small_steps_the_oldest_first_and_are_counted_by_day(database: TestDatabase) {
        let store = open(database).await;
        let mut beside = database.beside().await;
        many_recipients(&mut beside, 365).await;
        // One that is larger than a step.
        let names: Vec<String> = (0..4_500).map(|n| format!("user {n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let large = taken_in(&store, done(&names, RecipientState::Read)).await;
        store.unfold().await.unwrap();

        let before = store.count_states(&RecipientQuery::default()).await.unwrap();
        let steps = forget(&store, now() - TimeDelta::days(100)).await;
        assert!(
            steps.len() > 10 && steps.iter().all(|it| it.recipients <= 2_000),
            "{steps:?}"
        );
        let oldest = store.forgotten_days(None, 500).await.unwrap();
        let left = store.count_states(&RecipientQuery::default()).await.unwrap();
        assert!(oldest.len() > 250 && oldest.iter().all(|it| it.day < Day::of(now() - TimeDelta::days(99))));
        assert!(
            left.values().sum::<u64>() > 4_500 + 90 * 100,
            "the young ones stay: {left:?}"
        );

        let steps = forget(&store, now() + TimeDelta::days(1)).await;
        assert!(steps.iter().all(|it| it.recipients <= 2_000), "{steps:?}");
        assert_eq!(store.message(large).await.unwrap(), None);
        let days = store.forgotten_days(None, 500).await.unwrap();

        let mut counted = BTreeMap::new();
        for day in &days {
            for (state, count) in &day.recipients {
                *counted.entry(*state).or_insert(0) += count;
            }
        }
        assert_eq!(counted, before, "each is counted once");
        assert_eq!(days.iter().map(|day| day.messages).sum::<u64>(), 366);
        let second = store.forgotten_days(Some(days[0].day), 1).await.unwrap();
        assert_eq!(second, days[1..2]);
    }
);

both_databases!(
    async fn sends_that_dingtalk_has_nothing_to_say_of_any_more_are_given_up(database: TestDatabase) {
        let store = open(database).await;
        for n in 0..3 {
            let mut new = message(None, &["a"]);
            new.rendered = format!("content {n}");
            store.insert_message(new).await.unwrap();
            let batch = claim(&store, 1, "w", TTL).await.unwrap();
            store.finish_attempt(batch.call_id, accepted(n)).await.unwrap();
        }
        let soon = now() + TimeDelta::seconds(1);
        assert_eq!(store.tasks_to_follow_up(10, soon, "app").await.unwrap().len(), 3);
        assert_eq!(
            store.give_up_follow_ups(now() + TimeDelta::hours(24)).await.unwrap(),
            0,
            "too early"
        );

        assert_eq!(store.give_up_follow_ups(now() + TimeDelta::hours(26)).await.unwrap(), 3);
        assert_eq!(
            store.give_up_follow_ups(now() + TimeDelta::hours(26)).await.unwrap(),
            0,
            "once"
        );
        assert!(store.tasks_to_follow_up(10, soon, "app").await.unwrap().is_empty());
    }
);

both_databases!(
    async fn a_server_forgets_as_its_setting_says_and_tells_the_days(database: TestDatabase) {
        let store = open(database).await;
        let mut beside = database.beside().await;
        many_recipients(&mut beside, 365).await;
        drop(store);

        let dingtalk = TestDingTalk::start(5, 2).await;
        let mut config = config(database.target(), &dingtalk);
        config.delivery.keep_messages = Some(Duration::from_hours(24 * 100));
        let server = TestServer::start_with(config).await;
        // Nothing is forgotten by a clock before DingTalk has confirmed it.
        server.configure(dingtalk.settings()).await;
        let count = "{ messages { totalCount } forgottenMessageDays(first: 2) { day messages recipientCounts { state count } } }";
        let mut answer = serde_json::Value::Null;
        for _ in 0..200 {
            answer = server.data(count, serde_json::json!({})).await;
            if answer["messages"]["totalCount"].as_u64().unwrap() <= 100 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }

        let left = answer["messages"]["totalCount"].as_u64().unwrap();
        assert!((98..=100).contains(&left), "{answer:#}");
        let days = answer["forgottenMessageDays"].as_array().unwrap();
        assert_eq!(days.len(), 2, "{answer:#}");
        let last = days[1]["day"].as_str().unwrap();
        let before = format!("{{ forgottenMessageDays(before: \"{last}\", first: 1) {{ day }} }}");
        let earlier = server.data(&before, serde_json::json!({})).await;
        assert!(
            earlier["forgottenMessageDays"][0]["day"].as_str().unwrap() < last,
            "{earlier:#}"
        );
        server.stop().await;
    }
);
