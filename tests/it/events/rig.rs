//! A server that takes events in, and a simulator that sends them.

use std::time::{Duration, Instant};

use dingmirror::{dingtalk::EventKeys, directory::RunState, intake::IntakeConfig};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer, config},
};

pub(super) const TOKEN: &str = "mryue123456";
pub(super) const AES_KEY: &str = "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7";

/// Longer than any event takes here.
const PATIENCE: Duration = Duration::from_secs(30);

/// How events come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Push,
    Stream,
}

pub(super) struct Rig {
    pub(super) dingtalk: TestDingTalk,
    pub(super) server: TestServer,
}

pub(super) fn intake(channel: Channel) -> IntakeConfig {
    IntakeConfig {
        keys: match channel {
            Channel::Push => vec![EventKeys::new(TOKEN, AES_KEY).unwrap()],
            Channel::Stream => Vec::new(),
        },
        corp_id: None,
        stream: channel == Channel::Stream,
    }
}

/// How events are delivered where hundreds are pushed at once: a push that a busy machine answers late is not pushed
/// again half a minute later, when the storm is over.
pub(super) fn patient() -> Value {
    json!({ "push_timeout_ms": 60_000 })
}

impl Rig {
    /// Both at work, the mirror complete, and events on their way.
    pub(super) async fn new(database: &TestDatabase, dingtalk: TestDingTalk, channel: Channel, rate: u32) -> Self {
        let rig = Self::unconnected(database, dingtalk, channel, rate).await;
        rig.connect(channel).await;
        rig
    }

    /// Both at work, and the mirror complete; whether events come remains to be seen.
    pub(super) async fn unconnected(
        database: &TestDatabase,
        dingtalk: TestDingTalk,
        channel: Channel,
        rate: u32,
    ) -> Self {
        let mut config = config(database.target(), &dingtalk);
        config.intake = intake(channel);
        config.calls_per_second = rate;
        let server = TestServer::start_with(config).await;
        server.configure(dingtalk.settings()).await;
        let rig = Self { dingtalk, server };

        let mut progress = rig.server.services.sync.progress();
        let ended = progress.wait_for(|run| run.as_ref().is_some_and(|run| run.state == RunState::Finished));
        tokio::time::timeout(Duration::from_secs(60), ended)
            .await
            .unwrap()
            .unwrap();
        rig
    }

    /// Tells the simulator where to push, or waits until the stream is open.
    pub(super) async fn connect(&self, channel: Channel) {
        match channel {
            Channel::Push => {
                let url = format!("{}/dingtalk/events", self.server.base);
                self.dingtalk
                    .tell(
                        reqwest::Method::PUT,
                        "push",
                        json!({ "url": url, "token": TOKEN, "aes_key": AES_KEY }),
                    )
                    .await;
            }
            Channel::Stream => {
                let started = Instant::now();
                while !self.server.services.intake.figures().stream_connected {
                    assert!(started.elapsed() < PATIENCE, "the stream is never opened");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    pub(super) async fn edit(&self, edits: Value) {
        self.dingtalk.tell(reqwest::Method::POST, "edits", edits).await;
    }

    /// Asks until the answer is right; gives how long that took.
    pub(super) async fn until(&self, query: &str, is_right: impl Fn(&Value) -> bool) -> Duration {
        self.until_within(PATIENCE, query, is_right).await
    }

    /// [`Self::until`] with a patience of its own: a thousand readings at the legal speed take a minute.
    pub(super) async fn until_within(
        &self,
        patience: Duration,
        query: &str,
        is_right: impl Fn(&Value) -> bool,
    ) -> Duration {
        let started = Instant::now();
        loop {
            let data = self.server.data(query, json!({})).await;
            if is_right(&data) {
                return started.elapsed();
            }
            assert!(started.elapsed() < patience, "it never arrives: {query} is {data:#}");
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }

    /// Waits until every event was acted upon.
    pub(super) async fn settled(&self) {
        let started = Instant::now();
        while self.server.services.store.count_pending_events().await.unwrap() > 0 {
            assert!(started.elapsed() < PATIENCE * 4, "events are left over");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) async fn calls(&self, path: &str) -> u64 {
        let calls = self.dingtalk.control("calls").await;
        calls["apis"][path]["total"].as_u64().unwrap_or(0)
    }
}
