//! Whoever is moved out of what the settings select falls out by the event that tells of it.

use std::time::Duration;

use dingmirror::{
    directory::{DeptId, GoneCause, RecordState, RemovalLimits, RunMode, RunTrigger, SyncRun, Verdict},
    settings::{Api, Settings},
    sync::SyncConfig,
};
use serde_json::json;

use super::{
    removals::state,
    rig::{Replica, Rig},
    selected::unlimited,
};
use crate::support::database::TestDatabase;

const LEFT_OUT: i64 = 4_040;
const BELOW: i64 = 4_041;
const TEAM: i64 = 4_050;
const TEAM_BELOW: i64 = 4_051;

/// A company with a department that is left out, and a team with two people who are nowhere else.
async fn company(database: &TestDatabase) -> (Rig, Vec<String>) {
    let rig = Rig::new(database, 40, 8, None).await;
    let them = rig.people();
    rig.edit(json!([
        { "edit": "create_department", "parent_id": 1, "name": "Left out", "dept_id": LEFT_OUT },
        { "edit": "create_department", "parent_id": LEFT_OUT, "name": "Below it", "dept_id": BELOW },
        { "edit": "create_department", "parent_id": 1, "name": "Team", "dept_id": TEAM },
        { "edit": "create_department", "parent_id": TEAM, "name": "Below the team", "dept_id": TEAM_BELOW },
        { "edit": "move", "userid": them[0], "departments": [1] },
        { "edit": "move", "userid": them[1], "departments": [TEAM] },
        { "edit": "move", "userid": them[2], "departments": [TEAM_BELOW] },
        { "edit": "move", "userid": them[3], "departments": [TEAM_BELOW, 1] },
        { "edit": "move", "userid": them[4], "departments": [BELOW] },
    ]));
    (rig, them)
}

/// By events, and as many removals as there are.
fn by_events() -> SyncConfig {
    SyncConfig {
        events: true,
        ..unlimited()
    }
}

fn exclude(settings: &mut Settings) {
    settings.exclude_departments = [LEFT_OUT].into();
}

fn department(replica: &Replica, id: i64) -> (RecordState, Option<GoneCause>) {
    let snapshot = replica.snapshot();
    let standing = &snapshot.department(DeptId(id)).unwrap().standing;
    (standing.state, standing.cause)
}

const THERE: (RecordState, Option<GoneCause>) = (RecordState::Active, None);
const OUT: (RecordState, Option<GoneCause>) = (RecordState::Gone, Some(GoneCause::OutOfScope));

/// The events of these edits arrive and are acted upon.
async fn told(rig: &Rig, edits: serde_json::Value) {
    let before = rig.newest_event();
    rig.edit(edits);
    rig.deliver(before).await;
}

both_databases!(
    async fn a_person_who_is_moved_out_falls_out_and_comes_back(database: TestDatabase) {
        let (rig, them) = company(database).await;
        rig.set(exclude);
        let replica = rig.replica(by_events(), 10_000);
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));
        assert!(replica.snapshot().user(&them[4]).is_none(), "they were never in it");

        for place in [LEFT_OUT, BELOW] {
            told(
                &rig,
                json!({ "edit": "move", "userid": them[0], "departments": [place] }),
            )
            .await;
            assert_eq!(state(&replica, &them[0]), OUT, "in {place}");
            told(
                &rig,
                json!({ "edit": "move", "userid": them[0], "departments": [place, 1] }),
            )
            .await;
            assert_eq!(state(&replica, &them[0]), THERE, "in {place}, and elsewhere");
        }

        let run = replica.sync().await;
        assert_eq!(
            (run.verdict, run.counts.users_changed),
            (Some(Verdict::Complete), 0),
            "{run:?}"
        );
        replica.stop().await;
    }
);

