//! Questions over many recipients, and claims beside them: docs/benchmarks.md says how to make the table.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use dingmirror::{
    clock::Clock,
    message::{MessageState, RecipientState},
    page::PageRequest,
    store::{MessageQuery, RecipientQuery, Store},
};

use super::{
    fill::{EACH, many_recipients},
    upgrade::upgraded,
};
use crate::{
    store::{accepted, message, open},
    support::{database::TestDatabase, outbox::claim},
};

/// Recipients of the long form, unless `LARGE_TABLES_RECIPIENTS` says otherwise.
const MANY: u64 = 5_000_000;
/// How often each question is asked.
const ROUNDS: usize = 11;
/// Askers beside the claims.
const ASKERS: usize = 12;
/// Claims measured.
const CLAIMS: usize = 60;
const TTL: Duration = Duration::from_mins(5);

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// Filters of recipients as people ask.
fn recipient_filters() -> Vec<(&'static str, RecipientQuery)> {
    let day = |ago: i64| {
        let from = Clock::system().now() - TimeDelta::days(ago);
        (Some(from), Some(from + TimeDelta::days(1)))
    };
    let of = |query: RecipientQuery| query;
    let (from, before) = day(200);
    let past_day = RecipientQuery {
        created_from: from,
        created_before: before,
        ..RecipientQuery::default()
    };
    let caller = Some("caller 3".to_owned());
    let rare = vec![RecipientState::Failed];

    vec![
        ("none", of(RecipientQuery::default())),
        (
            "a state of long ago",
            of(RecipientQuery {
                states: rare.clone(),
                ..RecipientQuery::default()
            }),
        ),
        (
            "three states, one never",
            of(RecipientQuery {
                states: vec![RecipientState::Read, RecipientState::Failed, RecipientState::Expired],
                ..RecipientQuery::default()
            }),
        ),
        ("a past day", past_day.clone()),
        (
            "a past day and a state that it has nobody of",
            of(RecipientQuery {
                states: rare.clone(),
                ..past_day.clone()
            }),
        ),
        (
            "a caller",
            of(RecipientQuery {
                caller: caller.clone(),
                ..RecipientQuery::default()
            }),
        ),
        (
            "a caller and a past day",
            of(RecipientQuery {
                caller: caller.clone(),
                ..past_day.clone()
            }),
        ),
        (
            "a caller and a state of long ago",
            of(RecipientQuery {
                caller: caller.clone(),
                states: rare,
                ..RecipientQuery::default()
            }),
        ),
        (
            "a person",
            of(RecipientQuery {
                userid: Some("user 77".into()),
                ..RecipientQuery::default()
            }),
        ),
        (
            "a person, named, and a state",
            of(RecipientQuery {
                userid: Some("user 77".into()),
                named: true,
                states: vec![RecipientState::Read],
                ..RecipientQuery::default()
            }),
        ),
        (
            "a person and a caller",
            of(RecipientQuery {
                userid: Some("user 77".into()),
                caller,
                ..RecipientQuery::default()
            }),
        ),
    ]
}

fn message_filters() -> Vec<(&'static str, MessageQuery)> {
    let from = Clock::system().now() - TimeDelta::days(200);
    let rare = vec![RecipientState::Failed];
    vec![
        ("none", MessageQuery::default()),
        (
            "a caller and a past day",
            MessageQuery {
                caller: Some("caller 3".into()),
                created_from: Some(from),
                created_before: Some(from + TimeDelta::days(1)),
                ..MessageQuery::default()
            },
        ),
        (
            "a state that none is in",
            MessageQuery {
                states: vec![MessageState::Recalled],
                ..MessageQuery::default()
            },
        ),
        (
            "a key that nobody used",
            MessageQuery {
                idempotency_key: Some("no key".into()),
                ..MessageQuery::default()
            },
        ),
        (
            "a person",
            MessageQuery {
                userid: Some("user 77".into()),
                ..MessageQuery::default()
            },
        ),
        (
            "a recipient's state of long ago",
            MessageQuery {
                recipient_states: rare.clone(),
                ..MessageQuery::default()
            },
        ),
        (
            "a caller and a recipient's state of long ago",
            MessageQuery {
                caller: Some("caller 3".into()),
                recipient_states: rare,
                ..MessageQuery::default()
            },
        ),
    ]
}

