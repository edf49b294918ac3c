//! A Postgres that takes no writes, as a standby or `default_transaction_read_only` does, answers every question.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

/// Longer than a new session and a proof take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const READ_ONLY: &str = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', \
                         current_database()); END $$";
const WRITABLE: &str = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', \
                        current_database()); END $$";
/// The setting is for new sessions.
const NEW_SESSIONS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                            WHERE datname = current_database() AND pid <> pg_backend_pid()";

async fn until(server: &TestServer, status: u16) -> Value {
    let started = Instant::now();
    loop {
        let answer = server.http.get(format!("{}/readyz", server.base)).send().await.unwrap();
        let reached = answer.status() == status;
        let body: Value = answer.json().await.unwrap();
        if reached {
            return body;
        }
        assert!(started.elapsed() < PATIENCE, "/readyz stays {body}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_takes_no_writes_is_not_ready_until_it_does_postgres() {
    let database = TestDatabase::postgres().await;
    let dingtalk = TestDingTalk::start(4, 2).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    until(&server, 200).await;

    let mut beside = database.beside().await;
    beside.run(READ_ONLY).await;
    beside.run(NEW_SESSIONS).await;
    let body = until(&server, 503).await;
    assert_eq!(body["status"], "not ready");

    // Still there, and answered from memory.
    let answer = server.data("{ mirror { revision } }", serde_json::json!({})).await;
    assert!(answer["mirror"]["revision"].is_string(), "{answer}");

    beside.run(WRITABLE).await;
    beside.run(NEW_SESSIONS).await;
    until(&server, 200).await;
    server.stop().await;
    drop(beside);
    database.remove().await;
}