both_databases!(
    async fn a_department_that_is_moved_out_is_left_to_a_run(database: TestDatabase) {
        let (rig, them) = company(database).await;
        rig.set(exclude);
        let replica = rig.replica(by_events(), 10_000);
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));

        // What is below it would have to be read, too, and once more when it is moved back.
        told(
            &rig,
            json!({ "edit": "move_department", "dept_id": TEAM, "parent_id": BELOW }),
        )
        .await;
        for id in [TEAM, TEAM_BELOW] {
            assert_eq!(department(&replica, id), THERE, "{id}");
        }
        told(
            &rig,
            json!({ "edit": "move_department", "dept_id": TEAM, "parent_id": 1 }),
        )
        .await;
        for id in &them[1..4] {
            assert_eq!(state(&replica, id), THERE, "{id}");
        }

        rig.edit(json!({ "edit": "move_department", "dept_id": TEAM, "parent_id": BELOW }));
        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        for id in [TEAM, TEAM_BELOW] {
            assert_eq!(department(&replica, id), OUT, "{id}");
        }
        for id in &them[1..3] {
            assert_eq!(state(&replica, id), OUT, "{id}");
        }
        assert_eq!(state(&replica, &them[3]), THERE, "they are elsewhere, too");
        replica.stop().await;
    }
);

both_databases!(
    async fn whoever_is_moved_out_beside_somebody_who_left_falls_out_with_them(database: TestDatabase) {
        let (rig, them) = company(database).await;
        rig.set(exclude);
        let replica = rig.replica(by_events(), 10_000);
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));

        // Who left is told at once, and asked again, because somebody else's answer takes longer than that is believed.
        rig.fault(json!({ "api": Api::UserGet.path(), "userid": them[6], "count": 1, "kind": "slow", "ms": 6_000 }));
        told(
            &rig,
            json!([
                { "edit": "leave", "userid": them[0] },
                { "edit": "move", "userid": them[1], "departments": [LEFT_OUT] },
                { "edit": "update_user", "userid": them[6], "fields": { "title": "Slow" } },
            ]),
        )
        .await;
        assert_eq!(state(&replica, &them[0]), (RecordState::Gone, Some(GoneCause::Left)));
        assert_eq!(state(&replica, &them[1]), OUT);
        replica.stop().await;
    }
);

both_databases!(
    async fn whoever_is_moved_out_of_what_is_included_falls_out(database: TestDatabase) {
        let (rig, them) = company(database).await;
        rig.set(|settings| settings.include_departments = [TEAM].into());
        let replica = rig.replica(by_events(), 10_000);
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));

        told(
            &rig,
            json!({ "edit": "move", "userid": them[1], "departments": [BELOW] }),
        )
        .await;
        assert_eq!(state(&replica, &them[1]), OUT);
        replica.stop().await;
    }
);

both_databases!(
    async fn whoever_the_scope_names_stays_wherever_they_are_moved(database: TestDatabase) {
        let (rig, them) = company(database).await;
        let scope = json!({ "authed_dept": [1], "authed_user": [them[0]] });
        assert!(rig.simulator.control().set_scope(scope).is_ok());
        rig.set(exclude);
        let replica = rig.replica(by_events(), 10_000);
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));

        told(
            &rig,
            json!({ "edit": "move", "userid": them[0], "departments": [LEFT_OUT] }),
        )
        .await;
        assert_eq!(state(&replica, &them[0]), THERE);

        told(
            &rig,
            json!({ "edit": "update_user", "userid": them[0], "fields": { "title": "Told of" } }),
        )
        .await;
        let snapshot = replica.snapshot();
        let facts = &snapshot.user(&them[0]).unwrap().facts;
        assert_eq!(
            facts.title.as_deref(),
            Some("Told of"),
            "what events tell of them is read"
        );

        // Where nobody says whom the scope names, a run settles it.
        rig.fault(
            json!({ "api": Api::AuthScopes.path(), "kind": "errcode", "code": 60_011, "msg": "没有调用该接口的权限" }),
        );
        told(
            &rig,
            json!({ "edit": "move", "userid": them[1], "departments": [LEFT_OUT] }),
        )
        .await;
        assert_eq!(state(&replica, &them[1]), THERE);
        rig.mend();
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));
        assert_eq!(state(&replica, &them[1]), OUT);
        assert_eq!(state(&replica, &them[0]), THERE);
        replica.stop().await;
    }
);

