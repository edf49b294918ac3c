//! A run that was interrupted goes on where it was, in the same process or in another.

use std::{collections::BTreeSet, time::Duration};

use dingmirror::{
    clock::Clock,
    dingtalk::Waits,
    directory::{RunMode, RunState, RunTrigger, Snapshot, Verdict},
    settings::{Api, DeliveryMode},
    store::JournalLine,
};

use super::{
    company::{mirrored, real},
    rig::{Rig, on_request},
};
use crate::support::database::TestDatabase;

both_databases!(
    async fn an_interrupted_run_goes_on_and_asks_nothing_twice(database: TestDatabase) {
        let rig = Rig::new(database, 200, 25, None).await;
        let rate = 60;
        let mut stops = 0_u64;
        let mut replica = rig.replica(on_request(), rate);
        let first = replica
            .engine
            .start(RunTrigger::Request, RunMode::Full, None)
            .await
            .unwrap()
            .run
            .id;

        let run = loop {
            tokio::time::sleep(Duration::from_millis(700)).await;
            if stops < 4 {
                replica.stop().await;
                stops += 1;
                let row = rig.store.run(first).await.unwrap().unwrap();
                assert_eq!(row.state, RunState::Interrupted, "{row:?}");
                replica = rig.replica(on_request(), rate);
            }
            let again = replica
                .engine
                .start(RunTrigger::Request, RunMode::Full, None)
                .await
                .unwrap();
            assert_eq!(again.run.id, first, "the same run goes on");
            if stops == 4 {
                break replica.end_of(first).await;
            }
        };

        assert_eq!(
            (run.state, run.verdict),
            (RunState::Finished, Some(Verdict::Complete)),
            "{run:?}"
        );
        assert!(run.resumed >= 4 && run.counts.resumed_answers > 0, "{run:?}");
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));

        // 25 departments with three calls each, 200 records, one count; what was in flight at a stop is asked again.
        let fewest = 25 * 3 + 200 + 1;
        let calls = rig.all_calls();
        let in_flight = stops * 5 * 8;
        assert!(
            (fewest..=fewest + in_flight).contains(&calls),
            "{calls} calls where {fewest} are the fewest"
        );
        let counted: u64 = run.counts.calls.values().sum();
        assert!(
            counted >= fewest,
            "the calls of all processes are the run's: {:?}",
            run.counts.calls
        );

        // Each record was created once.
        let page = dingmirror::page::PageRequest::new(500, None);
        let log = rig.store.changes(page).await.unwrap().items;
        let ids: BTreeSet<_> = log.iter().map(|it| &it.change.entity).collect();
        assert_eq!((log.len(), ids.len()), (225, 225));
        assert!(
            rig.store.answers(first, 0, 1).await.unwrap().is_empty(),
            "what was kept for it is gone"
        );
    }
);

both_databases!(
    async fn other_settings_begin_anew(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        let replica = rig.replica(on_request(), 20);
        let first = replica
            .engine
            .start(RunTrigger::Request, RunMode::Full, None)
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(800)).await;
        replica.stop().await;

        let replica = rig.quiet();
        rig.set(|settings| settings.delivery_mode = DeliveryMode::Shadow);
        let run = replica.sync().await;
        assert!(run.id != first.run.id && run.resumed == 0);
        let old = rig.store.run(first.run.id).await.unwrap().unwrap();
        assert_eq!(old.state, RunState::Interrupted);
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn another_replica_takes_over_without_being_asked(database: TestDatabase) {
        let rig = Rig::new(database, 120, 12, None).await;
        let watching = dingmirror::sync::SyncConfig {
            interval: Some(Duration::from_secs(3_600)),
            ..on_request()
        };
        let leader = rig.replica(on_request(), 60);
        let first = leader
            .engine
            .start(RunTrigger::Request, RunMode::Full, None)
            .await
            .unwrap();

        let other = rig.replica(watching, 10_000);
        tokio::time::sleep(Duration::from_millis(900)).await;
        leader.stop().await;
        let run = other.end_of(first.run.id).await;
        let run = if run.state == RunState::Interrupted {
            other
                .wait_for(|run| run.id == first.run.id && run.state == RunState::Finished)
                .await
        } else {
            run
        };

        assert_eq!((run.state, run.resumed), (RunState::Finished, 1), "{run:?}");
        assert_eq!(mirrored(&other.snapshot()), real(&rig.truth()));
    }
);

/// Whether a run that was left behind so long ago is gone on with, and its answers count. A company of its own each:
/// runs are in the order of their time.
async fn left_behind(database: &TestDatabase, hours: i64) -> (bool, bool) {
    let rig = Rig::new(database, 60, 8, None).await;
    rig.set(|settings| drop(settings.urls.remove(&Api::UserList)));
    let then = Clock::fixed(Clock::system().now() - chrono::Duration::hours(hours));
    let replica = rig.replica_with(on_request(), 20, Waits::default(), then);
    let asked = replica.engine.start(RunTrigger::Request, RunMode::Full, None).await;
    let first = asked.unwrap().run;
    replica
        .wait_for(|run| run.id == first.id && run.progress.users_read > 5)
        .await;
    replica.stop().await;

    let replica = rig.quiet();
    let run = replica.sync().await;
    assert_eq!(run.verdict, Some(Verdict::Complete), "{hours} hours ago: {run:?}");
    assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    replica.stop().await;
    (run.id == first.id, run.counts.resumed_answers > 0)
}

both_databases!(
    async fn a_run_of_hours_ago_goes_on(database: TestDatabase) {
        assert_eq!(left_behind(database, 5).await, (true, true));
    }
);

both_databases!(
    async fn a_run_of_hours_ago_asks_again_what_is_old(database: TestDatabase) {
        assert_eq!(left_behind(database, 7).await, (true, false));
    }
);

both_databases!(
    async fn a_run_of_yesterday_is_not_gone_on_with(database: TestDatabase) {
        assert_eq!(left_behind(database, 25).await, (false, false));
    }
);

both_databases!(
    async fn an_answer_of_before_an_interruption_does_not_undo_what_was_read_since(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        rig.set(|settings| drop(settings.urls.remove(&Api::UserList)));
        rig.quiet().sync().await;
        let replica = rig.replica(on_request(), 20);
        let asked = replica.engine.start(RunTrigger::Request, RunMode::Full, None).await;
        let first = asked.unwrap().run;
        replica
            .wait_for(|run| run.id == first.id && run.progress.users_read > 20)
            .await;
        replica.stop().await;

        let kept = rig.store.answers(first.id, 0, 500).await.unwrap();
        let question = |line: &JournalLine| serde_json::from_str::<serde_json::Value>(&line.question).unwrap();
        let user = kept
            .iter()
            .find_map(|(_, line)| question(line)["User"].as_str().map(String::from));
        let user = user.expect("somebody was read");
        rig.edit(serde_json::json!({ "edit": "update_user", "userid": user, "fields": { "title": "总监" } }));

        let replica = rig.quiet();
        let loaded = rig.store.load_directory().await.unwrap();
        replica
            .snapshots
            .publish(Snapshot::build(loaded.revision, loaded.departments, loaded.users));
        replica.engine.refresh_user(user.as_str().into(), "test").await.unwrap();

        let run = replica.sync().await;
        assert_eq!((run.id, run.verdict), (first.id, Some(Verdict::Complete)), "{run:?}");
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);
