//! Events about what DingTalk doesn't tell: they wait for a DingTalk that is away, and one record keeps nobody else's
//! waiting.

use std::time::Duration;

use dingmirror::{
    backoff::Backoff, clock::Clock, dingtalk::Waits, directory::RecordState, settings::Api, sync::SyncConfig,
};
use serde_json::{Value, json};

use super::rig::{Replica, Rig, on_request};
use crate::support::database::TestDatabase;

/// Longer than ten tries take here.
const LONG: Duration = Duration::from_secs(8);

/// Acts on events, and asks again soon.
fn acting(rig: &Rig) -> Replica {
    let config = SyncConfig {
        events: true,
        between_tries: Duration::from_millis(20),
        ..on_request()
    };

    let quick = Backoff::new(Duration::from_millis(1), Duration::from_millis(5));
    let waits = Waits {
        busy: quick,
        token_failure: Duration::from_millis(1),
        token_renewal: Duration::ZERO,
        ..Waits::default()
    };
    rig.replica_with(config, 10_000, waits, Clock::system())
}

/// Waits until it is so.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..1_200 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never happens: {what}");
}

fn leave(rig: &Rig, leavers: &[String]) {
    let edits = leavers.iter().map(|id| json!({ "edit": "leave", "userid": id }));
    rig.edit(edits.collect());
}

fn of_user(id: &str, code: i64, msg: &str) -> Value {
    json!({ "api": Api::UserGet.path(), "userid": id, "kind": "errcode", "code": code, "msg": msg })
}

both_databases!(
    async fn events_wait_for_a_dingtalk_that_is_away_longer_than_ten_tries_take(database: TestDatabase) {
        let rig = Rig::new(database, 57, 8, None).await;
        let replica = acting(&rig);
        replica.sync().await;
        let them = rig.people();
        let token = Api::GetToken.path();
        let page = "<html><head><title>502 Bad Gateway</title></head>";

        for (n, fault) in [
            json!({ "api": Api::UserGet.path(), "kind": "busy" }),
            json!({ "api": Api::UserGet.path(), "kind": "answer", "status": 502, "body": page }),
            json!({ "api": token, "kind": "answer", "body": { "errcode": 15, "errmsg": "Remote service error" } }),
        ]
        .into_iter()
        .enumerate()
        {
            let leavers = &them[20 + 2 * n..22 + 2 * n];
            let told = rig.newest_event();
            rig.fault(fault.clone());
            rig.simulator.control().expire_tokens();
            leave(&rig, leavers);
            rig.receive(told).await;
            tokio::time::sleep(LONG).await;
            let waiting = rig.store.count_pending_events().await.unwrap();
            assert!(waiting >= 2, "{fault}: {waiting} wait, and nobody was read");
            assert!(leavers.iter().all(|id| replica.state(id) == RecordState::Active));

            rig.mend();
            let is_gone = || leavers.iter().all(|id| replica.state(id) == RecordState::Gone);
            until(&format!("{fault}: they are gone"), is_gone).await;
        }
    }
);

both_databases!(
    async fn a_record_that_is_refused_like_the_app_keeps_no_events_waiting(database: TestDatabase) {
        let rig = Rig::new(database, 57, 8, None).await;
        let replica = acting(&rig);
        replica.sync().await;
        let them = rig.people();
        for (n, (code, msg)) in [(43007, "需要授权"), (404, "请求的URI地址不存在")]
            .into_iter()
            .enumerate()
        {
            let (refused, others) = (&them[20 + n], &them[30 + 3 * n..33 + 3 * n]);
            rig.fault(of_user(refused, code, msg));
            let told = rig.newest_event();
            let titles = [refused].into_iter().chain(others);
            let edits = titles.map(|id| json!({ "edit": "update_user", "userid": id, "fields": { "title": msg } }));
            rig.edit(edits.collect());
            rig.receive(told).await;
            let has = |id: &String| replica.snapshot().user(id).unwrap().facts.title.as_deref() == Some(msg);
            until(&format!("{code}: the others are read"), || others.iter().all(has)).await;

            // Nobody but them changes: somebody is asked for who is there.
            let told = rig.newest_event();
            rig.edit(json!({ "edit": "update_user", "userid": refused, "fields": { "title": "Alone" } }));
            rig.deliver(told).await;
            rig.mend();
        }
    }
);

both_databases!(
    async fn an_app_that_is_refused_costs_no_event(database: TestDatabase) {
        let rig = Rig::new(database, 57, 8, None).await;
        let replica = acting(&rig);
        replica.sync().await;
        let them = rig.people();

        let told = rig.newest_event();
        rig.fault(json!({ "api": Api::UserGet.path(), "kind": "errcode", "code": 60011, "msg": "x", "wrapped": true }));
        let leavers = &them[20..23];
        leave(&rig, leavers);
        rig.receive(told).await;
        tokio::time::sleep(LONG).await;
        assert!(rig.store.count_pending_events().await.unwrap() >= 3);

        rig.mend();
        until("they are gone", || {
            leavers.iter().all(|id| replica.state(id) == RecordState::Gone)
        })
        .await;
    }
);
