//! A push is answered when its row is durable, whatever DingTalk and the sync are doing.

use std::time::{Duration, Instant};

use dingmirror::{
    directory::{RunMode, RunState, RunTrigger},
    settings::Api,
};
use serde_json::json;

use super::{
    forged::{Pusher, joined},
    rig::{Channel, Rig},
};
use crate::support::{database::TestDatabase, server::TestDingTalk};

/// So soon a push is answered, at its best: other tests use the machine, too.
const SOON: Duration = Duration::from_millis(100);
const TRIES: usize = 20;

both_databases!(
    async fn a_push_is_answered_at_once_while_dingtalk_is_slow_and_a_sync_runs(database: TestDatabase) {
        let rig = Rig::new(database, TestDingTalk::start(60, 8).await, Channel::Push, 10_000).await;
        let slow: Vec<_> = [Api::UserGet, Api::UserList, Api::DepartmentGet, Api::DepartmentListSub]
            .into_iter()
            .map(|api| json!({ "api": api.path(), "kind": "slow", "ms": 4_000 }))
            .collect();
        rig.dingtalk.tell(reqwest::Method::POST, "faults", json!(slow)).await;
        let sync = &rig.server.services.sync;
        let run = sync.start(RunTrigger::Request, RunMode::Full, None).await.unwrap().run;

        let mut took = Vec::new();
        for n in 0..TRIES {
            let event = joined(&format!("newcomer{n}"));
            let honest = Pusher::honest(&rig);
            let asked = Instant::now();
            let (status, answer) = honest.push(&event).await;
            took.push(asked.elapsed());
            assert_eq!(status, 200, "{answer}");
            // Some of them are taken up meanwhile, and wait for DingTalk.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }

        let shown = sync.progress().borrow().clone().unwrap();
        assert_eq!(
            (shown.id, shown.state),
            (run.id, RunState::Running),
            "the sync is over: {shown:?}"
        );
        assert!(rig.server.services.store.count_pending_events().await.unwrap() > 0);
        took.sort_unstable();
        println!("answered after {took:?}");
        assert!(took[0] < SOON, "even the fastest of {TRIES}: {took:?}");
        rig.dingtalk.tell(reqwest::Method::DELETE, "faults", json!({})).await;
        rig.server.stop().await;
    }
);
