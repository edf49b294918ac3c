//! Clocks that are wrong: ahead, behind, jumping, drifting, of two replicas, with a restart in between. No test here
//! compares anything with a clock that is right but the simulator's own.

mod future;
mod machines;
mod table;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use dingmirror::{clock::Clock, config::Config, message::RecipientState, store::Target};
use serde_json::{Value, json};

use crate::support::server::{TestDingTalk, TestServer, config};

/// A machine whose clock is set by hand and may drift.
#[derive(Clone)]
struct Machine {
    ahead: Arc<AtomicI64>,
    /// Seconds that it gains in each second.
    drift: f64,
}

impl Machine {
    fn ahead(seconds: i64) -> Self {
        Self {
            ahead: Arc::new(AtomicI64::new(seconds)),
            drift: 0.0,
        }
    }

    fn drifting(drift: f64) -> Self {
        Self {
            drift,
            ..Self::ahead(0)
        }
    }

    fn set(&self, ahead: i64) {
        self.ahead.store(ahead, Relaxed);
    }

    fn clock(&self) -> Clock {
        let (machine, began) = (self.clone(), Instant::now());
        Clock::of_machine(move || {
            let drifted = began.elapsed().as_secs_f64() * machine.drift;
            let drifted = TimeDelta::milliseconds((drifted * 1_000.0) as i64);
            Utc::now() + TimeDelta::seconds(machine.ahead.load(Relaxed)) + drifted
        })
    }
}

/// A server that syncs by its timer alone and follows up at once.
fn impatient(target: Target, dingtalk: &TestDingTalk) -> Config {
    let mut config = config(target, dingtalk);
    config.sync_interval = Some(Duration::from_secs(3_600));
    config.sync_on_start = false;
    config.delivery.follow_up_every = Duration::from_millis(250);
    config.delivery.poll = Duration::from_millis(100);
    config
}

/// Sends something new to these people; the message's id.
async fn send(server: &TestServer, users: &[&str]) -> String {
    let query =
        "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { message } } }";
    let content = json!({"text": {"content": format!("Page changed {}", uuid::Uuid::new_v4())}});
    let sent = server
        .data(
            query,
            json!({"input": {"recipients": {"userIds": users}, "content": content}}),
        )
        .await;

    let id = &sent["sendMessage"]["message"]["id"];
    id.as_str().unwrap_or_else(|| panic!("{sent}")).to_owned()
}

async fn states(server: &TestServer, id: &str) -> Vec<RecipientState> {
    let query = "query ($id: ID!) { node(id: $id) { ... on Message { recipients(first: 100) { nodes { state } } } } }";
    let told = server.data(query, json!({ "id": id })).await;
    let nodes = told["node"]["recipients"]["nodes"].as_array().cloned().unwrap();
    let state = |node: Value| serde_json::from_value(node["state"].clone()).unwrap();
    nodes.into_iter().map(state).collect()
}

/// Waits until DingTalk has told what became of each one.
async fn delivered(server: &TestServer, id: &str, what: &str) {
    let arrived = [RecipientState::DeliveredUnread, RecipientState::Read];
    for _ in 0..300 {
        let states = states(server, id).await;
        if states.iter().all(|state| arrived.contains(state)) {
            return;
        }
        assert!(!states.contains(&RecipientState::Expired), "{what}: {states:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let query =
        "query ($id: ID!) { node(id: $id) { ... on Message { recipients(first: 3) { nodes { state reason } } } } }";
    let told = server.data(query, json!({ "id": id })).await;
    panic!("{what}: {told}");
}

/// Waits until a sync by the timer has ended that is none of the future.
async fn synced(server: &TestServer, what: &str) {
    for _ in 0..300 {
        if server.services.store.last_finished_run().await.unwrap().is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}: no sync by the timer");
}

/// `/readyz`.
async fn ready(server: &TestServer) -> (u16, Value) {
    let answer = server.http.get(format!("{}/readyz", server.base)).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Some people who can be sent to.
async fn people(dingtalk: &TestDingTalk, count: usize) -> Vec<String> {
    let everybody = crate::delivery::mirrored(dingtalk).await;
    let active = everybody.iter().filter(|user| user.facts.active == Some(true));
    active.map(|user| user.facts.userid.to_string()).take(count).collect()
}
