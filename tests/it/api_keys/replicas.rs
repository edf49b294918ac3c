//! Keys of one replica on another.

use std::time::{Duration, Instant};

use super::{
    ends::{both_end, streamed, subscribed},
    is_taken, made, revoke, server,
};
use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

/// The promise.
const WITHIN: Duration = Duration::from_secs(2);

/// How long it takes until the server takes the key, or refuses it.
async fn until(server: &TestServer, key: &str, taken: bool) -> Duration {
    let started = Instant::now();
    while is_taken(server, key).await != taken {
        assert!(started.elapsed() < WITHIN, "the other replica doesn't hear of it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    started.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_replica_makes_and_revokes_the_other_takes_and_refuses_within_two_seconds() {
    let database = TestDatabase::postgres_with_tables().await;
    let dingtalk = TestDingTalk::start(3, 2).await;
    let one = server(database.target(), &dingtalk).await;
    let other = server(database.target(), &dingtalk).await;

    // Either way, and at several moments between two looks.
    for round in 0..6_u64 {
        let (here, there) = if round % 2 == 0 { (&one, &other) } else { (&other, &one) };
        tokio::time::sleep(Duration::from_millis(130 * round)).await;
        let (id, key) = made(here, "plugin", &["DIRECTORY_READ"]).await;
        assert!(is_taken(here, &key).await, "whoever made it takes it at once");
        until(there, &key, true).await;

        revoke(here, &id).await;
        assert!(!is_taken(here, &key).await, "whoever revoked it refuses it at once");
        until(there, &key, false).await;
    }

    one.stop().await;
    other.stop().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_open_on_another_replica_ends_with_the_key() {
    let database = TestDatabase::postgres_with_tables().await;
    let dingtalk = TestDingTalk::start(3, 2).await;
    let one = server(database.target(), &dingtalk).await;
    let other = server(database.target(), &dingtalk).await;
    let (id, key) = made(&one, "plugin", &["DIRECTORY_READ"]).await;
    until(&other, &key, true).await;
    let (mut socket, stream) = (subscribed(&other, &key).await, streamed(&other, &key).await);

    revoke(&one, &id).await;
    both_end(&mut socket, stream, "not in force any more").await;
    one.stop().await;
    other.stop().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_a_restored_database_lacks_is_taken_back() {
    let database = TestDatabase::postgres_with_tables().await;
    let dingtalk = TestDingTalk::start(3, 2).await;
    let server = server(database.target(), &dingtalk).await;
    let (_, key) = made(&server, "plugin", &["DIRECTORY_READ"]).await;

    // As it was before the key.
    let mut beside = database.beside().await;
    beside.run("DELETE FROM api_keys").await;
    beside
        .run("DELETE FROM sync_marks WHERE name = 'api-keys-changed'")
        .await;
    until(&server, &key, false).await;
    server.stop().await;
    database.remove().await;
}