async fn ask_recipients(store: &Store, query: &RecipientQuery) -> Duration {
    let began = Instant::now();
    store.find_recipients(query, PageRequest::new(50, None)).await.unwrap();
    began.elapsed()
}

async fn ask_messages(store: &Store, query: &MessageQuery) -> Duration {
    let began = Instant::now();
    store.messages(query, PageRequest::new(50, None)).await.unwrap();
    began.elapsed()
}

/// Claims and records, one after another; the median of both together.
async fn claims(store: &Store) -> Duration {
    for n in 0..CLAIMS {
        let users: Vec<String> = (0..50).map(|at| format!("waiting {n} {at}")).collect();
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        let mut new = message(None, &users);
        new.rendered = uuid::Uuid::new_v4().to_string();
        store.insert_message(new).await.unwrap();
    }

    let mut times = Vec::new();
    loop {
        let began = Instant::now();
        let Some(batch) = claim(store, 100, "w", TTL).await else {
            break;
        };
        store.finish_attempt(batch.call_id, accepted(7)).await.unwrap();
        times.push(began.elapsed());
    }

    assert!(times.len() >= CLAIMS);
    median(times)
}

/// Claims beside people who ask without a pause.
async fn claims_beside_questions(store: &Store) -> Duration {
    let stop = Arc::new(AtomicBool::new(false));
    let askers: Vec<_> = (0..ASKERS)
        .map(|n| {
            let (store, stop) = (store.clone(), stop.clone());
            tokio::spawn(async move {
                let filters = recipient_filters();
                for (_, query) in filters.iter().cycle().skip(n) {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    // A question that is told to come back later does.
                    drop(store.find_recipients(query, PageRequest::new(50, None)).await);
                    drop(store.count_states(query).await);
                }
            })
        })
        .collect();

    tokio::time::sleep(Duration::from_millis(500)).await;
    let beside = claims(store).await;
    stop.store(true, Ordering::Relaxed);
    for asker in askers {
        asker.await.unwrap();
    }
    beside
}

/// The table, as Markdown.
async fn table(recipients: u64) -> String {
    let database = TestDatabase::postgres().await;
    let store = open(&database).await;
    let began = Instant::now();
    many_recipients(&mut database.beside().await, recipients / EACH).await;
    println!("filled {recipients} recipients in {:?}", began.elapsed());

    let idle = claims(&store).await;
    let mut table = format!("| question over {recipients} recipients | median, ms |\n|---|---|\n");
    for (name, query) in recipient_filters() {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            times.push(ask_recipients(&store, &query).await);
        }
        writeln!(table, "| recipients: {name} | {:.1} |", ms(median(times))).unwrap();
    }
    for (name, query) in message_filters() {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            times.push(ask_messages(&store, &query).await);
        }
        writeln!(table, "| messages: {name} | {:.1} |", ms(median(times))).unwrap();
    }
    let began = Instant::now();
    store.count_states(&RecipientQuery::default()).await.unwrap();
    writeln!(table, "| recipientCounts of all | {:.1} |", ms(began.elapsed())).unwrap();

    let beside = claims_beside_questions(&store).await;
    writeln!(
        table,
        "\nA claim with its record: {:.1} ms idle, {:.1} ms beside {ASKERS} who ask without a pause: ratio {:.2}.",
        ms(idle),
        ms(beside),
        beside.as_secs_f64() / idle.as_secs_f64()
    )
    .unwrap();
    drop(store);
    database.remove().await;
    table
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_question_is_asked_beside_claims() {
    println!("{}", table(20_000).await);
}

#[ignore = "minutes, and gigabytes of disk"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_over_millions_of_recipients() {
    let recipients = std::env::var("LARGE_TABLES_RECIPIENTS").map_or(MANY, |text| text.parse().unwrap());
    let table = table(recipients).await;
    println!("{table}");
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/large-tables.md"), &table).unwrap();
}

#[ignore = "minutes, and gigabytes of disk"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_millions_is_upgraded_with_a_server_on_it() {
    let recipients = std::env::var("LARGE_TABLES_RECIPIENTS").map_or(MANY, |text| text.parse().unwrap());
    let database = TestDatabase::postgres().await;
    let (former, present, took) = upgraded(&database, recipients / EACH).await;
    println!(
        "upgrade of {recipients} recipients: {took:?}; longest request of the former version {former:?}, of this one {present:?}"
    );
    database.remove().await;
}
