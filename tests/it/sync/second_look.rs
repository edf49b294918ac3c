//! Nobody is removed by what was true a while ago, or bit by bit.

use std::time::Duration;

use dingmirror::{
    directory::{DeptId, RecordState, UserId, Verdict},
    settings::Api,
};
use serde_json::{Value, json};

use super::{
    company::{mirrored, real},
    rig::{Replica, Rig},
};
use crate::support::database::TestDatabase;

/// People of the company, leaving out those who are in charge of anything.
/// A new department with these people, and nobody else.
async fn department_of(rig: &Rig, replica: &Replica, people: &[String]) -> DeptId {
    let before: Vec<i64> = departments(rig);
    rig.edit(json!({ "edit": "create_department", "parent_id": 1, "name": "Short lived" }));
    let new = departments(rig).into_iter().find(|id| !before.contains(id)).unwrap();
    let moves = people
        .iter()
        .map(|id| json!({ "edit": "move", "userid": id, "departments": [new] }));
    rig.edit(Value::Array(moves.collect()));
    replica.sync().await;
    assert_eq!(replica.snapshot().members(DeptId(new)).len(), people.len());
    DeptId(new)
}

fn departments(rig: &Rig) -> Vec<i64> {
    let truth = rig.truth();
    let all = truth["departments"].as_array().unwrap();
    all.iter().map(|it| it["dept_id"].as_i64().unwrap()).collect()
}

both_databases!(
    async fn somebody_who_was_gone_for_a_moment_is_not_removed_by_a_run(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        // Nothing else tells that somebody is missing.
        rig.set(|settings| drop(settings.urls.remove(&Api::UserCount)));
        let replica = rig.quiet();
        replica.sync().await;
        let ben = rig.people()[20].clone();

        // Changed, so that the run asks for their record.
        rig.edit(json!({ "edit": "update_user", "userid": ben, "fields": { "title": "Back again" } }));
        rig.fault(json!({
            "api": Api::UserGet.path(), "userid": ben, "count": 1,
            "kind": "errcode", "code": 60121, "msg": "找不到该用户", "wrapped": false,
        }));

        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        assert_eq!(replica.state(&ben), RecordState::Active);
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn gone_is_asked_again_before_a_long_reading_removes_anybody(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        let them = rig.people()[20..22].to_vec();
        let dept = department_of(&rig, &replica, &them).await;
        let [anna, ben] = [&them[0], &them[1]];

        rig.edit(json!({ "edit": "leave", "userid": anna }));
        rig.edit(json!({ "edit": "move", "userid": ben, "departments": [1] }));
        rig.edit(json!({ "edit": "remove_department", "dept_id": dept.0 }));
        rig.fault(json!({ "api": Api::UserGet.path(), "userid": ben, "count": 1, "kind": "slow", "ms": 7_000 }));

        let refresh = replica.engine.refresh_department(dept, "eve");
        let meanwhile = async {
            // Anna was found to be gone; now she is back with what the mirror has of her.
            tokio::time::sleep(Duration::from_secs(2)).await;
            rig.edit(json!({ "edit": "hire", "userid": anna, "departments": [1] }));
        };
        let (refreshed, ()) = tokio::join!(refresh, meanwhile);
        refreshed.unwrap();

        assert_eq!(replica.state(anna), RecordState::Active);
        assert_eq!(replica.state(ben), RecordState::Active);
        replica.sync().await;
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn what_others_wrote_while_a_department_was_read_stays(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        let them = rig.people()[20..22].to_vec();
        let dept = department_of(&rig, &replica, &them).await;
        let [anna, ben] = [&them[0], &them[1]];

        let moves = them
            .iter()
            .map(|id| json!({ "edit": "move", "userid": id, "departments": [1] }));
        rig.edit(Value::Array(moves.collect()));
        rig.edit(json!({ "edit": "remove_department", "dept_id": dept.0 }));
        rig.fault(json!({ "api": Api::UserGet.path(), "userid": ben, "count": 1, "kind": "slow", "ms": 2_500 }));

        let refresh = replica.engine.refresh_department(dept, "eve");
        let meanwhile = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            rig.edit(json!({ "edit": "update_user", "userid": anna, "fields": { "title": "Newer" } }));
            replica
                .engine
                .refresh_user(UserId::from(anna.as_str()), "eve")
                .await
                .unwrap();
        };
        let (refreshed, ()) = tokio::join!(refresh, meanwhile);
        refreshed.unwrap();

        let title = replica.snapshot().user(anna).unwrap().facts.title.clone();
        assert_eq!(title.as_deref(), Some("Newer"));
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn people_who_are_refreshed_away_one_by_one_meet_the_limits(database: TestDatabase) {
        let rig = Rig::new(database, 80, 8, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        let leavers = rig.people()[20..34].to_vec();
        let edits = leavers.iter().map(|id| json!({ "edit": "leave", "userid": id }));
        rig.edit(Value::Array(edits.collect()));

        for id in &leavers {
            replica
                .engine
                .refresh_user(UserId::from(id.as_str()), "eve")
                .await
                .unwrap();
        }
        let of = |wanted| leavers.iter().filter(|id| replica.state(id) == wanted).count();
        assert_eq!((of(RecordState::Gone), of(RecordState::Held)), (10, 4));

        // A run doesn't go on where the requests had to stop.
        let more = rig.people()[20..25].to_vec();
        let edits = more.iter().map(|id| json!({ "edit": "leave", "userid": id }));
        rig.edit(Value::Array(edits.collect()));
        let run = replica.sync().await;
        assert_eq!((run.verdict, run.counts.held), (Some(Verdict::Complete), 5), "{run:?}");
        assert!(more.iter().all(|id| replica.state(id) == RecordState::Held));
    }
);