/// A full run that has read `them[1]`, and waits for somebody slow, while an event about them is acted upon and then
/// `after` happens, of which nobody is told. What became of them.
async fn moved_during_a_run(rig: &Rig, them: &[String], after: serde_json::Value) -> (SyncRun, Replica) {
    rig.set(exclude);
    let (syncing, _acting) = (rig.replica(unlimited(), 10_000), rig.replica(by_events(), 10_000));
    assert_eq!(syncing.sync().await.verdict, Some(Verdict::Complete));

    // Whoever looks otherwise in a list is asked for by themselves.
    rig.edit(json!({ "edit": "update_user", "userid": them[6], "fields": { "title": "Slow" } }));
    rig.fault(json!({ "api": Api::UserGet.path(), "userid": them[6], "count": 1, "kind": "slow", "ms": 6_000 }));
    let before = rig.newest_event();
    let asked = syncing.engine.start(RunTrigger::Request, RunMode::Full, None).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    rig.edit(json!({ "edit": "update_user", "userid": them[1], "fields": { "title": "Told of" } }));
    rig.deliver(before).await;
    rig.edit(after);

    let run = syncing.end_of(asked.unwrap().run.id).await;
    (SyncRun::clone(&run), syncing)
}

both_databases!(
    async fn whoever_a_run_finds_moved_out_when_it_reads_them_again_falls_out(database: TestDatabase) {
        let (rig, them) = company(database).await;
        let moved = json!({ "edit": "move", "userid": them[1], "departments": [BELOW] });
        let (run, replica) = moved_during_a_run(&rig, &them, moved).await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        assert_eq!(state(&replica, &them[1]), OUT);
        replica.stop().await;
    }
);

both_databases!(
    async fn a_run_reads_whom_the_scope_names_again_wherever_they_are(database: TestDatabase) {
        let (rig, them) = company(database).await;
        let scope = json!({ "authed_dept": [1], "authed_user": [them[1]] });
        assert!(rig.simulator.control().set_scope(scope).is_ok());
        let moved = json!([
            { "edit": "move", "userid": them[1], "departments": [BELOW] },
            { "edit": "update_user", "userid": them[1], "fields": { "title": "Not told of" } },
        ]);
        let (run, replica) = moved_during_a_run(&rig, &them, moved).await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        assert_eq!(state(&replica, &them[1]), THERE);
        let snapshot = replica.snapshot();
        let facts = &snapshot.user(&them[1]).unwrap().facts;
        assert_eq!(facts.title.as_deref(), Some("Not told of"));
        replica.stop().await;
    }
);

both_databases!(
    async fn a_run_is_not_complete_where_nobody_says_whom_the_scope_names(database: TestDatabase) {
        let (rig, them) = company(database).await;
        rig.set(exclude);
        let moved = json!({ "edit": "move", "userid": them[1], "departments": [BELOW] });
        // The run's own question at its start is answered.
        rig.fault(json!({
            "api": Api::AuthScopes.path(), "skip": 2, "kind": "errcode", "code": 60_011, "msg": "没有调用该接口的权限",
        }));
        let (run, replica) = moved_during_a_run(&rig, &them, moved).await;
        assert_eq!(state(&replica, &them[1]), THERE);
        assert_eq!(run.verdict, Some(Verdict::Partial), "{run:?}");
        rig.mend();
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));
        assert_eq!(state(&replica, &them[1]), OUT);
        replica.stop().await;
    }
);

both_databases!(
    async fn more_than_the_limits_wait_for_approval(database: TestDatabase) {
        let (rig, them) = company(database).await;
        rig.set(exclude);
        let few = SyncConfig {
            limits: RemovalLimits {
                count: 3,
                percent: 100,
                subtree: 3,
            },
            ..by_events()
        };
        let replica = rig.replica(few, 10_000);
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));

        let moved = &them[5..25];
        let edits = moved
            .iter()
            .map(|id| json!({ "edit": "move", "userid": id, "departments": [LEFT_OUT] }));
        told(&rig, edits.collect()).await;
        // How many that are depends on which events came together; a handful is never held.
        let states: Vec<RecordState> = moved.iter().map(|id| replica.state(id)).collect();
        let gone = states.iter().filter(|state| **state == RecordState::Gone).count();
        let held = states.iter().filter(|state| **state == RecordState::Held).count();
        assert_eq!(gone + held, moved.len(), "{states:?}");
        assert!(held >= 10, "{states:?}");
        replica.stop().await;
    }
);
