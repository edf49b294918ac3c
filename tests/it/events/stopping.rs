//! A server that stops leaves nothing behind that the next one has to wait for.

use std::time::{Duration, Instant};

use dingmirror::{clock::Clock, store::Store};
use serde_json::json;

use super::rig::{AES_KEY, Channel, Rig, TOKEN, intake};
use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer, config},
};

const FAILED: &str = "/call_back/get_call_back_failed_result";

/// Name of the lease of whoever acts on events.
const LEASE: &str = "events";

both_databases!(
    async fn the_lease_of_events_is_given_back_with_the_shutdown(database: TestDatabase) {
        let rig = Rig::new(database, TestDingTalk::start(10, 2).await, Channel::Push, 10_000).await;
        let store = rig.server.services.store.clone();
        let started = Instant::now();
        while store.is_lease_free(LEASE).await.unwrap() {
            assert!(started.elapsed() < Duration::from_secs(10), "nobody acts on events");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }

        rig.server.stop().await;
        assert!(
            store.is_lease_free(LEASE).await.unwrap(),
            "the next server must act on events at once"
        );
    }
);

/// Until the simulator says so.
async fn wait_for(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(10), "it never happens: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

both_databases!(
    async fn failed_pushes_that_were_asked_for_are_kept_before_the_process_ends(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(10, 2).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        server.stop().await;
        // Nobody listens there: every push fails, three times.
        dingtalk
            .tell(reqwest::Method::PUT, "events", json!({ "push_retry_ms": [1, 1] }))
            .await;
        let nowhere = json!({ "url": "http://127.0.0.1:9/dingtalk/events", "token": TOKEN, "aes_key": AES_KEY });
        dingtalk.tell(reqwest::Method::PUT, "push", nowhere).await;

        let renamed = json!({ "edit": "rename_department", "dept_id": 1, "name": "改名" });
        dingtalk.tell(reqwest::Method::POST, "edits", renamed).await;
        wait_for("the pushes fail", async || {
            let events = dingtalk.control("events").await;
            let attempts = events["deliveries"].as_array().unwrap().len() as u64;
            attempts > 0 && attempts == 3 * events["newest"].as_u64().unwrap()
        })
        .await;
        tokio::time::sleep(Duration::from_millis(100)).await;

        // DingTalk clears its list, and its answer is on its way when the process is told to end.
        let slow = json!({ "api": FAILED, "kind": "slow", "ms": 1_000, "after_effect": true });
        dingtalk.tell(reqwest::Method::POST, "faults", slow).await;
        let mut config = config(database.target(), &dingtalk);
        config.intake = intake(Channel::Push);
        let server = TestServer::start_with(config).await;
        wait_for("the list is read", async || {
            dingtalk.control("calls").await["apis"][FAILED]["total"].as_u64() >= Some(1)
        })
        .await;
        server.stop().await;

        let later = Clock::fixed(Clock::system().now() + chrono::Duration::days(1));
        let store = Store::connect(database.target(), later).await.unwrap();
        let kept = store.pending_events(0, 10).await.unwrap();
        assert!(!kept.is_empty(), "the events are nowhere any more");
        assert_eq!(
            store.failed_pushes_lost_at().await.unwrap(),
            None,
            "and nothing is to be made up for"
        );
    }
);

both_databases!(
    async fn failed_pushes_that_cannot_be_read_are_made_up_for_by_a_full_run(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(10, 2).await;
        let anna = dingtalk.control("directory").await["users"][5]["userid"].clone();
        let odd = json!({ "event_time": 1, "of_a_form_that_nobody_knows": { "UserId": ["anna"] } });
        let good =
            json!({ "call_back_tag": "user_modify_org", "event_time": 2, "user_modify_org": { "UserId": [anna] } });
        let list = json!({ "errcode": 0, "errmsg": "ok", "has_more": false, "failed_list": [odd, good] });
        dingtalk
            .tell(
                reqwest::Method::POST,
                "faults",
                json!({ "api": FAILED, "kind": "answer", "body": list }),
            )
            .await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        server.stop().await;

        let mut config = config(database.target(), &dingtalk);
        config.intake = intake(Channel::Push);
        let server = TestServer::start_with(config).await;
        wait_for("the other entry is kept", async || {
            server.services.intake.figures().received >= 1
        })
        .await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.stop().await;

        let later = Clock::fixed(Clock::system().now() + chrono::Duration::days(1));
        let later = Store::connect(database.target(), later).await.unwrap();
        let lost = later.failed_pushes_lost_at().await.unwrap();
        assert!(lost.is_some(), "what the odd entry told is known to nobody");
    }
);

both_databases!(
    async fn a_gateway_that_sends_everybody_away_is_asked_less_and_less(database: TestDatabase) {
        const OPEN: &str = "/v1.0/gateway/connections/open";
        let dingtalk = TestDingTalk::start(10, 2).await;
        let hasty = json!({ "lifetime_ms": 1, "close_after_ms": 1 });
        dingtalk.tell(reqwest::Method::PUT, "events", hasty).await;
        // Nobody stays long enough to be seen.
        let rig = Rig::unconnected(database, dingtalk, Channel::Stream, 10_000).await;
        tokio::time::sleep(Duration::from_secs(6)).await;
        let tickets = rig.calls(OPEN).await;
        // The waits between are at least half a second, one, two and four; what a sync does first comes on top.
        assert!((2..=6).contains(&tickets), "{tickets} tickets");
        rig.server.stop().await;
    }
);
