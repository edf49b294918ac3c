//! An approval acts on what DingTalk says when it is carried out, not on what it said when the removal was held.

use std::time::{Duration, Instant};

use dingmirror::{
    directory::{Decision, DeptId, GoneCause, HeldRemoval, RecordId, RecordState},
    settings::Api,
    sync::RemovalSelection,
};
use serde_json::json;

use super::{
    company::{mirrored, real},
    removals::{forty_leavers, state},
    rig::{Replica, Rig},
};
use crate::support::database::TestDatabase;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn ids(removals: &[HeldRemoval]) -> Vec<&str> {
    let users = removals.iter().map(|it| it.record.user().expect("only people left"));
    users.map(|id| id.as_str()).collect()
}

/// No removal waits any more, and the replica shows that this person is gone.
async fn until_carried_out(rig: &Rig, replica: &Replica, leaver: &str) {
    let started = Instant::now();
    while !rig.store.held_removals().await.unwrap().is_empty() || state(replica, leaver).0 != RecordState::Gone {
        assert!(started.elapsed() < PATIENCE, "{leaver} waits on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

both_databases!(
    async fn whoever_is_there_again_when_it_is_approved_is_not_removed(database: TestDatabase) {
        let (rig, replica, leavers) = forty_leavers(database).await;
        // Hired again in a department that is new, and no event tells.
        rig.edit(json!([
            { "edit": "create_department", "dept_id": 987_654, "name": "新设部", "parent_id": 1 },
            { "edit": "hire", "userid": leavers[0], "departments": [987_654] },
        ]));
        rig.fault(json!({ "api": Api::UserGet.path(), "userid": leavers[1], "kind": "busy" }));
        rig.fault(json!({
            "api": Api::UserGet.path(), "userid": leavers[2],
            "kind": "errcode", "code": 50002, "msg": "请求的员工userid不在授权范围内", "wrapped": false,
        }));

        let decided = replica.decide(&RemovalSelection::All, Decision::Approve).await;
        assert_eq!(decided.removals.len(), 38, "{decided:?}");
        assert_eq!(ids(&decided.back), [leavers[0].as_str()]);
        assert_eq!(
            (ids(&decided.remaining), &decided.trouble),
            (vec![leavers[1].as_str()], &None)
        );

        assert_eq!(state(&replica, &leavers[0]), (RecordState::Active, None));
        let snapshot = replica.snapshot();
        assert_eq!(
            snapshot.members(DeptId(987_654)),
            [leavers[0].as_str().into()],
            "and where they are now"
        );
        assert_eq!(state(&replica, &leavers[1]).0, RecordState::Held);
        assert_eq!(
            state(&replica, &leavers[2]),
            (RecordState::Gone, Some(GoneCause::OutOfScope)),
            "the cause is what is true now"
        );
        assert_eq!(ids(&rig.store.held_removals().await.unwrap()), [leavers[1].as_str()]);

        // Whoever remained is asked for again in the background, too: one of the two carries it out.
        rig.mend();
        let decided = replica.decide(&RemovalSelection::All, Decision::Approve).await;
        assert_eq!(decided.back.len(), 0);
        until_carried_out(&rig, &replica, &leavers[1]).await;
        assert_eq!(state(&replica, &leavers[1]), (RecordState::Gone, Some(GoneCause::Left)));
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn nothing_is_removed_while_dingtalk_is_away(database: TestDatabase) {
        let (rig, replica, leavers) = forty_leavers(database).await;
        rig.fault(json!({ "api": Api::UserGet.path(), "kind": "html_ban" }));
        let decided = replica.decide(&RemovalSelection::All, Decision::Approve).await;
        assert_eq!(
            (decided.removals.len(), decided.remaining.len(), decided.revision),
            (0, 40, None)
        );
        assert!(decided.trouble.is_some(), "{decided:?}");
        assert!(leavers.iter().all(|id| state(&replica, id).0 == RecordState::Held));
        assert_eq!(rig.store.held_removals().await.unwrap().len(), 40);
    }
);

both_databases!(
    async fn whoever_is_in_a_department_that_did_not_answer_is_not_taken_for_left_out(database: TestDatabase) {
        let (rig, replica, leavers) = forty_leavers(database).await;
        rig.set(|settings| settings.include_departments = [1].into());
        rig.edit(json!([
            { "edit": "create_department", "dept_id": 987_654, "name": "新设部", "parent_id": 1 },
            { "edit": "hire", "userid": leavers[0], "departments": [987_654] },
        ]));
        rig.fault(json!({ "api": Api::DepartmentGet.path(), "dept_id": 987_654, "kind": "busy" }));

        let only = RemovalSelection::Records(vec![RecordId::User(leavers[0].as_str().into())]);
        let decided = replica.decide(&only, Decision::Approve).await;
        assert_eq!(ids(&decided.remaining), [leavers[0].as_str()], "{decided:?}");
        assert_eq!(state(&replica, &leavers[0]).0, RecordState::Held);

        rig.mend();
        // Asked for in the background, too: one of the two finds that they are there again.
        replica.decide(&only, Decision::Approve).await;
        let started = Instant::now();
        while state(&replica, &leavers[0]) != (RecordState::Active, None) {
            assert!(started.elapsed() < PATIENCE, "{:?}", state(&replica, &leavers[0]));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
);

#[tokio::test]
async fn what_cannot_be_asked_in_time_is_approved_in_the_background() {
    let database = TestDatabase::sqlite().await;
    let (rig, replica, leavers) = forty_leavers(&database).await;
    // Eight at a time: forty take longer than anybody is kept waiting.
    rig.fault(json!({ "api": Api::UserGet.path(), "kind": "slow", "ms": 4_000, "count": 24 }));
    let started = Instant::now();
    let decided = replica.decide(&RemovalSelection::All, Decision::Approve).await;
    assert!(started.elapsed() < Duration::from_secs(14), "{:?}", started.elapsed());
    assert_eq!((decided.remaining.len(), &decided.trouble), (40, &None), "{decided:?}");
    until_carried_out(&rig, &replica, &leavers[39]).await;
    replica.stop().await;
}
