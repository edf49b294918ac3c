//! Between full runs: nothing is written where nothing changed, and what no event told is found.

use dingmirror::directory::{RunMode, RunState, Verdict};
use serde_json::json;

use super::{
    company::{mirrored, real},
    rig::Rig,
};
use crate::support::database::TestDatabase;

/// Leaves the seven URLs alone.
fn without_bulk(rig: &Rig) {
    rig.set(|settings| {
        settings.urls.remove(&dingmirror::settings::Api::UserList);
    });
}

both_databases!(
    async fn with_nothing_changed_no_row_is_written_and_no_revision_taken(database: TestDatabase) {
        let rig = Rig::new(database, 120, 15, None).await;
        let replica = rig.quiet();
        for bulk in [true, false] {
            if !bulk {
                without_bulk(&rig);
            }
            replica.sync().await;
            let (before, seq) = (
                rig.store.load_directory().await.unwrap(),
                rig.store.last_change_seq().await.unwrap(),
            );

            let run = replica.run(RunMode::Reconcile).await;
            assert_eq!(
                (run.state, run.verdict, run.revision),
                (RunState::Finished, Some(Verdict::Complete), None),
                "{run:?}"
            );
            assert_eq!(rig.store.load_directory().await.unwrap(), before);
            assert_eq!(rig.store.last_change_seq().await.unwrap(), seq);
            assert_eq!(run.counts.departments_changed + run.counts.users_changed, 0);
        }
    }
);

both_databases!(
    async fn the_structure_pass_reads_whoever_differs_and_no_one_else(database: TestDatabase) {
        let rig = Rig::new(database, 150, 20, None).await;
        without_bulk(&rig);
        let replica = rig.replica(
            dingmirror::sync::SyncConfig {
                verify_per_hour: 0,
                ..crate::sync::rig::on_request()
            },
            10_000,
        );
        replica.sync().await;

        let truth = rig.truth();
        let id = |n: usize| truth["users"][n]["userid"].clone();
        let department = |n: usize| truth["departments"][n]["dept_id"].clone();
        rig.edit(json!([
            { "edit": "hire", "userid": "newcomer", "departments": [department(3)] },
            { "edit": "leave", "userid": id(40) },
            { "edit": "move", "userid": id(41), "departments": [department(7)] },
            { "edit": "rename_department", "dept_id": department(4), "name": "新部门" },
        ]));

        let before = rig.calls("/topapi/v2/user/get");
        let run = replica.run(RunMode::Reconcile).await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
        let asked = rig.calls("/topapi/v2/user/get") - before;
        assert!(asked <= 4, "{asked} records were read for three people");
    }
);

both_databases!(
    async fn what_no_list_says_is_found_within_a_round_of_rereading(database: TestDatabase) {
        let rig = Rig::new(database, 90, 10, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        let truth = rig.truth();
        let id = truth["users"][50]["userid"].as_str().unwrap().to_owned();
        let manager = truth["users"][1]["userid"].clone();

        // No list says who somebody's manager is, and no event is taken in here.
        rig.edit(json!({ "edit": "update_user", "userid": id, "fields": { "manager_userid": manager } }));
        assert_eq!(replica.sync().await.revision, None, "a full run by lists can't see it");
        let run = replica.run(RunMode::Reconcile).await;
        assert_eq!(run.counts.users_changed, 1, "{run:?}");
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));

        // The budget of an hour is spent: the next one, at once, reads nobody.
        let before = rig.calls("/topapi/v2/user/get");
        replica.run(RunMode::Reconcile).await;
        assert!(rig.calls("/topapi/v2/user/get") - before <= 5);
    }
);

both_databases!(
    async fn a_full_run_of_the_timer_takes_its_turn_in_the_round(database: TestDatabase) {
        let rig = Rig::new(database, 90, 10, None).await;
        let replica = rig.quiet();
        let mut old = (*replica.sync().await).clone();
        replica.stop().await;
        old.started_at -= chrono::Duration::hours(25);
        rig.store.update_run(&old, None).await.unwrap();

        let truth = rig.truth();
        let id = truth["users"][50]["userid"].as_str().unwrap().to_owned();
        let manager = truth["users"][1]["userid"].clone();
        rig.edit(json!({ "edit": "update_user", "userid": id, "fields": { "manager_userid": manager } }));

        let config = dingmirror::sync::SyncConfig {
            interval: Some(std::time::Duration::from_secs(3_600)),
            ..crate::sync::rig::on_request()
        };
        let replica = rig.replica(config, 10_000);
        let run = replica
            .wait_for(|run| run.id != old.id && run.state == RunState::Finished)
            .await;
        assert_eq!((run.mode, run.counts.users_changed), (RunMode::Full, 1), "{run:?}");
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);
