//! What one replica revokes, the other refuses.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{issued, revoke, told};
use crate::{
    api_keys::{
        ends::{both_end, streamed, subscribed},
        server,
    },
    support::{
        database::TestDatabase,
        server::{TestDingTalk, TestServer},
    },
};

/// The promise.
const WITHIN: Duration = Duration::from_secs(2);

async fn until_refused(server: &TestServer, token: &str) {
    let started = Instant::now();
    while told(server, token).await.0 != 401 {
        assert!(started.elapsed() < WITHIN, "the other replica doesn't hear of it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_replica_revokes_the_other_refuses_within_two_seconds() {
    let database = TestDatabase::postgres_with_tables().await;
    let dingtalk = TestDingTalk::start(3, 2).await;
    let one = server(database.target(), &dingtalk).await;
    let other = server(database.target(), &dingtalk).await;

    // Either way, by id and by subject, and at several moments between two looks.
    for round in 0..6_u64 {
        let (here, there) = if round % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let subject = format!("plugin-{round}");
        let (token, beside) = (issued(&subject), issued("beside"));
        for server in [here, there] {
            assert_eq!(told(server, &token.token).await.0, 200);
        }
        tokio::time::sleep(Duration::from_millis(1_100 + 130 * round)).await;

        let input = if round < 3 {
            json!({ "tokenId": token.id })
        } else {
            json!({ "subject": subject })
        };
        revoke(here, input).await;
        assert_eq!(
            told(here, &token.token).await.0,
            401,
            "whoever revoked it refuses it at once"
        );
        until_refused(there, &token.token).await;
        assert_eq!(told(there, &beside.token).await.0, 200);
    }

    // And what is open there ends.
    let token = issued("listener");
    let (mut socket, stream) = (
        subscribed(&other, &token.token).await,
        streamed(&other, &token.token).await,
    );
    revoke(&one, json!({ "tokenId": token.id })).await;
    both_end(&mut socket, stream, "the token was revoked").await;

    one.stop().await;
    other.stop().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_that_a_restored_database_lacks_is_taken_back() {
    let database = TestDatabase::postgres_with_tables().await;
    let dingtalk = TestDingTalk::start(3, 2).await;
    let server = server(database.target(), &dingtalk).await;
    let token = issued("anna");
    revoke(&server, json!({ "tokenId": token.id })).await;
    assert_eq!(told(&server, &token.token).await.0, 401);

    // As it was before.
    let mut beside = database.beside().await;
    beside.run("DELETE FROM token_revocations").await;
    beside
        .run("DELETE FROM sync_marks WHERE name = 'token-revocations-changed'")
        .await;
    let started = Instant::now();
    while told(&server, &token.token).await.0 != 200 {
        assert!(started.elapsed() < WITHIN, "it still refuses what the database doesn't");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.stop().await;
    database.remove().await;
}
