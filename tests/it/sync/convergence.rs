//! After a run the mirror is the company, whatever was done to it in between.

use std::collections::BTreeSet;

use dingmirror::directory::{GoneCause, RecordState, RunState, Snapshot, Verdict};
use serde_json::json;

use super::{
    company::{mirrored, real},
    rig::Rig,
};
use crate::support::database::TestDatabase;

both_databases!(
    async fn the_first_run_reads_the_whole_company_and_the_second_writes_nothing(database: TestDatabase) {
        let rig = Rig::new(database, 300, 30, None).await;
        let replica = rig.quiet();
        let run = replica.sync().await;
        assert_eq!(
            (run.state, run.verdict),
            (RunState::Finished, Some(Verdict::Complete)),
            "{run:?}"
        );
        assert_eq!((run.strategy.as_deref(), run.revision), (Some("BULK"), Some(1)));
        assert_eq!(
            (
                run.counts.departments_changed,
                run.counts.users_changed,
                run.counts.home_school_skipped
            ),
            (30, 300, 2)
        );
        assert_eq!((run.progress.departments_read, run.progress.users_read), (30, 300));
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));

        let again = replica.sync().await;
        assert_eq!(
            (again.verdict, again.revision, again.counts.users_changed),
            (Some(Verdict::Complete), None, 0)
        );
        assert_eq!(
            again.counts.calls.get("user_get"),
            None,
            "nobody's record is read again: {:?}",
            again.counts.calls
        );
        let of_lists = |run: &dingmirror::directory::SyncRun| run.evidence.as_ref().unwrap().users_by_list_alone;
        assert_eq!((of_lists(&run), of_lists(&again)), (0, 300), "and that is said");
        assert_eq!(replica.snapshot().revision(), 1);
        let stored = rig.store.run(again.id).await.unwrap().unwrap();
        assert_eq!(stored, *again, "the row says what was shown");

        // What another process would load is the same directory.
        let loaded = rig.store.load_directory().await.unwrap();
        let cold = Snapshot::build(loaded.revision, loaded.departments, loaded.users);
        assert_eq!(mirrored(&cold), mirrored(&replica.snapshot()));
    }
);

both_databases!(
    async fn every_kind_of_edit_arrives_by_bulk_reading(database: TestDatabase) {
        edits_arrive(database, true).await;
    }
);

both_databases!(
    async fn every_kind_of_edit_arrives_by_the_seven_urls(database: TestDatabase) {
        edits_arrive(database, false).await;
    }
);

async fn edits_arrive(database: &TestDatabase, bulk: bool) {
    let rig = Rig::new(database, 200, 30, None).await;
    if !bulk {
        rig.set(|settings| {
            settings.urls.remove(&dingmirror::settings::Api::UserList);
        });
    }

    let replica = rig.quiet();
    let first = replica.sync().await;
    assert_eq!(
        first.strategy.as_deref(),
        Some(if bulk { "BULK" } else { "SEVEN_URLS" })
    );

    let truth = rig.truth();
    let ids: Vec<&str> = truth["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["userid"].as_str().unwrap())
        .collect();
    let parents: BTreeSet<i64> = truth["departments"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["parent_id"].as_i64())
        .collect();
    let all: Vec<i64> = truth["departments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["dept_id"].as_i64().unwrap())
        .collect();
    let leaves: Vec<i64> = all
        .iter()
        .copied()
        .filter(|id| *id != 1 && !parents.contains(id))
        .collect();

    rig.edit(json!([
        { "edit": "hire", "userid": "newcomer", "departments": [leaves[0], leaves[1]] },
        { "edit": "leave", "userid": ids[10] },
        { "edit": "leave", "userid": ids[11] },
        { "edit": "move", "userid": ids[12], "departments": [leaves[2]] },
        { "edit": "update_user", "userid": ids[13], "fields": { "title": "首席架构师" } },
        { "edit": "create_department", "parent_id": 1, "name": "新事业部", "dept_id": 900_001 },
        { "edit": "rename_department", "dept_id": leaves[3], "name": "改名部" },
        { "edit": "move_department", "dept_id": leaves[3], "parent_id": 900_001 },
        { "edit": "remove_department", "dept_id": leaves[4] },
        { "edit": "merge_departments", "from": leaves[5], "into": leaves[0] },
    ]));

    let run = replica.sync().await;
    assert_eq!(run.verdict, Some(Verdict::Complete), "{:?}", run.findings);
    assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    let gone = replica.snapshot().user(ids[10]).unwrap().standing.clone();
    assert_eq!((gone.state, gone.cause), (RecordState::Gone, Some(GoneCause::Left)));
    assert_eq!(run.counts.removed, 4, "two people, two departments");
    assert_eq!(replica.sync().await.revision, None, "and then nothing differs");
}
