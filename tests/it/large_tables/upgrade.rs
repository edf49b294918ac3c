//! A filled database gets this version's tables while another version serves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use dingmirror::{
    message::Content,
    page::PageRequest,
    store::{RecipientQuery, Store, StoreError},
};
use serde_json::json;
use sqlx::Row;
use tokio::task::JoinHandle;

use super::fill::{many_recipients, run};
use crate::{
    store::{migrated_before, open},
    support::{
        database::{Beside, TestDatabase},
        server::{TestDingTalk, TestServer},
    },
};

/// The first migration that the last release didn't have.
const FIRST: &str = "m0020";
/// The first that takes no transaction.
const ONLINE: &str = "m0024";

/// The tables as they were before the migration whose name begins so, with rows.
async fn filled_before(database: &TestDatabase, first: &str, messages: u64) -> Store {
    let store = open(database).await;
    migrated_before(&store, first).await.unwrap();
    many_recipients(&mut database.beside().await, messages).await;
    store
}

async fn number(beside: &mut Beside, sql: &'static str) -> i64 {
    let Beside::Postgres(connection) = beside else {
        unreachable!("it is Postgres")
    };
    sqlx::query(sql).fetch_one(&mut **connection).await.unwrap().get(0)
}

async fn until_an_index_is_being_made(beside: &mut Beside) {
    let making = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' \
                  AND query LIKE 'CREATE INDEX CONCURRENTLY%'";
    while number(beside, making).await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn broken_indexes(beside: &mut Beside) -> i64 {
    number(beside, "SELECT count(*) FROM pg_index WHERE NOT indisvalid").await
}

/// An upgrade beside a transaction that has changed recipients and isn't over.
struct Blocked {
    database: TestDatabase,
    store: Store,
    lasting: Beside,
    migrating: JoinHandle<Result<(), StoreError>>,
    beside: Beside,
}

impl Blocked {
    /// From the tables as they were before the migration whose name begins so.
    async fn from(first: &str) -> Self {
        let database = TestDatabase::postgres().await;
        let store = filled_before(&database, first, 50).await;
        let mut lasting = database.beside().await;
        lasting
            .run("BEGIN; UPDATE recipients SET reason = 'x' WHERE position = 1")
            .await;
        let migrating = tokio::spawn({
            let store = store.clone();
            async move { store.migrate().await }
        });

        let beside = database.beside().await;
        Self {
            database,
            store,
            lasting,
            migrating,
            beside,
        }
    }

    /// Somebody writes to the table, while nothing has become of the upgrade; then the transaction ends, and the
    /// upgrade does.
    async fn is_written_beside(&mut self, write: &'static str) {
        self.beside.run(write).await;
        assert!(!self.migrating.is_finished());
        self.lasting.run("COMMIT").await;
        (&mut self.migrating).await.unwrap().unwrap();
    }

    async fn end_migrated(self) {
        is_migrated(&self.store).await;
        drop((self.store, self.beside, self.lasting));
        self.database.remove().await;
    }
}

async fn is_migrated(store: &Store) {
    let all = store.migration_status().await.unwrap();
    assert!(all.iter().all(|(_, applied)| *applied), "{all:?}");
}

/// What a server of the former version says to the database, until it is stopped; the longest of it.
async fn former_server(mut beside: Beside, stop: Arc<AtomicBool>) -> Duration {
    let content = Content::Text { content: "x".into() };
    let content = serde_json::to_string(&content).unwrap();
    let mut longest = Duration::ZERO;
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let id = uuid::Uuid::now_v7();
        let send = format!(
            "BEGIN; INSERT INTO messages (id, caller, request_digest, content, rendered, state, created_at, msg_type, mode, \
             updated_at, expires_at, content_digest) \
             VALUES ('{id}', 'former', 'x', '{content}', '', 'QUEUED', now(), 'TEXT', 'ON', now(), now(), '{id}'); \
             INSERT INTO recipients (message_id, position, userid, state, updated_at, not_before, attempts, content_digest, lane) \
             SELECT '{id}', p, 'user ' || p, 'QUEUED', now(), now(), 0, '{id}', 0 FROM generate_series(0, 9) AS p; COMMIT"
        );
        let claim = format!(
            "BEGIN; UPDATE recipients SET state = 'SENDING', attempts = attempts + 1 WHERE id IN (SELECT id FROM recipients \
             WHERE state = 'QUEUED' AND lane = 0 AND not_before <= now() ORDER BY not_before, id LIMIT 10 FOR UPDATE SKIP LOCKED); \
             UPDATE recipients SET state = 'ACCEPTED', task_id = {n} WHERE message_id = '{id}' AND state = 'SENDING'; COMMIT"
        );
        let read = format!("SELECT state, count(*) FROM recipients WHERE message_id = '{id}' GROUP BY state");

        for sql in [send, claim, read] {
            let began = Instant::now();
            run(&mut beside, sql).await;
            longest = longest.max(began.elapsed());
        }
    }
    longest
}

