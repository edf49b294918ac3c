//! A replica whose address DingTalk doesn't accept leaves the events to the others.

use std::time::{Duration, Instant};

use dingmirror::{directory::RecordState, sync::SyncConfig};
use serde_json::json;

use super::rig::{Rig, on_request};
use crate::support::database::TestDatabase;

fn acting() -> SyncConfig {
    SyncConfig {
        events: true,
        ..on_request()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_whose_address_is_not_accepted_leaves_events_to_those_who_are_answered() {
    let database = TestDatabase::postgres().await;
    let rig = Rig::new(&database, 57, 8, None).await;
    rig.quiet().sync().await;

    // The same company, asked from another address.
    let there = Rig::new(&database, 57, 8, None).await;
    there.fault(json!({ "kind": "errcode", "code": 60020, "msg": "访问ip不在白名单之中", "wrapped": true }));
    let barred = there.replica(acting(), 10_000);
    let started = Instant::now();
    while rig.store.is_lease_free("events").await.unwrap() {
        assert!(started.elapsed() < Duration::from_secs(20), "nobody acts on events");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let able = rig.replica(acting(), 10_000);

    let leaver = rig.people()[20].clone();
    let told = rig.newest_event();
    rig.edit(json!({ "edit": "leave", "userid": leaver }));
    rig.deliver(told).await;
    let started = Instant::now();
    while able
        .snapshot()
        .user(&leaver)
        .is_none_or(|it| it.standing.state != RecordState::Gone)
    {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "the event is over, and they are there"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    barred.stop().await;
    able.stop().await;
    drop((rig, there));
    database.remove().await;
}
