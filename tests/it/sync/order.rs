//! An older reading never overwrites a newer one, whoever read it, and whether it changed anything or not.

use std::time::Duration;

use dingmirror::{
    directory::{RecordState, RunMode, RunState, RunTrigger, Snapshot, Verdict},
    settings::Api,
    sync::SyncConfig,
};
use serde_json::{Value, json};

use super::{
    company::{mirrored, real},
    rig::{Replica, Rig, on_request},
};
use crate::support::database::TestDatabase;

/// So long one answer is waited for, in which everything else happens.
const SLOW: u64 = 6_000;

/// One that syncs, and one that acts on events.
fn replicas(rig: &Rig) -> [Replica; 2] {
    let acting = SyncConfig {
        events: true,
        ..on_request()
    };
    [rig.quiet(), rig.replica(acting, 10_000)]
}

fn slow(rig: &Rig, api: Api, userid: &str) {
    rig.fault(json!({ "api": api.path(), "userid": userid, "count": 1, "kind": "slow", "ms": SLOW }));
}

fn titles(rig: &Rig, people: &[String], title: &dyn Fn(usize) -> Value) {
    let edits = people.iter().enumerate();
    let edits = edits.map(|(n, id)| json!({ "edit": "update_user", "userid": id, "fields": { "title": title(n) } }));
    rig.edit(Value::Array(edits.collect()));
}

async fn begun(replica: &Replica, mode: RunMode) -> uuid::Uuid {
    let started = replica.engine.start(RunTrigger::Request, mode, None).await.unwrap();
    // By then everybody was read but the one whose answer is slow.
    tokio::time::sleep(Duration::from_secs(2)).await;
    started.run.id
}

both_databases!(
    async fn whoever_leaves_after_they_were_read_in_a_first_run_is_not_mirrored(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        let [syncing, _acting] = replicas(&rig);
        let them = rig.people();
        let told = rig.newest_event();
        slow(&rig, Api::UserGet, &them[40]);

        let run = begun(&syncing, RunMode::Full).await;
        let edits = them[20..25].iter().map(|id| json!({ "edit": "leave", "userid": id }));
        rig.edit(Value::Array(edits.collect()));
        rig.deliver(told).await;
        let run = syncing.end_of(run).await;

        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        assert_eq!(mirrored(&syncing.snapshot()), real(&rig.truth()), "{run:?}");
    }
);

async fn changed_and_taken_back(rig: Rig) {
    let [syncing, _acting] = replicas(&rig);
    syncing.sync().await;
    let them = rig.people();
    let before = rig.truth();
    let before = before["users"].as_array().unwrap();
    titles(&rig, &them[10..40], &|_| json!("For a moment"));
    titles(&rig, &them[50..51], &|_| json!("For good"));
    let told = rig.newest_event();
    slow(&rig, Api::UserGet, &them[50]);

    let run = begun(&syncing, RunMode::Full).await;
    titles(&rig, &them[10..40], &|n| before[10 + n]["title"].clone());
    rig.deliver(told).await;
    let run = syncing.end_of(run).await;

    assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
    assert_eq!(mirrored(&syncing.snapshot()), real(&rig.truth()), "{run:?}");
}

both_databases!(
    async fn what_was_changed_and_taken_back_while_lists_were_read_is_as_it_was(database: TestDatabase) {
        changed_and_taken_back(Rig::new(database, 60, 8, None).await).await;
    }
);

both_databases!(
    async fn what_was_changed_and_taken_back_while_records_were_read_is_as_it_was(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        rig.set(|settings| drop(settings.urls.remove(&Api::UserList)));
        changed_and_taken_back(rig).await;
    }
);

both_databases!(
    async fn whoever_is_back_after_a_run_found_them_gone_is_not_removed(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        let [syncing, _acting] = replicas(&rig);
        syncing.sync().await;
        let them = rig.people();
        let (ben, carl) = (&them[20], &them[21]);
        let truth = rig.truth();
        let record = truth["users"].as_array().unwrap()[20].clone();

        let told = rig.newest_event();
        rig.edit(json!([{ "edit": "leave", "userid": ben }, { "edit": "leave", "userid": carl }]));
        slow(&rig, Api::UserGet, carl);
        let run = begun(&syncing, RunMode::Full).await;

        let departments: Vec<&Value> = record["departments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["dept_id"])
            .collect();
        rig.edit(json!({ "edit": "hire", "userid": ben, "departments": departments }));
        rig.deliver(told).await;
        let run = syncing.end_of(run).await;

        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        let state = |id: &str| syncing.snapshot().user(id).unwrap().standing.state;
        assert_eq!(
            (state(ben), state(carl)),
            (RecordState::Active, RecordState::Gone),
            "{run:?}"
        );
        assert_eq!(mirrored(&syncing.snapshot()), real(&rig.truth()), "{run:?}");
    }
);

both_databases!(
    async fn what_was_taken_back_while_a_run_was_interrupted_is_as_it_was(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        rig.set(|settings| drop(settings.urls.remove(&Api::UserList)));
        let replica = rig.quiet();
        replica.sync().await;
        let them = rig.people();
        let before = rig.truth();
        let before = before["users"].as_array().unwrap();

        titles(&rig, &them[10..40], &|_| json!("For a moment"));
        slow(&rig, Api::UserGet, &them[50]);
        let first = begun(&replica, RunMode::Full).await;
        replica.stop().await;

        titles(&rig, &them[10..40], &|n| before[10 + n]["title"].clone());
        let replica = rig.quiet();
        let loaded = rig.store.load_directory().await.unwrap();
        let loaded = Snapshot::build(loaded.revision, loaded.departments, loaded.users);
        replica.snapshots.publish(loaded);
        for id in &them[10..40] {
            let refreshed = replica.engine.refresh_user(id.as_str().into(), "test").await.unwrap();
            assert_eq!(refreshed.revision, None, "as the mirror has it");
        }

        let run = replica.sync().await;
        assert_eq!(
            (run.id, run.state, run.verdict),
            (first, RunState::Finished, Some(Verdict::Complete)),
            "{run:?}"
        );
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);