/// Upgrades a database of so many messages, with servers on it; tells the longest request of the former version, of
/// this one, and how long the upgrade took.
pub async fn upgraded(database: &TestDatabase, messages: u64) -> (Duration, Duration, Duration) {
    let store = filled_before(database, FIRST, messages).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut former = Vec::new();
    if database.url().is_some() {
        for _ in 0..2 {
            former.push(tokio::spawn(former_server(database.beside().await, stop.clone())));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    drop(store);

    let dingtalk = TestDingTalk::start(5, 2).await;
    let began = Instant::now();
    let server = TestServer::start(database.target(), &dingtalk).await;
    let took = began.elapsed();

    let mut longest = Duration::ZERO;
    for query in [
        "{ recipients(filter: { states: [FAILED] }, first: 10) { nodes { state } } }",
        "{ recipients(filter: { caller: \"caller 3\" }, first: 10) { nodes { state } } }",
        "{ recipients(filter: { userId: \"user 7\" }, first: 10) { nodes { state } } }",
        "{ messages(first: 10) { nodes { recipientCounts { count } } } }",
    ] {
        let began = Instant::now();
        let answer = server.data(query, json!({})).await;
        longest = longest.max(began.elapsed());
        assert!(answer.is_object(), "{answer:#}");
    }

    // The former version goes on beside this one.
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::Relaxed);
    let mut of_former = Duration::ZERO;
    for one in former {
        of_former = of_former.max(one.await.unwrap());
    }
    is_migrated(&server.services.store).await;
    server.stop().await;
    (of_former, longest, took)
}

both_databases!(
    async fn a_filled_database_of_the_last_release_is_upgraded_with_a_server_on_it(database: TestDatabase) {
        let (former, present, took) = upgraded(database, 300).await;
        println!(
            "upgrade of 30,000 recipients: {took:?}; longest request of the former version {former:?}, of this one {present:?}"
        );
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_go_on_while_an_index_waits_for_a_long_transaction() {
    let mut upgrade = Blocked::from(ONLINE).await;
    until_an_index_is_being_made(&mut upgrade.beside).await;

    upgrade
        .is_written_beside("SET lock_timeout = '5s'; UPDATE recipients SET reason = 'y' WHERE position = 2")
        .await;
    assert_eq!(broken_indexes(&mut upgrade.beside).await, 0);
    upgrade.end_migrated().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_waits_for_a_long_transaction_without_keeping_others_from_the_table() {
    let mut upgrade = Blocked::from(FIRST).await;
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'recipients'::regclass \
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while number(&mut upgrade.beside, waits).await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    // For ever, if the change did.
    upgrade
        .is_written_beside("SET lock_timeout = '10s'; UPDATE recipients SET reason = 'y' WHERE position = 2")
        .await;
    upgrade.end_migrated().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_was_broken_off_is_made_anew() {
    let mut upgrade = Blocked::from(ONLINE).await;
    until_an_index_is_being_made(&mut upgrade.beside).await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() \
               AND query LIKE 'CREATE INDEX CONCURRENTLY%'";
    assert_eq!(number(&mut upgrade.beside, end).await, 1);
    let error = (&mut upgrade.migrating).await.unwrap().unwrap_err();
    assert!(matches!(error, StoreError::Unavailable), "{error:?}");
    assert_eq!(broken_indexes(&mut upgrade.beside).await, 1);

    upgrade.lasting.run("COMMIT").await;
    upgrade.store.migrate().await.unwrap();
    assert_eq!(broken_indexes(&mut upgrade.beside).await, 0);
    upgrade.end_migrated().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_upgrade_together_take_turns() {
    let database = TestDatabase::postgres().await;
    drop(filled_before(&database, FIRST, 200).await);
    let starts = (0..4).map(|_| {
        let target = database.target();
        tokio::spawn(async move {
            let clock = dingmirror::clock::Clock::system();
            let store = Store::connect(target, clock).await.unwrap();
            store.migrate().await.unwrap();
            is_migrated(&store).await;
            let all = RecipientQuery::default();
            store
                .find_recipients(&all, PageRequest::new(10, None))
                .await
                .unwrap()
                .items
                .len()
        })
    });

    for start in starts.collect::<Vec<_>>() {
        assert_eq!(start.await.unwrap(), 10);
    }
    assert_eq!(broken_indexes(&mut database.beside().await).await, 0);
    database.remove().await;
}
