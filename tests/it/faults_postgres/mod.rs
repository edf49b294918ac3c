//! The storage fault table of Postgres: what was acknowledged is there afterwards, or its caller had an error, or the
//! loss is noticed and said; `/readyz` tells the truth; and work goes on by itself.

mod conflicts;
mod failover;
mod isolation;
mod pooler;
mod refusals;
mod silent;

use std::time::{Duration, Instant};

use dingmirror::{message::Pace, store::Target};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::support::{
    cluster::Cluster,
    server::{TestDingTalk, TestServer, config},
};

const SAVE: &str = "mutation ($input: SaveMessageTemplateInput!) {
    saveMessageTemplate(input: $input) { template { version } userErrors { code message } } }";

const EPOCH: &str = "{ mirror { epoch revision } }";

/// What a store opens at this port.
fn target(port: u16) -> Target {
    Target::Postgres {
        url: Cluster::url(port).into(),
        max_connections: 8,
    }
}

/// A replica that syncs and sends only when it is told to.
async fn replica(port: u16, dingtalk: &TestDingTalk) -> TestServer {
    let mut config = config(target(port), dingtalk);
    config.sync_on_start = false;
    config.delivery.pace = Pace {
        recipients_a_minute: 1_000_000,
        calls_a_second: 10_000,
    };
    TestServer::start_with(config).await
}

/// Asks to keep a template: the new version where that was acknowledged, and the answer otherwise.
async fn save(server: &TestServer, name: &str, text: &str, expected: Option<&str>) -> Result<String, Value> {
    let input = json!({ "name": name, "content": { "text": { "content": text } }, "expectedVersion": expected });
    let answer = server
        .graphql(&server.admin_token(), SAVE, json!({ "input": input }))
        .await;
    let version = answer["data"]["saveMessageTemplate"]["template"]["version"].as_str();
    version.map(str::to_owned).ok_or(answer)
}

/// The stable code of an answer's first error.
fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

async fn ready(server: &TestServer) -> bool {
    let answer = server.http.get(format!("{}/readyz", server.base)).send().await.unwrap();
    answer.status().is_success()
}

/// A fault has to be told within seconds: an answer counts for one, and a proof takes at most three.
async fn until_not_ready(server: &TestServer) {
    let began = Instant::now();
    while ready(server).await {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "/readyz says that it is ready"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits for something that comes by itself.
async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if is().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it does not happen: {what}");
}

/// Waits until somebody waits for a row that another transaction holds.
async fn until_somebody_waits(beside: &mut PgConnection) {
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..300 {
        let waiting: i64 = sqlx::query_scalar(waits).fetch_one(&mut *beside).await.unwrap();
        if waiting > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody waits");
}
